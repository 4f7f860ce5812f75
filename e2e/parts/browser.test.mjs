// A person with a real browser: what they click, what they see, and that
// everybody can use it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { app, browser, caddy, global, login, password, port, press, singleSite } from './rig.mjs';

test('two lines: a deep link, a wrong password, the right one, logout', async (t) => {
  const { site, app: legacy } = await singleSite(t);
  const page = await (await browser(t)).newPage();
  await page.goto(site + '/deep?x=1');
  await login(page, 'alice', 'wrong');
  assert.equal(await page.inputValue('input[name=password]'), '');
  await login(page, 'Alice');
  await page.waitForURL(site + '/deep?x=1');
  assert.equal(await page.textContent('h1'), 'Hello Alice A');
  const visible = await page.evaluate(() => document.cookie);
  assert.equal(visible, '', 'scripts see a cookie'); // COO-03
  await page.goto(site + '/.gatehouse/logout');
  await press(page, 'button[value=logout]');
  await page.goto(site + '/deep');
  assert.match(page.url(), /\/login/);
  assert.ok(legacy.seen.every((r) => !String(r.headers.cookie).includes('gatehouse')));
});

test('the setup link makes the first account and is then closed', async (t) => {
  const { site, run } = await singleSite(t, []);
  const link = run('', 'setup').match(/http\S+/)[0];
  const context = await browser(t);
  const page = await context.newPage();
  await page.goto(link);
  await page.goto(link); // opening consumes nothing
  await page.fill('input[name=username]', 'root');
  await page.fill('input[name=name]', 'Rosa Root');
  await page.fill('input[name=email]', 'rosa@example.com');
  await page.fill('input[name=password]', password);
  if (await page.locator('input[name=password_confirm]').count()) await page.fill('input[name=password_confirm]', password);
  await press(page, 'button[value=setup]');
  await page.goto(site + '/');
  if (page.url().includes('/login')) await login(page, 'root');
  assert.equal(await page.textContent('h1'), 'Hello Rosa Root');
  const answer = await page.goto(link);
  assert.ok(answer.status() >= 400);
});

test('the back button, a second tab and a bookmarked login are no dead ends', async (t) => {
  const { site } = await singleSite(t);
  const context = await browser(t);
  const [one, two] = [await context.newPage(), await context.newPage()];
  await one.goto(site + '/one');
  await two.goto(site + '/two');
  const bookmark = one.url();
  await login(two, 'alice');
  await two.waitForURL(site + '/two');
  await login(one, 'alice'); // the page was open before the login in the other tab
  await one.waitForURL(site + '/one');
  await one.goBack();
  await one.goto(bookmark);
  await one.waitForURL(site + '/one');
  await context.clearCookies();
  await one.goto(bookmark);
  await context.clearCookies(); // the form's cookie is gone: an expired page
  await login(one, 'alice');
  if (one.url().includes('/login')) await login(one, 'alice');
  await one.waitForURL(site + '/one');
});

test('the pages work without script and by keyboard alone', async (t) => {
  const { site } = await singleSite(t);
  const page = await (await browser(t, { javaScriptEnabled: false })).newPage();
  await page.goto(site + '/');
  await page.locator('input[name=username]:focus').waitFor(); // a browser gives it in a frame of its own, after load
  await page.keyboard.type('alice');
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.waitForURL(site + '/');
  assert.equal(await page.textContent('h1'), 'Hello Alice A');
});

test('no page loads anything from elsewhere or breaks its own policy', async (t) => {
  const { site } = await singleSite(t);
  const page = await (await browser(t)).newPage();
  const foreign = [], complaints = [];
  page.on('request', (r) => { if (!r.url().startsWith(site)) foreign.push(r.url()); });
  page.on('console', (m) => complaints.push(m.text()));
  page.on('pageerror', (e) => complaints.push(String(e)));
  await page.goto(site + '/');
  await login(page, 'alice');
  for (const path of ['/.gatehouse/', '/.gatehouse/logout']) await page.goto(site + path);
  assert.deepEqual(foreign, []);
  assert.deepEqual(complaints.filter((c) => !c.includes('favicon')), []);
});

test('two registrable domains share one login over https', async (t) => {
  const p = await port();
  const legacy = await app(t);
  const at = { auth: `https://auth.alpha.test:${p}`, app: `https://app.beta.test:${p}`, wiki: `https://wiki.gamma.test:${p}` };
  await caddy(t, global(`issuer ${at.auth}\n\t\tusers`, 'local_certs\n\tauto_https disable_redirects') + `
${at.auth} {
	gatehouse_portal
}
${at.app}, ${at.wiki} {
	gatehouse
	reverse_proxy ${legacy.address}
}
`, [['alice', '--name', 'Alice A']]);
  const context = await browser(t);
  const page = await context.newPage();
  await page.goto(at.app + '/a?b=c');
  assert.match(page.url(), /^https:\/\/auth\.alpha\.test/);
  await login(page, 'alice');
  await page.waitForURL(at.app + '/a?b=c');
  await page.goto(at.wiki + '/w');
  assert.equal(page.url(), at.wiki + '/w');
  const cookies = (await context.cookies()).filter((c) => c.name === '__Host-Http-gatehouse');
  assert.equal(cookies.length, 3);
  for (const c of cookies) {
    assert.ok(c.secure && c.httpOnly && c.sameSite === 'Lax' && c.path === '/', JSON.stringify(c)); // COO-02…06
    assert.ok(!c.domain.startsWith('.'), c.domain);
  }
  await page.goto(at.wiki + '/.gatehouse/logout');
  await press(page, 'button[value=logout]');
  await page.goto(at.app + '/');
  assert.match(page.url(), /^https:\/\/auth\.alpha\.test.*login/);
});
