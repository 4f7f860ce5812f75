// Ten tabs at once, as a browser opens them that restores its session.
import assert from 'node:assert/strict';
import test from 'node:test';
import { loginThere, provider, secret } from './idp.mjs';
import { app, browser, caddy, global, login, port, press, until } from './rig.mjs';

const tabs = Array.from({ length: 10 }, (_, i) => i);

async function house(t, gatehouse, users) {
  const [p, idp] = [await port(), await port()];
  const legacy = await app(t);
  const at = { auth: `http://auth.localhost:${p}`, site: `http://app.localhost:${p}`, idp };
  await caddy(t, global(`issuer ${at.auth}\n\t\t${gatehouse(at)}`) + `
${at.auth} {
	gatehouse_portal
}
${at.site} {
	gatehouse
	reverse_proxy ${legacy.address}
}
`, users);
  return at;
}

test('ten tabs, one password: each ends where it began', async (t) => {
  const { site } = await house(t, () => 'users', [['alice', '--name', 'Alice A']]);
  const context = await browser(t);
  const pages = await Promise.all(tabs.map(() => context.newPage()));
  await Promise.all(pages.map((page, i) => page.goto(`${site}/tab?${i}`)));
  await login(pages[5], 'alice');
  await pages[5].waitForURL(`${site}/tab?5`);
  // Some people reload the others, some type their password again.
  await Promise.all(pages.map(async (page, i) => {
    if (i === 5) return;
    await (i % 2 ? page.reload() : login(page, 'alice'));
    await page.waitForURL(`${site}/tab?${i}`);
  }));
  await Promise.all(pages.map(async (page, i) => {
    await page.goto(`${site}/later?${i}`);
    assert.equal(page.url(), `${site}/later?${i}`); // all of them stay signed in
    assert.equal(await page.textContent('h1'), 'Hello Alice A');
  }));
});

test('ten tabs, one password in all of them at the same instant', async (t) => {
  const { site } = await house(t, () => 'users', [['alice', '--name', 'Alice A']]);
  const context = await browser(t);
  const pages = await Promise.all(tabs.map(() => context.newPage()));
  await Promise.all(pages.map((page, i) => page.goto(`${site}/tab?${i}`)));
  await Promise.all(pages.map(async (page, i) => {
    await login(page, 'alice');
    await page.waitForURL(`${site}/tab?${i}`);
    assert.equal(await page.textContent('h1'), 'Hello Alice A');
  }));
});

test('ten tabs go to the provider and come back at the same instant', async (t) => {
  const { auth, site, idp } = await house(t, ({ idp }) => `provider oidc work {
			issuer http://localhost:${idp}
			client_id gatehouse
			client_secret ${secret}
			allow_private
		}`);
  await provider(t, idp, `${auth}/callback/work`);
  const context = await browser(t);
  const pages = await Promise.all(tabs.map(() => context.newPage()));
  await until(async () => { // the provider was started after Caddy
    await pages[0].goto(site + '/');
    return pages[0].url().startsWith(`http://localhost:${idp}/`);
  }, 'the provider has been found');
  await loginThere(pages[0], 'bob');
  await pages[0].waitForURL(site + '/');
  // The provider still knows them, we don't.
  for (const domain of ['auth.localhost', 'app.localhost']) await context.clearCookies({ domain });
  await Promise.all(pages.map(async (page, i) => {
    await page.goto(`${site}/tab?${i}`);
    await page.waitForURL(`${site}/tab?${i}`);
    assert.equal(await page.textContent('h1'), 'Hello Provided bob');
  }));
  const trips = (await context.cookies()).filter((c) => c.name.includes('-provider-'));
  assert.deepEqual(trips, []);
});

test('a logout ends the WebSockets and event streams of open pages, on every host', async (t) => { // SES-09
  const { auth, site } = await house(t, () => 'users', [['alice', '--name', 'Alice A']]);
  const context = await browser(t);
  const page = await context.newPage();
  await page.goto(site + '/');
  await login(page, 'alice');
  await page.waitForURL(site + '/');
  assert.deepEqual(await page.evaluate(() => {
    const first = (target) => new Promise((done, fail) => {
      target.addEventListener('message', (e) => done(e.data));
      target.addEventListener('error', () => fail(new Error('refused')));
    });
    const socket = new WebSocket(location.href.replace(/^http/, 'ws') + 'ws');
    const stream = new EventSource('/events');
    window.ended = { socket: new Promise((done) => { socket.onclose = done; }), stream: new Promise((done) => { stream.onerror = () => done(stream.close()); }) };
    window.open = true;
    Promise.all(Object.values(window.ended)).then(() => { window.open = false; });
    return Promise.all([first(socket), first(stream)]);
  }), ['hello alice', 'hello alice']);
  await page.waitForTimeout(1000);
  assert.equal(await page.evaluate(() => window.open), true, 'they ended by themselves');
  const other = await context.newPage();
  await other.goto(auth + '/logout');
  await press(other, 'button[value=logout]');
  await page.waitForFunction(() => window.open === false);
  const refused = await page.evaluate(() => new Promise((done) => {
    const socket = new WebSocket(location.href.replace(/^http/, 'ws') + 'ws');
    socket.onopen = () => done('opened');
    socket.onerror = () => done('refused');
  }));
  assert.equal(refused, 'refused');
});
