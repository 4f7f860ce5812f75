// A login host for relying parties, and what their tests have in common.
import { app, browser, caddy, global, login, port, until } from './rig.mjs';

export const secret = 'a-secret-of-more-than-32-characters-0123456789';
export const alice = ['alice', '--name', 'Alice A', '--email', 'alice@example.com', '--group', 'staff'];

// issuer starts a login host with Alice and with the clients that clients(at)
// writes down. An application for them listens at at.app: it greets, and
// remembers what it got.
export async function issuer(t, clients, host = 'auth.localhost') {
  const p = await port();
  const legacy = await app(t);
  const base = `http://localhost:${legacy.port}`;
  const at = { auth: `http://${host}:${p}`, redirect: `${base}/callback`, bye: `${base}/bye`, told: `${base}/backchannel`, app: legacy };
  const house = await caddy(t, global(`issuer ${at.auth}\n\t\tusers\n\t\tallow_private\n\t\t${clients(at)}`) + `
${at.auth} {
	gatehouse_portal
}
`, [alice]);
  return { ...house, ...at };
}

// client is the block of one client, of ours.
export const client = (id, ...lines) => `client ${id} {
			first_party
			${lines.join('\n\t\t\t')}
		}
		`;

// arrived waits until the browser is at the application again.
export async function arrived(page, redirect) {
  await page.waitForURL((url) => url.href.startsWith(redirect));
  return new URL(page.url());
}

// signedIn goes to an authorization request as Alice, and comes back with the
// address of its answer.
export async function signedIn(t, href, redirect) {
  const page = await (await browser(t)).newPage();
  await page.goto(href);
  await login(page, 'alice');
  return { page, url: await arrived(page, redirect) };
}

// notices gives what the application was told on the back channel, once it was.
export async function notices(at, n = 1) {
  const all = () => at.app.seen.filter((r) => r.url === '/backchannel');
  await until(() => all().length >= n, 'a logout token comes');
  return all().map((r) => new URLSearchParams(r.body).get('logout_token'));
}
