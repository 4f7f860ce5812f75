// Relying parties that nobody here wrote.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import * as client from 'openid-client';
import { app, browser, caddy, daemon, global, login, port, workdir } from './rig.mjs';

const secret = 'a-secret-of-more-than-32-characters-0123456789';
const alice = ['alice', '--name', 'Alice A', '--email', 'alice@example.com', '--group', 'staff'];

// issuer is a login host with one client, whose application listens at
// redirect.
async function issuer(t, client) {
  const p = await port();
  const legacy = await app(t);
  const at = { auth: `http://auth.localhost:${p}`, redirect: `http://localhost:${legacy.port}/callback`, app: legacy };
  const house = await caddy(t, global(`issuer ${at.auth}\n\t\tusers\n\t\t${client(at)}`) + `
${at.auth} {
	gatehouse_portal
}
`, [alice]);
  return { ...house, ...at };
}

const wiki = (line, more = '') => ({ redirect }) => `client wiki {
			name "The wiki"
			${line}
			first_party
			redirect_uri ${redirect}
			${more}
		}`;

// relying is the application's side, by openid-client.
async function relying(at, auth = client.ClientSecretBasic(secret)) {
  const config = await client.discovery(new URL(at.auth), 'wiki', undefined, auth, { execute: [client.allowInsecureRequests] });
  const verifier = client.randomPKCECodeVerifier();
  return {
    config,
    async request(more = {}) {
      const check = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce(), idTokenExpected: true };
      const { href } = client.buildAuthorizationUrl(config, {
        redirect_uri: at.redirect, scope: 'openid profile email groups', state: check.expectedState, nonce: check.expectedNonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...more,
      });
      return { href, check };
    },
  };
}

// back waits until the browser is at the application again.
async function back(page, redirect) {
  await page.waitForURL((url) => url.href.startsWith(redirect));
  return new URL(page.url());
}

for (const [name, how] of Object.entries({
  client_secret_basic: { auth: client.ClientSecretBasic(secret), line: `secret ${secret}` },
  client_secret_post: { auth: client.ClientSecretPost(secret), line: `secret ${secret}` },
  none: { auth: client.None(), line: 'public' },
})) {
  test(`openid-client: code, tokens and userinfo with ${name}`, async (t) => {
    const at = await issuer(t, wiki(how.line));
    const { config, request } = await relying(at, how.auth);
    const { href, check } = await request();
    const page = await (await browser(t)).newPage();
    await page.goto(href);
    await login(page, 'alice');
    const url = await back(page, at.redirect);
    const tokens = await client.authorizationCodeGrant(config, url, { ...check, maxAge: 3600 });
    const claims = tokens.claims();
    assert.equal(claims.iss, at.auth);
    assert.deepEqual([claims.aud].flat(), ['wiki']);
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
    const again = await back(page, at.redirect); // signed in: no page in between
    assert.notEqual(again.searchParams.get('code'), url.searchParams.get('code'));
  });
}

for (const javaScriptEnabled of [true, false]) {
  test(`form_post ${javaScriptEnabled ? 'by itself' : 'by its button, without script'}`, async (t) => {
    const at = await issuer(t, wiki(`secret ${secret}`));
    const { config, request } = await relying(at);
    const { href, check } = await request({ response_mode: 'form_post' });
    const page = await (await browser(t, { javaScriptEnabled })).newPage();
    const complaints = [];
    page.on('console', (m) => complaints.push(m.text()));
    await page.goto(href);
    await login(page, 'alice');
    if (!javaScriptEnabled) await page.click('button[type=submit]');
    assert.equal((await back(page, at.redirect)).search, ''); // nothing in the address
    const got = at.app.seen.findLast((r) => r.url === '/callback');
    assert.equal(got.method, 'POST');
    assert.equal(got.headers.origin, at.auth);
    const answer = new Request(at.redirect, { method: 'POST', body: got.body, headers: { 'Content-Type': got.headers['content-type'] } });
    const tokens = await client.authorizationCodeGrant(config, answer, check);
    assert.deepEqual(tokens.claims().amr, ['pwd']);
    assert.deepEqual(complaints.filter((c) => !c.includes('favicon')), []);
  });
}

