// openid-client, the relying party of Node.js, in every way of asking.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { createRemoteJWKSet, exportJWK, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { arrived, client as block, issuer, notices, secret, signedIn } from './issuer.mjs';
import { browser, login, press, until, workdir } from './rig.mjs';

const ways = {
  basic: { auth: client.ClientSecretBasic(secret), line: `secret ${secret}` },
  post: { auth: client.ClientSecretPost(secret), line: `secret ${secret}` },
  none: { auth: client.None(), line: 'public' },
};

// relying is the application's side of one client.
async function relying(at, id, auth) {
  const config = await client.discovery(new URL(at.auth), id, undefined, auth, { execute: [client.allowInsecureRequests] });
  const verifier = client.randomPKCECodeVerifier();
  return {
    config,
    async request(more = {}) {
      const check = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce(), idTokenExpected: true };
      const parameters = {
        redirect_uri: at.redirect, scope: 'openid profile email groups', state: check.expectedState, nonce: check.expectedNonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...more,
      };
      return { parameters, href: client.buildAuthorizationUrl(config, parameters).href, check };
    },
  };
}

// later waits until the whole seconds of auth_time tell two logins apart.
const later = (claims, seconds) => until(() => Date.now() / 1000 > claims.auth_time + seconds + 1, 'time passes');

