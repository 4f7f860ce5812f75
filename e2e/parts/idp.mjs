// oidc-provider, a certified OpenID Provider, and the way through its pages.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';
import { press } from './rig.mjs';

export const secret = 'another-secret-of-more-than-32-characters';

// provider starts an OpenID Provider whose development pages accept any login.
export async function provider(t, p, redirect) {
  const op = new Provider(`http://localhost:${p}`, {
    clients: [{
      client_id: 'gatehouse', client_secret: secret, redirect_uris: [redirect].flat(), response_types: ['code'], grant_types: ['authorization_code'],
      backchannel_logout_uri: `${[redirect].flat()[0]}/backchannel_logout`, backchannel_logout_session_required: true,
    }],
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
    cookies: { keys: ['a', 'b'] },
    fetch: (url, { dispatcher, signal, ...options }) => fetch(url, options), // which would refuse loopback and be impatient
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `Provided ${id}`, preferred_username: id, email: `${id}@acme.test`, email_verified: true, groups: ['ops', 'people'] }),
    }),
  });
  const server = createServer(op.callback());
  await new Promise((done) => server.listen(p, '127.0.0.1', done));
  t.after(() => new Promise((done) => { server.closeAllConnections(); server.close(done); }));
  return op;
}

// loginThere goes through the provider's own pages.
export async function loginThere(page, user) {
  await page.fill('input[name=login]', user);
  await page.fill('input[name=password]', 'any');
  await press(page, 'button[type=submit]');
  await press(page, 'button[type=submit]'); // consent
}
