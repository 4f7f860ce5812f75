// What clients' pages learn of a logout in the browser itself: by the frame
// that they watch (Session Management), and by the frame that they are shown in
// (Front-Channel Logout).
import assert from 'node:assert/strict';
import test from 'node:test';
import { accessible, app, browser, caddy, global, login, port, shot, withForeignCookies } from './rig.mjs';

const alice = ['alice', '--name', 'Alice A'];
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'; // RFC 7636, appendix B

// watched is a login host with one client whose pages are at a host of its own.
async function watched(t, { scheme, host, clientHost, word }) {
  const p = await port();
  const legacy = await app(t);
  const at = { auth: `${scheme}://${host}:${p}`, redirect: `http://${clientHost}:${legacy.port}/callback` };
  await caddy(t, global(`issuer ${at.auth}
		users
		${word}
		client wiki {
			first_party
			public
			redirect_uri ${at.redirect}
		}`, scheme === 'https' ? 'local_certs\n\tauto_https disable_redirects' : '') + `
${at.auth} {
	gatehouse_portal
}
`, [alice]);
  at.ask = (more = {}) => at.auth + '/authorize?' + new URLSearchParams({
    client_id: 'wiki', redirect_uri: at.redirect, response_type: 'code', scope: 'openid', state: 'S', nonce: 'N',
    code_challenge: challenge, code_challenge_method: 'S256', ...more,
  });
  return at;
}

const back = (page, at) => page.waitForURL((url) => url.href.startsWith(at.redirect)).then(() => new URL(page.url()).searchParams);

// frame puts the check-session page into a page of the client.
const frame = (page, src) => page.evaluate((src) => new Promise((done) => {
  const f = document.createElement('iframe');
  f.hidden = true;
  f.onload = done;
  f.src = src;
  document.body.append(f);
}), src);

// status is what the frame says of a client and a session_state.
const status = (page, state, client = 'wiki') => page.evaluate((message) => new Promise((done) => {
  const f = document.querySelector('iframe'), at = new URL(f.src).origin;
  addEventListener('message', (e) => e.origin === at && done(e.data), { once: true });
  f.contentWindow.postMessage(message, at);
}), `${client} ${state}`);

for (const [name, how] of Object.entries({
  'on the same site': { scheme: 'http', host: 'auth.localhost', clientHost: 'wiki.auth.localhost', word: 'check_session', open: browser },
  'on another site': { scheme: 'https', host: 'auth.example.test', clientHost: 'localhost', word: 'check_session cross_site', open: withForeignCookies },
})) {
  test(`a client's page ${name} sees unchanged, and changed after logout`, async (t) => {
    const at = await watched(t, how);
    const context = await how.open(t);
    const [page, other] = [await context.newPage(), await context.newPage()];
    const complaints = [];
    page.on('console', (m) => m.type() === 'error' && complaints.push(m.text()));
    await page.goto(at.ask());
    await login(page, 'alice');
    const state = (await back(page, at)).get('session_state');
    assert.match(state, /^[\w-]{43}\.[\w-]{22,}$/);
    await frame(page, at.auth + '/check_session');
    assert.equal(await status(page, state), 'unchanged');
    assert.equal(await status(page, state), 'unchanged');
    assert.equal(await status(page, state, 'other'), 'changed');
    assert.equal(await status(page, 'nonsense'), 'error');

    // Asking again changes nothing, in a frame neither.
    await other.goto(at.ask({ prompt: 'none' }));
    const again = (await back(other, at)).get('session_state');
    assert.notEqual(again, state);
    assert.equal(await status(page, again), 'unchanged');
    await page.evaluate((src) => new Promise((done) => {
      const f = document.createElement('iframe');
      f.onload = done;
      f.src = src;
      document.body.append(f);
    }), at.ask({ prompt: 'none' }));
    assert.equal(await status(page, state), 'unchanged');

    await other.goto(at.auth + '/logout');
    await other.click('button[value=logout]');
    await other.waitForURL(/\/logout/);
    assert.equal(await status(page, state), 'changed');

    await other.goto(at.ask({ prompt: 'none' }));
    const nobody = await back(other, at);
    assert.equal(nobody.get('error'), 'login_required');
    assert.equal(await status(page, nobody.get('session_state')), 'unchanged');
    await other.goto(at.ask());
    await login(other, 'alice');
    await back(other, at);
    assert.equal(await status(page, nobody.get('session_state')), 'changed');
    assert.equal(await status(page, state), 'changed', 'a new login is another state');
    assert.deepEqual(complaints.filter((c) => !c.includes('favicon')), []);
  });
}

