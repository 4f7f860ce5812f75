// Debian's libapache2-mod-auth-openidc: a relying party in C.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { arrived, client, issuer, secret } from './issuer.mjs';
import { browser, daemon, listens, login, port, press, until, workdir } from './rig.mjs';

const modules = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'dir', 'mime', 'include', 'filter', 'auth_openidc'];

// apache protects a page that says who is there.
async function apache(t, p, { auth }) {
  const dir = workdir(t);
  for (const d of ['www/protected', 'cache', 'logs']) mkdirSync(join(dir, d), { recursive: true });
  writeFileSync(join(dir, 'www/index.html'), '<title>out</title><h1>Outside</h1>');
  writeFileSync(join(dir, 'www/protected/index.shtml'),
    '<title>in</title><h1>Hello <!--#echo var="REMOTE_USER" --></h1><p id="email"><!--#echo var="OIDC_CLAIM_email" --></p><p id="token"><!--#echo var="OIDC_access_token" --></p>');
  writeFileSync(join(dir, 'apache.conf'), `
ServerRoot ${dir}
ServerName localhost
Listen 127.0.0.1:${p}
PidFile ${dir}/pid
ErrorLog ${dir}/logs/error
TypesConfig /dev/null
User www-data
Group www-data
${modules.map((m) => `LoadModule ${m}_module /usr/lib/apache2/modules/mod_${m}.so`).join('\n')}
DocumentRoot ${dir}/www
OIDCProviderMetadataURL ${auth}/.well-known/openid-configuration
OIDCClientID apache
OIDCClientSecret ${secret}
OIDCRedirectURI http://localhost:${p}/protected/callback
OIDCCryptoPassphrase 0123456789abcdef0123456789abcdef
OIDCScope "openid profile email offline_access"
OIDCRemoteUserClaim preferred_username
OIDCPKCEMethod S256
OIDCCacheDir ${dir}/cache
<Directory ${dir}/www>
	Options +Includes
	AddType text/html .shtml .html
	AddOutputFilter INCLUDES .shtml
	DirectoryIndex index.shtml index.html
	Require all granted
</Directory>
<Location /protected>
	AuthType openid-connect
	Require valid-user
</Location>
`);
  for (const d of ['', 'www', 'www/protected', 'www/protected/index.shtml', 'www/index.html', 'cache']) chmodSync(join(dir, d), 0o777);
  await daemon(t, '/usr/sbin/apache2', ['-f', join(dir, 'apache.conf'), '-DFOREGROUND'], {}, () => listens(p));
}

test('mod_auth_openidc: login, refresh, and logout from either side', async (t) => {
  const p = await port();
  const site = `http://localhost:${p}`, callback = `${site}/protected/callback`;
  const at = await issuer(t, () => client('apache', `secret ${secret}`, 'offline_access', `redirect_uri ${callback}`,
    `post_logout_redirect_uri ${site}/`, `backchannel_logout_uri ${callback}?logout=backchannel`));
  await apache(t, p, at);
  const page = await (await browser(t)).newPage();
  const enter = async () => {
    await page.goto(`${site}/protected/`);
    assert.ok(page.url().startsWith(at.auth), page.url());
    await login(page, 'alice');
    await arrived(page, `${site}/protected/`);
    assert.equal(await page.textContent('h1'), 'Hello alice');
  };
  await enter();
  assert.equal(await page.textContent('#email'), 'alice@example.com');

  const token = await page.textContent('#token');
  await page.goto(`${callback}?refresh=${encodeURIComponent(`${site}/protected/`)}&access_token=${token}`);
  assert.equal(page.url(), `${site}/protected/`);
  assert.notEqual(await page.textContent('#token'), token);

  await page.goto(`${callback}?logout=${encodeURIComponent(`${site}/`)}`); // it sends its ID token as a hint
  assert.equal(page.url(), `${site}/`);
  assert.equal(await page.textContent('h1'), 'Outside');
  await enter();

  await page.goto(`${at.auth}/logout`);
  await press(page, 'button[value=logout]');
  await until(async () => { // told on the back channel
    await page.goto(`${site}/protected/`);
    return page.url().startsWith(at.auth);
  }, 'Apache forgets the session');
});
