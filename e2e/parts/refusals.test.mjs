// The pages that say no, as in pages.test.mjs: too many attempts, no access, no
// cookies.
import assert from 'node:assert/strict';
import test from 'node:test';
import { house, inEveryVariant, variants, visitor, wear } from './pages.mjs';
import { login, press, withoutCookies } from './rig.mjs';

test('what is refused', async (t) => {
  const { auth, site, wiki } = await house(t, 'users');
  const deaf = { 'en-GB': await withoutCookies(t, site), 'de-DE': await withoutCookies(t, site, { locale: 'de-DE' }) };
  await inEveryVariant(t, 'refused', async (page, visit, variant) => {
    await page.goto(site + '/');
    for (let i = 0; i < 3; i++) await login(page, `mallory-${variant}`, 'wrong');
    await visit('login-throttled', null, 0, /minutes/);
    await page.goto(site + '/');
    await login(page, 'alice');
    await page.waitForURL(site + '/');
    await visit('denied', wiki + '/', 403, /no access[\s\S]*Alice A/);
    await press(page, `a[href^="${auth}/logout"]`); // out, to come back as somebody else
    await visit('logout-return');
    const context = deaf[variants[variant].locale ?? 'en-GB'];
    await context.clearCookies();
    const lost = await context.newPage();
    await wear(lost, variant);
    await lost.goto(site + '/deep');
    await login(lost, 'alice');
    await visitor(lost, variant)('cookie-missing', null, 0, /cookie[\s\S]*app\.localhost/i);
    assert.ok(lost.url().startsWith(site), lost.url());
    await lost.close();
  });
});
