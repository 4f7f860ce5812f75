// Every page of a login host whose providers are down, as in pages.test.mjs:
// waiting, and what goes wrong on the way to the login.
import test from 'node:test';
import { house, inEveryVariant } from './pages.mjs';
import { browser, until } from './rig.mjs';

// providersDown waits until a page says so: a provider that was not asked yet
// counts as ready.
async function providersDown(t, site) {
  const page = await (await browser(t)).newPage();
  await until(async () => {
    await page.goto(site + '/');
    return await page.locator('.down').count() === 2;
  }, 'the page says that the providers are down');
}

test('waiting, and what goes wrong', async (t) => {
  const { auth, site, shop } = await house(t, 'users');
  await providersDown(t, site);
  await inEveryVariant(t, 'on the way', async (page, visit) => {
    await visit('login-providers-down', site + '/', 200, /ACME account[\s\S]*can’t be reached/);
    await visit('provider-down', auth + '/login/acme', 503, /ACME account/);
    await visit('choose-client', shop, 200, /The shop[\s\S]*Second GmbH & Co/);
    await visit('provider-old', auth + '/callback/acme?state=x&code=y', 400, /once more/);
    await visit('unknown-client', auth + '/authorize?client_id=nobody&response_type=code', 400, /Unknown application/);
    await visit('bad-redirect-uri', shop.replace('callback', 'elsewhere'), 400, /Wrong way back/);
  });
});