test('openid-client', async (t) => {
  const dir = workdir(t);
  const bank = await client.randomDPoPKeyPair('ES256'); // the key by which it proves who it is
  writeFileSync(join(dir, 'jwks'), JSON.stringify({ keys: [{ ...await exportJWK(bank.publicKey), kid: 'one', alg: 'ES256' }] }));
  const at = await issuer(t, ({ redirect, bye, told }) => Object.entries(ways).map(([id, { line }]) =>
    block(id, line, `redirect_uri ${redirect}`)).join('') +
    block('wiki', `secret ${secret}`, `redirect_uri ${redirect}`, `post_logout_redirect_uri ${bye}`, `backchannel_logout_uri ${told}`, 'offline_access') +
    block('bank', 'require_pushed_requests', 'auth_method private_key_jwt', `jwks {file.${dir}/jwks}`, 'dpop_bound_tokens', 'offline_access', `redirect_uri ${redirect}`) +
    block('signer', 'auth_method private_key_jwt', `jwks {file.${dir}/jwks}`, 'require_signed_requests', `redirect_uri ${redirect}`) +
    block('robot', `secret ${secret}`, 'grant_types client_credentials', 'scopes files.read', 'resource https://files.example.com/') +
    block('files', `secret ${secret}`, 'grant_types client_credentials', 'scopes files.read', 'audience https://files.example.com/'));

  for (const [id, { auth }] of Object.entries(ways)) {
    await t.test(`code, tokens and userinfo with client_secret_${id}`, async (t) => {
      const { config, request } = await relying(at, id, auth);
      const { href, check } = await request();
      const { page, url } = await signedIn(t, href, at.redirect);
      const tokens = await client.authorizationCodeGrant(config, url, { ...check, maxAge: 3600 });
      const claims = tokens.claims();
      assert.equal(claims.iss, at.auth);
      assert.deepEqual([claims.aud].flat(), [id]);
      assert.match(claims.sub, /^[0-9a-f-]{36}$/);
      assert.deepEqual(claims.amr, ['pwd']);
      const who = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
      assert.equal(who.preferred_username, 'alice');
      assert.equal(who.name, 'Alice A');
      assert.equal(who.email, 'alice@example.com');
      assert.deepEqual(who.groups, ['staff']);
      await assert.rejects(client.authorizationCodeGrant(config, url, check), { error: 'invalid_grant' }); // OAU-06
      await assert.rejects(client.fetchUserInfo(config, tokens.access_token, claims.sub)); // OAU-07
      await page.goto(href);
      const again = await arrived(page, at.redirect); // signed in: no page in between
      assert.notEqual(again.searchParams.get('code'), url.searchParams.get('code'));
    });
  }

  for (const javaScriptEnabled of [true, false]) {
    await t.test(`form_post ${javaScriptEnabled ? 'by itself' : 'by its button, without script'}`, async (t) => {
      const { config, request } = await relying(at, 'basic', ways.basic.auth);
      const { href, check } = await request({ response_mode: 'form_post' });
      const page = await (await browser(t, { javaScriptEnabled })).newPage();
      const complaints = [];
      page.on('console', (m) => complaints.push(m.text()));
      await page.goto(href);
      await login(page, 'alice');
      if (!javaScriptEnabled) await press(page, 'button[type=submit]');
      assert.equal((await arrived(page, at.redirect)).search, ''); // nothing in the address
      const got = at.app.seen.findLast((r) => r.url === '/callback');
      assert.equal(got.method, 'POST');
      assert.equal(got.headers.origin, at.auth);
      const answer = new Request(at.redirect, { method: 'POST', body: got.body, headers: { 'Content-Type': got.headers['content-type'] } });
      const tokens = await client.authorizationCodeGrant(config, answer, check);
      assert.deepEqual(tokens.claims().amr, ['pwd']);
      assert.deepEqual(complaints.filter((c) => !c.includes('favicon')), []);
    });
  }

  await t.test('prompt=login, max_age, prompt=none and Cancel, as a person meets them', async (t) => {
    const { config, request } = await relying(at, 'basic', ways.basic.auth);
    const page = await (await browser(t)).newPage();
    // round is one request; the person proves who they are iff a page asks.
    const round = async (more, asked, check = {}) => {
      const r = await request(more);
      await page.goto(r.href);
      assert.equal(page.url().includes('/login?'), asked, `${JSON.stringify(more)}: ${page.url()}`);
      if (asked) {
        await login(page, 'alice', 'wrong'); // a failure does not satisfy it
        assert.ok(page.url().startsWith(at.auth));
        await login(page, 'alice');
      }
      return (await client.authorizationCodeGrant(config, await arrived(page, at.redirect), { ...r.check, ...check })).claims();
    };
    const error = async (more, act = async () => {}) => {
      await page.goto((await request(more)).href);
      await act();
      return (await arrived(page, at.redirect)).searchParams.get('error');
    };
    assert.equal(await error({ prompt: 'none' }), 'login_required');
    assert.equal(await error({}, () => press(page, 'button[value=cancel]')), 'access_denied');
    const first = await round({}, true);
    await later(first, 0);
    const same = await round({ prompt: 'none' }, false);
    assert.equal(same.auth_time, first.auth_time);
    const forced = await round({ prompt: 'login' }, true); // MFA-10, OAU-18
    assert.ok(forced.auth_time > first.auth_time);
    assert.equal(forced.sub, first.sub);
    await later(forced, 1);
    const fresh = await round({ max_age: '1' }, true, { maxAge: 3600 });
    assert.ok(fresh.auth_time > forced.auth_time);
    assert.equal((await round({ max_age: '3600' }, false, { maxAge: 3600 })).auth_time, fresh.auth_time);
    await round({ prompt: 'login' }, true); // and each request anew
  });

  await t.test('refresh, introspection, revocation', async (t) => {
    const { config, request } = await relying(at, 'wiki', client.ClientSecretBasic(secret));
    const { href, check } = await request({ scope: 'openid profile offline_access' });
    const { url } = await signedIn(t, href, at.redirect);
    const first = await client.authorizationCodeGrant(config, url, check);
    const { sub } = first.claims();
    const next = await client.refreshTokenGrant(config, first.refresh_token);
    assert.equal(next.claims().sub, sub);
    assert.equal(next.claims().auth_time, first.claims().auth_time);
    const known = await client.tokenIntrospection(config, next.access_token);
    assert.deepEqual([known.active, known.sub, known.client_id, known.scope], [true, sub, 'wiki', 'openid profile offline_access']);
    await client.tokenRevocation(config, next.access_token);
    assert.equal((await client.tokenIntrospection(config, next.access_token)).active, false);
    const last = await client.refreshTokenGrant(config, next.refresh_token ?? first.refresh_token);
    assert.equal((await client.fetchUserInfo(config, last.access_token, sub)).name, 'Alice A');
    await client.tokenRevocation(config, last.refresh_token ?? first.refresh_token);
    await assert.rejects(client.refreshTokenGrant(config, last.refresh_token ?? first.refresh_token), { error: 'invalid_grant' });
  });

  await t.test('logout ends the tokens and is told on the back channel', async (t) => {
    const { config, request } = await relying(at, 'wiki', client.ClientSecretBasic(secret));
    const { href, check } = await request({ scope: 'openid profile' });
    const { page, url } = await signedIn(t, href, at.redirect);
    const tokens = await client.authorizationCodeGrant(config, url, check);
    const { sub, sid } = tokens.claims();
    const out = client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: at.bye, state: 'gone' });
    await page.goto(out.href); // a valid hint: nobody is asked
    assert.equal((await arrived(page, at.bye)).search, '?state=gone');
    await assert.rejects(client.fetchUserInfo(config, tokens.access_token, sub));
    const [notice] = await notices(at);
    const { payload } = await jwtVerify(notice, createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri)), { issuer: at.auth, audience: 'wiki', typ: 'logout+jwt' });
    assert.deepEqual([payload.sub, payload.sid], [sub, sid]);
    assert.deepEqual(payload.events, { 'http://schemas.openid.net/event/backchannel-logout': {} });
    await page.goto((await request()).href);
    assert.match(page.url(), /\/login\?/);
  });

  await t.test('a key instead of a secret, pushed requests, DPoP', async (t) => {
    const { config, request } = await relying(at, 'bank', client.PrivateKeyJwt({ key: bank.privateKey, kid: 'one' }));
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
    const { parameters, check } = await request({ scope: 'openid profile offline_access' });
    const { href } = await client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP });
    assert.deepEqual([...new URL(href).searchParams.keys()].sort(), ['client_id', 'request_uri']);
    const { page, url } = await signedIn(t, href, at.redirect);
    const tokens = await client.authorizationCodeGrant(config, url, check, undefined, { DPoP });
    assert.equal(tokens.token_type, 'dpop');
    const { sub } = tokens.claims();
    assert.equal((await client.fetchUserInfo(config, tokens.access_token, sub, { DPoP })).name, 'Alice A');
    await assert.rejects(client.fetchUserInfo(config, tokens.access_token, sub)); // as a bearer token it is worth nothing
    const known = await client.tokenIntrospection(config, tokens.access_token);
    assert.equal(known.cnf.jkt, await DPoP.calculateThumbprint());
    const thief = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
    await assert.rejects(client.fetchUserInfo(config, tokens.access_token, sub, { DPoP: thief }));
    const next = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
    assert.equal(next.claims().sub, sub);
    await page.goto(href); // a second time
    assert.ok(!page.url().includes('code='), page.url());
    const { href: unpushed } = await request();
    await page.goto(unpushed);
    assert.equal((await arrived(page, at.redirect)).searchParams.get('error'), 'invalid_request');
    const { parameters: free, check: open } = await request();
    await page.goto((await client.buildAuthorizationUrlWithPAR(config, free)).href);
    await assert.rejects(client.authorizationCodeGrant(config, await arrived(page, at.redirect), open)); // no token without a key
  });

  await t.test('signed requests', async (t) => {
    const { config, request } = await relying(at, 'signer', client.PrivateKeyJwt({ key: bank.privateKey, kid: 'one' }));
    const { parameters, href: unsigned, check } = await request();
    const { href } = await client.buildAuthorizationUrlWithJAR(config, parameters, { key: bank.privateKey, kid: 'one' });
    const { page, url } = await signedIn(t, href, at.redirect);
    assert.equal((await client.authorizationCodeGrant(config, url, check)).claims().aud, 'signer');
    await page.goto(unsigned);
    assert.ok(!page.url().includes('code='), page.url());
  });

  await t.test('a program without a person, and the interface that it calls', async () => {
    const robot = await relying(at, 'robot', client.ClientSecretPost(secret));
    const files = await relying(at, 'files', client.ClientSecretBasic(secret));
    const { access_token, refresh_token } = await client.clientCredentialsGrant(robot.config, { scope: 'files.read', resource: 'https://files.example.com/' });
    assert.equal(refresh_token, undefined);
    const known = await client.tokenIntrospection(files.config, access_token);
    assert.deepEqual([known.active, known.client_id, known.scope], [true, 'robot', 'files.read']);
    const wiki = await relying(at, 'wiki', client.ClientSecretBasic(secret));
    assert.equal((await client.tokenIntrospection(wiki.config, access_token)).active, false); // OAU-34
  });
});
