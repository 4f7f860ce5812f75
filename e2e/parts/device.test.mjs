// A device without a browser, by openid-client: a person enters its code on
// their telephone, sees what asks, and says yes or no (RFC 8628).
import assert from 'node:assert/strict';
import test from 'node:test';
import * as client from 'openid-client';
import { inEveryVariant } from './pages.mjs';
import { browser, caddy, global, login, port } from './rig.mjs';

const grants = 'grant_types urn:ietf:params:oauth:grant-type:device_code refresh_token';

async function living(t) {
  const p = await port();
  const at = { auth: `http://auth.localhost:${p}` };
  await caddy(t, global(`issuer ${at.auth}
		users
		client tv {
			name "Living room <b>TV</b>"
			public
			first_party
			${grants}
			offline_access
		}
		client cli {
			name "Command line"
			public
			${grants}
			offline_access
			resource https://api.example.com/v1
			scopes openid profile email api.read
		}`) + `
${at.auth} {
	gatehouse_portal
}
`, [['alice', '--name', 'Alice A', '--email', 'alice@example.com', '--group', 'staff'], ['bob'], ['carol']]);
  const config = (id) => client.discovery(new URL(at.auth), id, undefined, client.None(), { execute: [client.allowInsecureRequests] });
  return { ...at, tv: await config('tv'), cli: await config('cli') };
}

test('a person lets a device in, and turns another away', async (t) => {
  const at = await living(t);
  const phone = await (await browser(t, { viewport: { width: 390, height: 844 } })).newPage();
  const first = await client.initiateDeviceAuthorization(at.tv, { scope: 'openid email offline_access' });
  assert.equal(first.verification_uri, at.auth + '/device');
  const tokens = client.pollDeviceAuthorizationGrant(at.tv, first);

  await phone.goto(at.auth + '/');
  await login(phone, 'alice');
  await phone.waitForURL(at.auth + '/');
  await phone.click('a[href="/device"]'); // from the account, or by its address
  await phone.waitForURL(first.verification_uri);
  await phone.fill('input[name=user_code]', first.user_code.toLowerCase().replace('-', ' '));
  await phone.click('button[value=continue]');
  const text = await phone.textContent('main');
  for (const word of ['Living room <b>TV</b>', first.user_code, 'just now', 'alice@example.com', '127.0.0.1']) assert.ok(text.includes(word), word);
  await phone.click('button[value=allow]'); // the box is not ticked: the browser stays
  assert.equal(await phone.locator('input[name=mine]').count(), 1);
  await phone.check('input[name=mine]');
  await phone.click('button[value=allow]');
  await phone.getByText('Go back to your device').waitFor();

  const got = await tokens;
  const info = await client.fetchUserInfo(at.tv, got.access_token, got.claims().sub);
  assert.equal(info.email, 'alice@example.com');
  assert.ok((await client.refreshTokenGrant(at.tv, got.refresh_token)).access_token);

  const second = await client.initiateDeviceAuthorization(at.tv, { scope: 'openid' });
  const refused = assert.rejects(client.pollDeviceAuthorizationGrant(at.tv, second), { error: 'access_denied' });
  await phone.goto(second.verification_uri_complete); // fills in, and no more
  assert.equal(await phone.inputValue('input[name=user_code]'), second.user_code);
  await phone.click('button[value=continue]');
  await phone.click('button[value=deny]');
  await phone.getByText('turned away').waitFor();
  await refused;

  await phone.goto(at.auth + '/account/grants'); // what is for longer than the session can be taken back
  await phone.click('button[value=withdraw]');
  await assert.rejects(client.fetchUserInfo(at.tv, got.access_token, got.claims().sub));
});

test('codes can not be guessed', async (t) => {
  const at = await living(t);
  const page = await (await browser(t)).newPage();
  await page.goto(at.auth + '/device');
  await login(page, 'alice');
  const type = async (code) => {
    await page.fill('input[name=user_code]', code);
    await Promise.all([page.waitForEvent('load'), page.click('button[value=continue]')]);
    return page.textContent('[role=alert]');
  };
  for (let i = 0; i < 5; i++) assert.match(await type('BBBB-BBBB'), /No device is waiting/);
  assert.match(await type('BBBB-BBBB'), /Too many wrong codes/);
  const real = await client.initiateDeviceAuthorization(at.tv, { scope: 'openid' });
  assert.match(await type(real.user_code), /Too many wrong codes/);
});

test('the pages for devices', async (t) => {
  const at = await living(t);
  await inEveryVariant(t, 'devices', async (page, visit, variant) => {
    const begin = () => client.initiateDeviceAuthorization(at.cli, { scope: 'openid profile email api.read offline_access', resource: 'https://api.example.com/v1' });
    const one = await begin();
    await page.goto(one.verification_uri_complete);
    await login(page, 'alice');
    await page.waitForURL(/\/device\?/);
    await visit('device', null, 0, /Connect a device/);
    if (variant === 'phone-light') { // one wrong guess is enough to see
      await page.fill('input[name=user_code]', 'BBBB-BBBB');
      await Promise.all([page.waitForEvent('load'), page.click('button[value=continue]')]);
      await visit('device-wrong', null, 0, /No device is waiting/);
      await page.fill('input[name=user_code]', one.user_code);
    }
    await page.click('button[value=continue]');
    await page.locator('input[name=mine]').waitFor();
    await visit('device-confirm', null, 0, /Command line/);
    await page.evaluate(() => document.querySelector('input[name=mine]').removeAttribute('required'));
    await Promise.all([page.waitForEvent('load'), page.click('button[value=allow]')]);
    await visit('device-confirm-unticked', null, 0, /If the device is yours/);
    await page.check('input[name=mine]');
    await Promise.all([page.waitForEvent('load'), page.click('button[value=allow]')]);
    await visit('device-allowed', null, 0, /Go back to your device/);
    const two = await begin();
    await page.goto(two.verification_uri_complete);
    await page.click('button[value=continue]');
    await Promise.all([page.waitForEvent('load'), page.click('button[value=deny]')]);
    await visit('device-denied', null, 0, /got nothing/);
  });
});
