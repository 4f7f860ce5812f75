// Every page, for everybody: nothing that axe finds, nothing too wide, one
// heading, in light and dark, on phones and desktops, in English and German.
import assert from 'node:assert/strict';
import test from 'node:test';
import { accessible, app, browser, caddy, global, login, password, port, shot, singleSite, withoutCookies } from './rig.mjs';

const down = (name, title, idp) => `provider oidc ${name} {
			issuer http://localhost:${idp}
			client_id gatehouse
			client_secret another-secret-of-more-than-32-characters
			title "${title}"
			allow_private
		}`;

// house has a login host, a site that few may enter, and whatever else a page
// needs to be seen. Its providers are down.
async function house(t, extra = '') {
  const [p, one, two] = [await port(), await port(), await port()];
  const legacy = await app(t);
  const at = { auth: `http://auth.localhost:${p}`, site: `http://app.localhost:${p}`, wiki: `http://wiki.localhost:${p}`, idp: one };
  const running = await caddy(t, global(`issuer ${at.auth}
		${down('acme', 'ACME account', one)}
		${down('second', 'Second GmbH & Co', two)}
		client shop {
			name "The shop"
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

const variants = {
  'phone-light': { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  'phone-dark': { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, colorScheme: 'dark' },
  'small-light-german': { viewport: { width: 320, height: 640 }, locale: 'de-DE' },
  'desktop-light': { viewport: { width: 1280, height: 800 } },
  'desktop-dark-german': { viewport: { width: 1280, height: 800 }, colorScheme: 'dark', locale: 'de-DE' },
};

// visitor opens addresses and looks closely at what comes.
function visitor(page, variant) {
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

for (const [variant, options] of Object.entries(variants)) {
  test(`a person's way through the two lines: ${variant}`, async (t) => {
    const { site, run } = await singleSite(t, []);
    const link = run('', 'setup').match(/http\S+/)[0];
    const page = await (await browser(t, options)).newPage();
    const visit = visitor(page, variant);
    await visit('setup', link, 200);
    await page.fill('input[name=username]', 'root');
    await page.fill('input[name=password]', password);
    await page.fill('input[name=password_confirm]', password + 'x');
    await page.click('button[value=setup]');
    await visit('setup-error');
    run(password + '\n', 'user', 'add', 'alice', '--name', 'Alice A', '--email', 'alice@example.com', '--group', 'staff', '--password-stdin');
    await visit('setup-closed', link, 404);
    await visit('login', site + '/wiki/start?page=1', 200);
    await login(page, 'alice', 'wrong');
    await visit('login-failed');
    await page.context().clearCookies();
    await login(page, 'alice');
    await visit('login-cookie-missing', null, 0, /cookie/);
    await login(page, 'alice');
    await page.waitForURL(site + '/wiki/start?page=1');
    await visit('home', site + '/.gatehouse/', 200, /Alice A/);
    await visit('not-found', site + '/.gatehouse/nothing-here', 404);
    await visit('logout', site + '/.gatehouse/logout', 200, /Alice A/);
    await page.click('button[value=logout]');
    await visit('logged-out');
  });

  test(`choosing, waiting, and what goes wrong: ${variant}`, async (t) => {
    const { auth, site, wiki, shop } = await house(t, 'users');
    const page = await (await browser(t, options)).newPage();
    const visit = visitor(page, variant);
    // A provider that was not asked yet counts as ready: wait for the answer.
    for (let i = 0; i < 40; i++) {
      await page.goto(site + '/');
      if (/can’t be reached/.test(await page.textContent('body'))) break;
      await page.waitForTimeout(250);
    }
    await visit('login-providers-down', site + '/', 200, /ACME account[\s\S]*can’t be reached/);
    await visit('provider-down', auth + '/login/acme', 503, /ACME account/);
    await visit('choose-client', shop, 200, /The shop[\s\S]*Second GmbH & Co/);
    await visit('provider-old', auth + '/callback/acme?state=x&code=y', 400, /once more/);
    await visit('unknown-client', auth + '/authorize?client_id=nobody&response_type=code', 400, /Unknown application/);
    await visit('bad-redirect-uri', shop.replace('callback', 'elsewhere'), 400, /Wrong way back/);
    await page.goto(site + '/');
    for (let i = 0; i < 3; i++) await login(page, 'mallory', 'wrong');
    await visit('login-throttled', null, 0, /minutes/);
    await page.goto(site + '/');
    await login(page, 'alice');
    await page.waitForURL(site + '/');
    await visit('denied', wiki + '/', 403, /no access[\s\S]*Alice A/);
    await page.click(`a[href^="${auth}/logout"]`); // out, to come back as somebody else
    await visit('logout-return');
    const deaf = await (await withoutCookies(t, site, options)).newPage();
    await deaf.goto(site + '/deep');
    await login(deaf, 'alice');
    await visitor(deaf, variant)('cookie-missing', null, 0, /cookie[\s\S]*app\.localhost/i);
    assert.ok(deaf.url().startsWith(site), deaf.url());
  });
}

test('two providers and no local accounts: choose is the login page', async (t) => {
  const { site } = await house(t);
  const page = await (await browser(t)).newPage();
  await visitor(page, 'desktop-light')('choose', site + '/', 200, /ACME account[\s\S]*Second GmbH/);
  assert.equal(await page.locator('input[type=password]').count(), 0);
});
