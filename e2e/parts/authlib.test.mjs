// Debian's python3-authlib in a Flask application: authlib_app.py.
import assert from 'node:assert/strict';
import test from 'node:test';
import { arrived, client, issuer, secret } from './issuer.mjs';
import { browser, daemon, listens, login, port } from './rig.mjs';

test('Authlib: login, userinfo, introspection, refresh and logout', async (t) => {
  const p = await port();
  const site = `http://localhost:${p}`;
  // Python knows no names below localhost. Debian's modules are Debian's Python's.
  const at = await issuer(t, () => client('notes', `secret ${secret}`, 'offline_access',
    `redirect_uri ${site}/callback`, `post_logout_redirect_uri ${site}/`), 'localhost');
  await daemon(t, '/usr/bin/python3', ['authlib_app.py', p, at.auth, 'notes', secret], { cwd: import.meta.dirname }, () => listens(p));
  const page = await (await browser(t)).newPage();
  const says = async (path) => {
    await page.goto(site + path);
    return page.textContent('h1');
  };
  assert.equal(await says('/'), 'Nobody');
  await page.goto(`${site}/login`);
  assert.ok(page.url().startsWith(`${at.auth}/login?`), page.url());
  await login(page, 'alice');
  await arrived(page, `${site}/`);
  assert.equal(await page.textContent('h1'), 'Hello Alice A, alice@example.com');
  assert.equal(await says('/introspect'), 'True openid profile email offline_access');
  assert.equal(await says('/renew'), 'Renewed');
  assert.equal(await says('/userinfo'), '200');
  await page.goto(`${site}/logout`);
  await arrived(page, `${site}/`);
  assert.equal(await page.textContent('h1'), 'Nobody');
  assert.equal(await says('/login'), 'Sign in');
  assert.ok(page.url().startsWith(`${at.auth}/login?`), 'still signed in');
});
