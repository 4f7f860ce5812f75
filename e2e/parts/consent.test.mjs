// Clients that are somebody else's ask what they may know, and people can take
// it back.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as client from 'openid-client';
import { inEveryVariant } from './pages.mjs';
import { app, browser, caddy, global, login, port, press } from './rig.mjs';

async function shop(t) {
  const p = await port();
  const legacy = await app(t);
  const at = { auth: `http://auth.localhost:${p}`, redirect: `http://localhost:${legacy.port}/callback` };
  await caddy(t, global(`issuer ${at.auth}
		users
		client shop {
			name "The <b>shop</b>"
			public
			redirect_uri ${at.redirect}
		}`) + `
${at.auth} {
	gatehouse_portal
}
`, [['alice', '--name', 'Alice A', '--email', 'alice@example.com', '--group', 'staff']]);
  const config = await client.discovery(new URL(at.auth), 'shop', undefined, client.None(), { execute: [client.allowInsecureRequests] });
  const verifier = client.randomPKCECodeVerifier();
  const ask = async (more = {}) => client.buildAuthorizationUrl(config, {
    redirect_uri: at.redirect, scope: 'openid profile email', state: 'S', nonce: 'N',
    code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...more,
  }).href;
  const check = { pkceCodeVerifier: verifier, expectedState: 'S', expectedNonce: 'N', idTokenExpected: true };
  return { ...at, config, ask, check };
}

const arrived = (page, at) => page.waitForURL((url) => url.href.startsWith(at.redirect)).then(() => new URL(page.url()));

test('a person is asked once, can say no, and can take it back', async (t) => {
  const at = await shop(t);
  const page = await (await browser(t)).newPage();

  await page.goto(await at.ask());
  await login(page, 'alice');
  await page.waitForURL(/\/consent\?/);
  const text = await page.textContent('main');
  for (const word of ['The <b>shop</b>', 'Alice A', 'alice@example.com']) assert.ok(text.includes(word), word);
  await press(page, 'button[value=deny]');
  assert.equal((await arrived(page, at)).searchParams.get('error'), 'access_denied');

  await page.goto(await at.ask());
  await page.waitForURL(/\/consent\?/);
  await press(page, 'button[value=allow]');
  const tokens = await client.authorizationCodeGrant(at.config, await arrived(page, at), at.check);
  const info = await client.fetchUserInfo(at.config, tokens.access_token, tokens.claims().sub);
  assert.equal(info.email, 'alice@example.com');

  await page.goto(await at.ask()); // remembered
  assert.ok((await arrived(page, at)).searchParams.get('code'));
  await page.goto(await at.ask({ scope: 'openid profile email groups' })); // more than was allowed
  await page.waitForURL(/\/consent\?/);

  await page.goto(at.auth + '/');
  await press(page, 'a[href$="/account/grants"]');
  await press(page, 'button[value=withdraw]');
  await assert.rejects(client.fetchUserInfo(at.config, tokens.access_token, tokens.claims().sub), 'the token ended with the consent');
  await page.goto(await at.ask({ prompt: 'none' }));
  assert.equal((await arrived(page, at)).searchParams.get('error'), 'consent_required');
});

test('the pages of consent', async (t) => {
  const at = await shop(t);
  await inEveryVariant(t, 'consent', async (page, visit) => {
    await page.goto(await at.ask({ prompt: 'consent' }));
    await login(page, 'alice');
    await page.waitForURL(/\/consent\?/);
    await visit('consent', null, 0, /Alice A/);
    await press(page, 'button[value=allow]');
    await arrived(page, at);
    await visit('grants', at.auth + '/account/grants', 200, /shop/);
  });
});