test('prompt=login, max_age, prompt=none and Cancel, as a person meets them', async (t) => {
  const at = await issuer(t, wiki(`secret ${secret}`));
  const { config, request } = await relying(at);
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
    const url = await back(page, at.redirect);
    return (await client.authorizationCodeGrant(config, url, { ...r.check, ...check })).claims();
  };
  const error = async (more, act = async () => {}) => {
    const r = await request(more);
    await page.goto(r.href);
    await act();
    return (await back(page, at.redirect)).searchParams.get('error');
  };
  assert.equal(await error({ prompt: 'none' }), 'login_required');
  assert.equal(await error({}, () => page.click('button[value=cancel]')), 'access_denied');
  const first = await round({}, true);
  await page.waitForTimeout(2100); // auth_time has whole seconds
  const same = await round({ prompt: 'none' }, false);
  assert.equal(same.auth_time, first.auth_time);
  const forced = await round({ prompt: 'login' }, true); // MFA-10, OAU-18
  assert.ok(forced.auth_time > first.auth_time);
  assert.equal(forced.sub, first.sub);
  await page.waitForTimeout(2100);
  const fresh = await round({ max_age: '1' }, true, { maxAge: 1 });
  assert.ok(fresh.auth_time > forced.auth_time);
  assert.equal((await round({ max_age: '3600' }, false, { maxAge: 3600 })).auth_time, fresh.auth_time);
  await round({ prompt: 'login' }, true); // and each request anew
});

test('mod_auth_openidc: Apache protects a page by our login', async (t) => {
  const dir = workdir(t), p = await port();
  const redirect = `http://localhost:${p}/protected/callback`;
  const { auth } = await issuer(t, () => `client apache {
			secret ${secret}
			first_party
			redirect_uri ${redirect}
		}`);
  for (const d of ['www/protected', 'cache', 'logs']) mkdirSync(join(dir, d), { recursive: true });
  writeFileSync(join(dir, 'www/protected/index.shtml'), '<title>in</title><h1>Hello <!--#echo var="REMOTE_USER" --></h1>');
  const modules = '/usr/lib/apache2/modules';
  writeFileSync(join(dir, 'apache.conf'), `
ServerRoot ${dir}
ServerName localhost
Listen 127.0.0.1:${p}
PidFile ${dir}/pid
ErrorLog ${dir}/logs/error
TypesConfig /dev/null
User www-data
Group www-data
${['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'dir', 'mime', 'include', 'filter', 'auth_openidc'].map((m) => `LoadModule ${m}_module ${modules}/mod_${m}.so`).join('\n')}
DocumentRoot ${dir}/www
OIDCProviderMetadataURL ${auth}/.well-known/openid-configuration
OIDCClientID apache
OIDCClientSecret ${secret}
OIDCRedirectURI ${redirect}
OIDCCryptoPassphrase 0123456789abcdef0123456789abcdef
OIDCScope "openid profile email"
OIDCRemoteUserClaim preferred_username
OIDCPKCEMethod S256
OIDCCacheDir ${dir}/cache
<Directory ${dir}/www>
	Options +Includes
	AddType text/html .shtml
	AddOutputFilter INCLUDES .shtml
	DirectoryIndex index.shtml
	Require all granted
</Directory>
<Location /protected>
	AuthType openid-connect
	Require valid-user
</Location>
`);
  const { chmodSync, chownSync } = await import('node:fs');
  for (const d of ['', 'www', 'www/protected', 'www/protected/index.shtml', 'cache']) chmodSync(join(dir, d), 0o777);
  await daemon(t, '/usr/sbin/apache2', ['-f', join(dir, 'apache.conf'), '-DFOREGROUND'], {}, async () =>
    fetch(`http://localhost:${p}/`).then(() => true, () => false));
  const page = await (await browser(t)).newPage();
  await page.goto(`http://localhost:${p}/protected/`);
  assert.ok(page.url().startsWith(auth), page.url());
  await login(page, 'alice');
  await page.waitForURL(`http://localhost:${p}/protected/`);
  assert.equal(await page.textContent('h1'), 'Hello alice');
});
