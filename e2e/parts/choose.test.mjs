// The pages where people choose a provider, as in pages.test.mjs.
import assert from 'node:assert/strict';
import test from 'node:test';
import { provider } from './idp.mjs';
import { house, inEveryVariant } from './pages.mjs';
import { browser, until } from './rig.mjs';

// ready waits until both providers can be chosen: the house may have asked for
// them before they were there, and asks again after a while.
async function ready(t, address) {
  const page = await (await browser(t)).newPage();
  await until(async () => {
    await page.goto(address);
    return await page.locator('button.way').count() === 2;
  }, 'the providers are ready');
}

test('providers beside a password, and alone', async (t) => {
  const { auth, site, shop, providers } = await house(t, 'users');
  for (const port of providers) await provider(t, port, `${auth}/callback/acme`);
  await ready(t, site + '/');
  await inEveryVariant(t, 'choose', async (page, visit) => {
    await visit('login-providers', site + '/', 200, /ACME account[\s\S]*Second GmbH/);
    assert.equal(await page.locator('button.way').count(), 2);
    await page.fill('input[name=username]', 'alice');
    await page.press('input[name=username]', 'Enter'); // asks for the password, and goes to no provider
    assert.ok(page.url().startsWith(auth + '/login?'), page.url());
    await visit('choose', shop, 200, /The shop[\s\S]*Second GmbH/);
    assert.equal(await page.locator('button.way').count(), 2);
  });
});

test('two providers and no local accounts: choose is the login page', async (t) => {
  const { site } = await house(t);
  await inEveryVariant(t, 'choose without accounts', async (page, visit) => {
    await visit('choose-alone', site + '/', 200, /ACME account[\s\S]*Second GmbH/);
    assert.equal(await page.locator('input[type=password]').count(), 0);
  });
});
