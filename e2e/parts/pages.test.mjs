// Every page of the two lines, for everybody: nothing that axe finds, nothing
// too wide, one heading, in light and dark, on phones and desktops, in English
// and German. choose.test.mjs and problems.test.mjs do the same for a login host.
import assert from 'node:assert/strict';
import test from 'node:test';
import { inEveryVariant } from './pages.mjs';
import { login, password, press, singleSite } from './rig.mjs';

test('the pages of the two lines', async (t) => {
  const { site, run } = await singleSite(t, []);
  const link = run('', 'setup').match(/http\S+/)[0];
  await inEveryVariant(t, 'the first account', async (page, visit) => {
    const told = []; // the setup link's token goes nowhere (WEB-06)
    page.on('request', async (r) => told.push(r.allHeaders().then((h) => h.referer ?? '', () => '')));
    await visit('login-nobody-yet', site + '/', 200, /caddy gatehouse setup/);
    await visit('setup', link, 200);
    await page.fill('input[name=username]', 'root');
    await page.fill('input[name=password]', password);
    await page.fill('input[name=password_confirm]', password + 'x');
    await press(page, 'button[value=setup]');
    await visit('setup-error');
    const referers = await Promise.all(told);
    assert.ok(referers.some((r) => r === site + '/'), String(referers));
    assert.ok(!referers.some((r) => r.includes('token')), String(referers));
  });
  run(password + '\n', 'user', 'add', 'alice', '--name', 'Alice A', '--email', 'alice@example.com', '--group', 'staff', '--password-stdin');
  await inEveryVariant(t, "a person's way", async (page, visit) => {
    await visit('setup-closed', link, 404);
    await visit('login', site + '/wiki/start?page=1', 200);
    await login(page, 'alice', 'wrong');
    await visit('login-failed');
    await page.context().clearCookies();
    await login(page, 'alice');
    await visit('login-cookie-missing', null, 0, /cookie/);
    await login(page, 'alice');
    await page.waitForURL(site + '/wiki/start?page=1');
    await visit('home', site + '/.gatehouse/', 200, /Alice A/);
    await visit('not-found', site + '/.gatehouse/nothing-here', 404);
    await visit('logout', site + '/.gatehouse/logout', 200, /Alice A/);
    await press(page, 'button[value=logout]');
    await visit('logged-out');
  });
});
