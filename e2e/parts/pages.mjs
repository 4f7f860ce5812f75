// The five settings in which people see pages, and a close look at what they
// see; and a login host to see pages of.
import assert from 'node:assert/strict';
import { accessible, app, browser, caddy, global, port, shot } from './rig.mjs';

export const variants = {
  'phone-light': { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  'phone-dark': { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, colorScheme: 'dark' },
  'small-light-german': { viewport: { width: 320, height: 640 }, locale: 'de-DE' },
  'desktop-light': { viewport: { width: 1280, height: 800 } },
  'desktop-dark-german': { viewport: { width: 1280, height: 800 }, colorScheme: 'dark', locale: 'de-DE' },
};

// inEveryVariant runs steps with a new person's browser in each setting. What
// they start is started once for all of them.
export async function inEveryVariant(t, name, steps) {
  for (const [variant, options] of Object.entries(variants)) {
    await t.test(`${name}: ${variant}`, async (t) => {
      const page = await (await browser(t, options)).newPage();
      await steps(page, visitor(page, variant), variant);
    });
  }
}

// visitor opens addresses and looks closely at what comes.
export function visitor(page, variant) {
  return async (what, address, status, words) => {
    if (address) {
      const answer = await page.goto(address);
      if (status) assert.equal(answer.status(), status, `${what}: ${page.url()}`);
    }
    await accessible(page, what);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${what} is ${overflow} px too wide`);
    assert.equal(await page.locator('h1').count(), 1, `${what} has one heading`);
    const german = variants[variant].locale === 'de-DE';
    assert.equal(await page.getAttribute('html', 'lang'), german ? 'de' : 'en', what);
    if (words && !german) assert.match(await page.textContent('main'), words, what);
    await shot(page, `${variant}-${what}`);
  };
}

// wear puts a page of somebody else's browser into a setting, but for its
// language, which is the browser's.
export async function wear(page, variant) {
  const { viewport, colorScheme = 'light' } = variants[variant];
  await page.setViewportSize(viewport);
  await page.emulateMedia({ colorScheme });
}

const down = (name, title, idp) => `provider oidc ${name} {
			issuer http://localhost:${idp}
			client_id gatehouse
			client_secret another-secret-of-more-than-32-characters
			title "${title}"
			allow_private
		}`;

// house has a login host, a site that few may enter, and whatever else a page
// needs to be seen. Its providers are down.
export async function house(t, extra = '') {
  const [p, one, two] = [await port(), await port(), await port()];
  const legacy = await app(t);
  const at = { auth: `http://auth.localhost:${p}`, site: `http://app.localhost:${p}`, wiki: `http://wiki.localhost:${p}`, providers: [one, two] };
  const running = await caddy(t, global(`issuer ${at.auth}
		${down('acme', 'ACME account', one)}
		${down('second', 'Second GmbH & Co', two)}
		client shop {
			name "The shop"
			first_party
			public
			redirect_uri http://localhost:${legacy.port}/callback
			no_local
		}
		throttle {
			attempts 2
		}
		${extra}`) + `
${at.auth} {
	gatehouse_portal
}
${at.site} {
	gatehouse
	reverse_proxy ${legacy.address}
}
${at.wiki} {
	gatehouse {
		allow group admins
	}
	reverse_proxy ${legacy.address}
}
`, extra ? [['alice', '--name', 'Alice A', '--email', 'alice@example.com', '--group', 'staff']] : []);
  const shop = `${at.auth}/authorize?client_id=shop&response_type=code&scope=openid&redirect_uri=${encodeURIComponent(`http://localhost:${legacy.port}/callback`)}` +
    '&state=s&nonce=n&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256';
  return { ...at, ...running, shop };
}