test('a page of nobody we know gets no frame', async (t) => {
  const at = await watched(t, { scheme: 'http', host: 'auth.localhost', clientHost: 'wiki.auth.localhost', word: 'check_session' });
  const page = await (await browser(t)).newPage();
  await page.goto(at.redirect.replace('wiki.auth', 'evil.auth'));
  const refused = page.waitForEvent('console', (m) => m.text().includes('frame-ancestors'));
  await page.evaluate((src) => {
    const f = document.createElement('iframe');
    f.src = src;
    document.body.append(f);
  }, at.auth + '/check_session');
  await refused;
});

// left is a login host whose person has opened a guarded site and two clients,
// of which one never answers when it is told of the logout.
async function left(t, context) {
  const p = await port();
  const legacy = await app(t);
  const client = `http://localhost:${legacy.port}`;
  const at = { auth: `http://auth.localhost:${p}`, site: `http://app.localhost:${p}`, bye: client + '/bye', app: legacy };
  const block = (id, path) => `client ${id} {
			name "The ${id}"
			first_party
			public
			redirect_uri ${client}/callback
			post_logout_redirect_uri ${at.bye}
			frontchannel_logout_uri ${client}/${path}
		}`;
  await caddy(t, global(`issuer ${at.auth}\n\t\tusers\n\t\t${block('wiki', 'out')}\n\t\t${block('sloth', 'hang')}`) + `
${at.auth} {
	gatehouse_portal
}
${at.site} {
	gatehouse
	reverse_proxy ${legacy.address}
}
`, [alice]);
  const page = await context.newPage();
  await page.goto(at.site + '/');
  await login(page, 'alice');
  await page.waitForURL(at.site + '/');
  for (const id of ['sloth', 'wiki']) {
    await page.goto(at.auth + '/authorize?' + new URLSearchParams({
      client_id: id, redirect_uri: client + '/callback', response_type: 'code', scope: 'openid', state: 'S', nonce: 'N',
      code_challenge: challenge, code_challenge_method: 'S256',
    }));
    await page.waitForURL((url) => url.searchParams.has('code'));
  }
  // shown waits until both clients were shown in their frames.
  at.shown = async () => {
    for (const path of ['/out?', '/hang?']) {
      const seen = () => legacy.seen.find((r) => r.url.startsWith(path));
      for (let i = 0; i < 100 && !seen(); i++) await new Promise((r) => setTimeout(r, 50));
      assert.ok(seen(), path);
      const query = new URL(seen().url, client).searchParams;
      assert.equal(query.get('iss'), at.auth);
      assert.ok(query.get('sid'));
      assert.equal(seen().headers.referer, undefined); // WEB-06
    }
  };
  return { ...at, page };
}

for (const javaScriptEnabled of [true, false]) {
  const script = javaScriptEnabled ? 'with' : 'without';

  test(`a logout at a guarded site shows clients in frames, ${script} script`, async (t) => {
    const context = await browser(t, { javaScriptEnabled });
    const { page, site, auth, shown } = await left(t, context);
    const complaints = [];
    page.on('console', (m) => complaints.push(m.text()));
    await page.goto(site + '/.gatehouse/logout');
    await page.click('button[value=logout]', { noWaitAfter: true });
    await page.locator('iframe').first().waitFor({ state: 'attached' });
    await shown();
    assert.ok(page.url().startsWith(auth + '/logout'), page.url());
    if (javaScriptEnabled) await accessible(page, 'logged out');
    await shot(page, 'logged-out-frames');
    assert.deepEqual(complaints.filter((c) => !c.includes('favicon')), []);
    await page.click('a.button.main'); // the page is usable though a frame hangs
    await page.waitForURL(/\/login/);
  });

  test(`a logout at a client's wish goes on though a frame hangs, ${script} script`, async (t) => {
    const context = await browser(t, { javaScriptEnabled });
    const { page, auth, bye, shown } = await left(t, context);
    await page.goto(auth + '/end_session?' + new URLSearchParams({ client_id: 'wiki', post_logout_redirect_uri: bye, state: 'S' }));
    await page.click('button[value=logout]', { noWaitAfter: true });
    await shown();
    if (!javaScriptEnabled) await page.click('a.button.main');
    await page.waitForURL(bye + '?state=S', { timeout: 10000 });
  });
}
