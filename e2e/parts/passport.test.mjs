// passport-openidconnect in an Express application, as its guide has it. It
// sends no PKCE, so its client says so, and has to send a nonce instead.
import assert from 'node:assert/strict';
import test from 'node:test';
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import OpenIDConnect from 'passport-openidconnect';
import { arrived, client, issuer, secret } from './issuer.mjs';
import { browser, login, port, press } from './rig.mjs';

// application is the whole of it: sign in, see who is there, renew, sign out.
async function application(t, p, at, more) {
  const site = `http://localhost:${p}`, guard = new passport.Passport(), web = express();
  const strategy = new OpenIDConnect({
    issuer: at.auth, authorizationURL: `${at.auth}/authorize`, tokenURL: `${at.auth}/token`, userInfoURL: `${at.auth}/userinfo`,
    clientID: 'forum', clientSecret: secret, callbackURL: `${site}/callback`, scope: ['profile', 'email', 'offline_access'], ...more,
  }, (iss, profile, context, idToken, accessToken, refreshToken, done) => done(null, { profile, idToken, accessToken, refreshToken }));
  guard.use(strategy);
  guard.serializeUser((user, done) => done(null, user));
  guard.deserializeUser((user, done) => done(null, user));
  web.use(session({ name: 'forum', secret: 'of the forum', resave: false, saveUninitialized: false }), guard.session());
  web.get('/', (req, res) => res.send(req.user ? `<h1>Hello ${req.user.profile.displayName}</h1><p>${req.user.profile.emails[0].value}</p>` : '<h1>Nobody</h1>'));
  web.get('/login', guard.authenticate('openidconnect'));
  web.get('/callback', guard.authenticate('openidconnect', { successRedirect: '/', failureMessage: true }));
  web.get('/renew', (req, res, next) => strategy._oauth2.getOAuthAccessToken(req.user.refreshToken, { grant_type: 'refresh_token' },
    (err, accessToken) => (err ? next(err) : res.send(accessToken === req.user.accessToken ? '<h1>The same</h1>' : '<h1>Renewed</h1>'))));
  web.get('/logout', (req, res, next) => {
    const hint = req.user.idToken;
    req.logout((err) => (err ? next(err) : res.redirect(`${at.auth}/end_session?${new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: `${site}/` })}`)));
  });
  web.use((err, req, res, next) => res.status(500).send(`<h1>${err.code ?? err.message}</h1>`));
  const server = web.listen(p, '127.0.0.1');
  t.after(() => new Promise((done) => { server.closeAllConnections(); server.close(done); }));
  await new Promise((done) => server.on('listening', done));
  return site;
}

test('passport-openidconnect: login, refresh and logout, without PKCE', async (t) => {
  const [p, q] = [await port(), await port()];
  const at = await issuer(t, () => client('forum', `secret ${secret}`, 'insecure_pkce_optional', 'offline_access',
    `redirect_uri http://localhost:${p}/callback http://localhost:${q}/callback`, `post_logout_redirect_uri http://localhost:${p}/`));
  const site = await application(t, p, at, { nonce: true, skipUserProfile: false });
  const page = await (await browser(t)).newPage();
  const title = () => page.textContent('h1');
  await page.goto(`${site}/login`);
  assert.ok(page.url().startsWith(`${at.auth}/login?`), page.url());
  await login(page, 'alice');
  await arrived(page, `${site}/`);
  assert.equal(await title(), 'Hello Alice A');
  assert.equal(await page.textContent('p'), 'alice@example.com');
  await page.goto(`${site}/renew`);
  assert.equal(await title(), 'Renewed');
  await page.goto(`${site}/logout`);
  await arrived(page, `${site}/`);
  assert.equal(await title(), 'Nobody');
  await page.goto(`${site}/login`);
  assert.ok(page.url().startsWith(`${at.auth}/login?`), 'still signed in'); // the login ended, too
  await press(page, 'button[value=cancel]');
  await arrived(page, `${site}/callback`);
  assert.equal((await page.textContent('body')).trim(), 'Unauthorized');

  const plain = await application(t, q, at, {}); // its default: neither PKCE nor nonce
  await page.goto(`${plain}/login`);
  assert.equal(await title(), 'invalid_request'); // OAU-04
});
