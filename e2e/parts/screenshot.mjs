// Makes docs/screenshot.png for the README: the login page of the real product,
// light beside dark. Run it by `npm run screenshot` after `make build`.
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import assert from 'node:assert/strict';
import { provider, secret } from './idp.mjs';
import { app, browser, caddy, global, port, until } from './rig.mjs';

const target = fileURLToPath(new URL('../../docs/screenshot.png', import.meta.url));

test('docs/screenshot.png', async (t) => {
  const [p, idp] = [await port(), await port()];
  const legacy = await app(t);
  const at = { auth: `http://auth.localhost:${p}`, site: `http://wiki.localhost:${p}` };
  await provider(t, idp, `${at.auth}/callback/work`);
  await caddy(t, global(`issuer ${at.auth}
		users
		provider oidc work {
			issuer http://localhost:${idp}
			client_id gatehouse
			client_secret ${secret}
			title "ACME account"
			allow_private
		}`) + `
${at.auth} {
	gatehouse_portal
}
${at.site} {
	gatehouse
	reverse_proxy ${legacy.address}
}
`, [['alice', '--name', 'Alice A']]);
  const halves = [];
  for (const colorScheme of ['light', 'dark']) {
    const page = await (await browser(t, { viewport: { width: 640, height: 800 }, colorScheme })).newPage();
    await until(async () => {
      await page.goto(at.site + '/start');
      return page.locator('button:has-text("ACME account")').count();
    }, 'the provider has been found');
    await page.fill('input[name=username]', 'alice');
    await page.locator('input[name=username]').blur();
    halves.push((await page.screenshot()).toString('base64'));
  }
  const sheet = await (await browser(t, { viewport: { width: 1280, height: 800 } })).newPage();
  await sheet.setContent(`<body style="margin:0;display:flex">${halves.map((h) => `<img width="640" height="800" src="data:image/png;base64,${h}">`).join('')}`);
  await sheet.screenshot({ path: target });
  assert.ok(statSync(target).size <= 120 << 10, `${statSync(target).size} bytes are too many`);
});
