// oauth4webapi, the strictest of clients, step by step: each answer of ours is
// checked by itself. It also plays the interface that a client calls.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as oauth from 'oauth4webapi';
import { client as block, issuer, secret, signedIn } from './issuer.mjs';

const insecure = { [oauth.allowInsecureRequests]: true }; // loopback
const files = 'https://files.example.com/';

// once repeats a request that was refused for want of a nonce (RFC 9449, section 8).
async function once(send, take) {
  try {
    return await take(await send());
  } catch (err) {
    if (!oauth.isDPoPNonceError(err)) throw err;
    return take(await send());
  }
}

test('oauth4webapi', async (t) => {
  const at = await issuer(t, ({ redirect }) =>
    block('wiki', `secret ${secret}`, `redirect_uri ${redirect}`, 'offline_access', 'id_token_alg ES256', 'userinfo_alg ES256') +
    block('spa', 'public', `redirect_uri ${redirect}`, 'grant_types authorization_code refresh_token', 'access_token jwt', `resource ${files}`, 'scopes openid files.read'));
  const as = await oauth.discoveryRequest(new URL(at.auth), insecure).then((r) => oauth.processDiscoveryResponse(new URL(at.auth), r));
  const verifier = oauth.generateRandomCodeVerifier(), state = oauth.generateRandomState(), nonce = oauth.generateRandomNonce();
  const code = async (t, client, more) => {
    const href = `${as.authorization_endpoint}?${new URLSearchParams({
      client_id: client.client_id, response_type: 'code', redirect_uri: at.redirect, state, nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...more,
    })}`;
    const { page, url } = await signedIn(t, href, at.redirect);
    assert.throws(() => oauth.validateAuthResponse(as, client, url, 'another'));
    return { page, params: oauth.validateAuthResponse(as, client, url, state) }; // iss included (RFC 9207)
  };

  await t.test('a server with a secret: every answer, every signature', async (t) => {
    const client = { client_id: 'wiki', id_token_signed_response_alg: 'ES256', userinfo_signed_response_alg: 'ES256' };
    const auth = oauth.ClientSecretPost(secret);
    const { params } = await code(t, client, { scope: 'openid profile offline_access', max_age: '300' });
    const answer = await oauth.authorizationCodeGrantRequest(as, client, auth, params, at.redirect, verifier, insecure);
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, { expectedNonce: nonce, maxAge: 300, requireIdToken: true });
    await oauth.validateApplicationLevelSignature(as, answer, insecure);
    const { sub, at_hash } = oauth.getValidatedIdTokenClaims(tokens);
    assert.ok(at_hash);
    const info = await oauth.userInfoRequest(as, client, tokens.access_token, insecure);
    const who = await oauth.processUserInfoResponse(as, client, sub, info);
    await oauth.validateApplicationLevelSignature(as, info, insecure);
    assert.equal(who.name, 'Alice A');
    const refreshed = await oauth.refreshTokenGrantRequest(as, client, auth, tokens.refresh_token, insecure);
    const next = await oauth.processRefreshTokenResponse(as, client, refreshed);
    await oauth.validateApplicationLevelSignature(as, refreshed, insecure);
    const known = async (more) => oauth.processIntrospectionResponse(as, { ...client, ...more },
      await oauth.introspectionRequest(as, client, auth, next.access_token, { ...insecure, requestJwtResponse: !!more }));
    assert.equal((await known()).active, true);
    assert.equal((await known({ introspection_signed_response_alg: 'ES256' })).sub, sub); // RFC 9701
    await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, tokens.refresh_token, insecure));
    assert.equal((await known()).active, false); // and what came of it
    const replay = await oauth.authorizationCodeGrantRequest(as, client, auth, params, at.redirect, verifier, insecure);
    await assert.rejects(oauth.processAuthorizationCodeResponse(as, client, replay), { error: 'invalid_grant' }); // OAU-06
    const wrong = await oauth.refreshTokenGrantRequest(as, client, oauth.ClientSecretBasic('wrong'), 'any', insecure);
    await assert.rejects(oauth.processRefreshTokenResponse(as, client, wrong), oauth.WWWAuthenticateChallengeError); // RFC 6749, section 5.2
    assert.equal(wrong.status, 401);
  });

  await t.test('a browser with DPoP calls an interface with signed tokens, until the logout', async (t) => {
    const client = { client_id: 'spa' };
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
    const { page, params } = await code(t, client, { scope: 'openid files.read', resource: files });
    const tokens = await once(
      () => oauth.authorizationCodeGrantRequest(as, client, oauth.None(), params, at.redirect, verifier, { ...insecure, DPoP }),
      (answer) => oauth.processAuthorizationCodeResponse(as, client, answer, { expectedNonce: nonce, requireIdToken: true }));
    assert.equal(tokens.token_type, 'dpop');
    const renew = () => once(
      () => oauth.refreshTokenGrantRequest(as, client, oauth.None(), tokens.refresh_token, { ...insecure, DPoP, additionalParameters: { resource: files } }),
      (answer) => oauth.processRefreshTokenResponse(as, client, answer));
    const next = await renew();
    const called = [];
    await oauth.protectedResourceRequest(next.access_token, 'GET', new URL(files), undefined, undefined, {
      DPoP, [oauth.customFetch]: async (url, init) => { called.push(new Request(url, init)); return new Response('{}'); },
    });
    const claims = await oauth.validateJwtAccessToken(as, called[0], files, { ...insecure, requireDPoP: true }); // RFC 9068, RFC 9449
    assert.equal(claims.sub, oauth.getValidatedIdTokenClaims(tokens).sub);
    assert.equal(claims.scope, 'openid files.read');
    await assert.rejects(oauth.validateJwtAccessToken(as, called[0], 'https://others.example.com/', insecure));
    await page.goto(`${as.end_session_endpoint}?${new URLSearchParams({ id_token_hint: tokens.id_token })}`);
    assert.match(await page.textContent('h1'), /signed out/i);
    await assert.rejects(renew(), { error: 'invalid_grant' });
  });
});
