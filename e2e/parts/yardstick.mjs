// oidc-provider as somebody would run it who wants it fast: what `make bench`
// compares with. Everything is kept in memory; a login is granted to whoever asks, and the client needs no consent, being of
// the house. node yardstick.mjs <port> <redirect uri> <secret>
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [port, redirect, secret] = process.argv.slice(2);
const key = (type, alg, options) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig', alg, kid: alg });
const scope = 'openid profile email';
const code = (alg) => ({
  client_id: `wiki-${alg.toLowerCase()}`, client_secret: secret, redirect_uris: [redirect], response_types: ['code'], grant_types: ['authorization_code'],
  id_token_signed_response_alg: alg, scope,
});

// Kept is its in-memory adapter without that one's bound of a thousand things,
// which would forget who is signed in.
class Kept {
  static all = new Map();
  static members = new Map();

  constructor(model) { this.model = model; }

  key(id) { return `${this.model}:${id}`; }

  async upsert(id, payload, expiresIn) {
    Kept.all.set(this.key(id), { payload, until: Date.now() + expiresIn * 1000 });
    if (this.model === 'Session') Kept.all.set(`uid:${payload.uid}`, { payload: id, until: Infinity });
    const { grantId } = payload;
    if (grantId && this.model !== 'Grant') Kept.members.set(grantId, (Kept.members.get(grantId) ?? new Set()).add(this.key(id)));
  }

  async find(id) {
    const kept = Kept.all.get(this.key(id));
    return kept && kept.until > Date.now() ? kept.payload : undefined;
  }

  async findByUid(uid) { return this.find(Kept.all.get(`uid:${uid}`)?.payload); }

  async consume(id) { Kept.all.get(this.key(id)).payload.consumed = Math.floor(Date.now() / 1000); }

  async destroy(id) { Kept.all.delete(this.key(id)); }

  async revokeByGrantId(grantId) {
    for (const key of Kept.members.get(grantId) ?? []) Kept.all.delete(key);
    Kept.members.delete(grantId);
  }
}
setInterval(() => {
  const now = Date.now();
  for (const [key, { payload, until }] of Kept.all) {
    if (until > now) continue;
    Kept.all.delete(key);
    Kept.members.get(payload.grantId)?.delete(key);
  }
}, 60_000).unref();

const op = new Provider(`http://localhost:${port}`, {
  clients: [code('RS256'), code('ES256'),
    { client_id: 'robot', client_secret: secret, redirect_uris: [], response_types: [], grant_types: ['client_credentials'] }],
  jwks: { keys: [key('rsa', 'RS256', { modulusLength: 2048 }), key('ec', 'ES256', { namedCurve: 'P-256' })] },
  adapter: Kept,
  cookies: { keys: ['a key of thirty-two random letters'] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false }, clientCredentials: { enabled: true } },
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
  ttl: { AccessToken: 300, ClientCredentials: 300, AuthorizationCode: 60, IdToken: 300, Interaction: 3600, Grant: 86400, Session: 86400 },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: 'Alice A', preferred_username: 'alice', email: 'alice@example.com', email_verified: true }),
  }),
  // Its own recipe for clients that need no consent.
  async loadExistingGrant(ctx) {
    const { client, session, result, provider } = ctx.oidc;
    const id = result?.consent?.grantId ?? session.grantIdFor(client.clientId);
    if (id) return provider.Grant.find(id);
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope(scope);
    await grant.save();
    return grant;
  },
});

const serve = op.callback();
createServer(async (req, res) => {
  if (!req.url.startsWith('/interaction/')) return serve(req, res);
  await op.interactionFinished(req, res, { login: { accountId: 'alice' } });
}).listen(port, '127.0.0.1');
