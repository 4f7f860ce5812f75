// oidc-provider, a certified OpenID Provider, as the place where people log in.
import assert from 'node:assert/strict';
import test from 'node:test';
import { loginThere, provider, secret } from './idp.mjs';
import { app, browser, caddy, global, login, port, press, until } from './rig.mjs';

async function house(t, up, gatehouse, more = '') {
  const [p, idp] = [await port(), await port()];
  const legacy = await app(t);
  const at = { auth: `http://auth.localhost:${p}`, site: `http://app.localhost:${p}`, idp };
  at.op = up ? await provider(t, idp, `${at.auth}/callback/work`) : null;
  const running = await caddy(t, global(`issuer ${at.auth}
		provider oidc work {
			issuer http://localhost:${idp}
			client_id gatehouse
			client_secret ${secret}
			title "ACME account"
			allow_private
			map_group ops admins
			${more}
		}
		${gatehouse}`) + `
${at.auth} {
	gatehouse_portal
}
${at.site} {
	gatehouse
	reverse_proxy ${legacy.address}
}
`, gatehouse.includes('users') ? [['alice', '--name', 'Alice A']] : []);
  return { ...at, ...running, app: legacy };
}

test('the only provider is gone to at once; the account is made and mapped', async (t) => {
  const { site, app: legacy, idp } = await house(t, true, '');
  const page = await (await browser(t)).newPage();
  await page.goto(site + '/x?y=1');
  assert.ok(page.url().startsWith(`http://localhost:${idp}/`), page.url());
  await loginThere(page, 'bob');
  await page.waitForURL(site + '/x?y=1');
  assert.equal(await page.textContent('h1'), 'Hello Provided bob');
  const { headers } = legacy.seen.findLast((r) => r.url === '/x?y=1');
  assert.equal(headers['remote-user'], 'bob');
  assert.equal(headers['remote-groups'], 'admins,work/people'); // AUZ-02
});

test('a chooser, and a name that is taken becomes name@provider', async (t) => {
  const { site, app: legacy, run } = await house(t, true, 'users');
  const page = await (await browser(t)).newPage();
  await page.goto(site + '/');
  await press(page, 'text=ACME account');
  await loginThere(page, 'alice');
  await page.waitForURL(site + '/');
  assert.equal(legacy.seen.findLast((r) => r.url === '/').headers['remote-user'], 'alice@work'); // FED-06
  const users = run('', 'user', 'list', '--json');
  assert.ok(users.includes('"alice"') && users.includes('"alice@work"'), users);
});

test('to stay signed in is ticked here before going there, and only counts then', async (t) => { // SES-15
  const { site, auth } = await house(t, true, 'users');
  for (const ticked of [false, true]) {
    const context = await browser(t);
    const page = await context.newPage();
    await page.goto(site + '/');
    if (ticked) await page.check('input[name=remember]');
    await press(page, 'text=ACME account');
    await loginThere(page, 'bob');
    await page.waitForURL(site + '/');
    const days = (await context.cookies(auth)).filter((c) => /^gatehouse-\d+$/.test(c.name)).map((c) => (c.expires - Date.now() / 1000) / 86400);
    assert.equal(days.length, 1);
    assert.equal(days[0] > 20, ticked, `${days[0]} days`);
  }
});

test('a logout there ends the session that came of it here, at once and no other', async (t) => { // SES-13
  const { site, idp, op } = await house(t, true, '');
  const enter = async (user) => {
    const page = await (await browser(t)).newPage();
    await page.goto(site + '/');
    await loginThere(page, user);
    await page.waitForURL(site + '/');
    return page;
  };
  const [bob, again, carol] = [await enter('bob'), await enter('bob'), await enter('carol')];
  const told = new Promise((done, fail) => op.once('backchannel.success', done).once('backchannel.error', (_, err) => fail(err)));
  await bob.goto(`http://localhost:${idp}/session/end`);
  await press(bob, 'button[name=logout]');
  await told;
  await bob.goto(site + '/');
  assert.ok(bob.url().startsWith(`http://localhost:${idp}/`), bob.url());
  for (const page of [again, carol]) {
    await page.goto(site + '/');
    assert.equal(page.url(), site + '/');
  }
});

test('after a logout here the page leads to the logout there', async (t) => {
  const { site, auth, idp } = await house(t, true, '');
  const page = await (await browser(t)).newPage();
  await page.goto(site + '/');
  await loginThere(page, 'bob');
  await page.waitForURL(site + '/');
  await page.goto(auth + '/logout');
  await press(page, 'button[value=logout]');
  await press(page, 'text=Sign out there too');
  assert.ok(page.url().startsWith(`http://localhost:${idp}/session/end`), page.url());
  await press(page, 'button[name=logout]');
  await page.goto(site + '/');
  assert.equal(await page.locator('input[name=login]').count(), 1); // somebody has to log in there again
});

test('cancelled there: a friendly page and a way to start again', async (t) => {
  const { site, auth } = await house(t, true, 'users');
  const page = await (await browser(t)).newPage();
  await page.goto(site + '/');
  await press(page, 'text=ACME account');
  await press(page, 'text=/cancel/i');
  assert.ok(page.url().startsWith(auth), page.url());
  await page.goto(site + '/');
  await login(page, 'alice');
  await page.waitForURL(site + '/');
});

test('the provider is down: Caddy starts, the page says so, others get in, and it comes back', async (t) => {
  const { site, auth, idp } = await house(t, false, 'users');
  const page = await (await browser(t)).newPage();
  await until(async () => {
    await page.goto(site + '/');
    return /can.t be reached/.test(await page.textContent('body'));
  }, 'the page says that the provider is down');
  await login(page, 'alice'); // FED-13
  await page.waitForURL(site + '/');
  await provider(t, idp, `${auth}/callback/work`);
  const other = await (await browser(t)).newPage();
  await until(async () => {
    await other.goto(site + '/');
    return other.locator('button:has-text("ACME account")').count();
  }, 'the provider is back');
  await press(other, 'text=ACME account');
  await loginThere(other, 'carol');
  await other.waitForURL(site + '/');
});

test('a callback without its browser, or used twice, signs nobody in', async (t) => {
  const { site, auth } = await house(t, true, '');
  const page = await (await browser(t)).newPage();
  let callback;
  page.on('request', (r) => { if (r.url().startsWith(`${auth}/callback/`)) callback = r.url(); });
  await page.goto(site + '/');
  await loginThere(page, 'bob');
  await page.waitForURL(site + '/');
  const victim = await (await browser(t)).newPage();
  const answer = await victim.goto(callback); // FED-01, FED-02
  assert.ok(answer.status() >= 400 && answer.status() < 500, String(answer.status()));
  const cookies = await victim.context().cookies();
  assert.ok(!cookies.some((c) => /^gatehouse-\d+$/.test(c.name)), JSON.stringify(cookies));
  const again = await page.goto(callback); // FED-03
  assert.ok(again.status() < 500);
});
