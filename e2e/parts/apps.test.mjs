// Real applications that take their user from a header or a CGI variable:
// Radicale (Python) and Fossil (C, behind FastCGI).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { browser, caddy, daemon, listens, login, port, workdir } from './rig.mjs';

const alice = ['alice', '--name', 'Alice A', '--email', 'alice@example.com'];

const single = (p, guard, upstream) => `{
	admin off
	persist_config off
}
http://localhost:${p} {
	gatehouse {
		${guard}
	}
	${upstream}
}
`;

test('Radicale knows who is there and believes nobody else', async (t) => {
  const [p, rp, dir] = [await port(), await port(), workdir(t)];
  mkdirSync(join(dir, 'collections'));
  writeFileSync(join(dir, 'config'), `[server]
hosts = 127.0.0.1:${rp}
[auth]
type = http_x_remote_user
[storage]
filesystem_folder = ${dir}/collections
`);
  await daemon(t, 'radicale', ['--config', join(dir, 'config')], {}, () => listens(rp));
  await caddy(t, single(p, 'headers {\n\t\t\tX-Remote-User {http.auth.user.username}\n\t\t}', `reverse_proxy 127.0.0.1:${rp}`), [alice]);
  const page = await (await browser(t)).newPage();
  await page.goto(`http://localhost:${p}/alice/`);
  await login(page, 'alice');
  await page.waitForURL(`http://localhost:${p}/**`);
  const whose = async (headers) => page.evaluate(async (headers) => {
    const body = '<propfind xmlns="DAV:"><prop><current-user-principal/></prop></propfind>';
    const r = await fetch('/', { method: 'PROPFIND', body, headers: { Depth: '0', 'Content-Type': 'application/xml', ...headers } });
    return [r.status, await r.text()];
  }, headers);
  for (const headers of [{}, { 'X-Remote-User': 'mallory' }, { 'x-remote-user': 'mallory', 'Remote-User': 'mallory' }]) {
    const [status, text] = await whose(headers);
    assert.equal(status, 207);
    assert.match(text, /\/alice\//);
    assert.doesNotMatch(text, /mallory/);
  }
  const spoofed = execFileSync('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-X', 'PROPFIND', '-H', 'X-Remote-User: alice', '-H', 'X_Remote_User: alice', `http://localhost:${p}/alice/`]);
  assert.equal(String(spoofed), '401'); // PRX-01
});

test('Fossil behind FastCGI gets REMOTE_USER', async (t) => {
  const [p, fp, dir] = [await port(), await port(), workdir(t)];
  const env = { ...process.env, HOME: dir, USER: 'root' };
  const fossil = (...args) => execFileSync('fossil', args, { cwd: dir, env, encoding: 'utf8' });
  fossil('init', 'repo.fossil', '--admin-user', 'root');
  fossil('user', 'new', 'alice', 'Alice A', 'unused-password-of-fossil', '-R', 'repo.fossil');
  fossil('sql', '-R', 'repo.fossil', "INSERT OR REPLACE INTO config(name,value,mtime) VALUES('remote_user_ok','1',now())");
  writeFileSync(join(dir, 'site.cgi'), `#!/usr/bin/fossil\nrepository: ${dir}/repo.fossil\n`);
  chmodSync(join(dir, 'site.cgi'), 0o755);
  await daemon(t, 'fcgiwrap', ['-s', `tcp:127.0.0.1:${fp}`], { env }, () => listens(fp));
  await caddy(t, single(p, 'public /timeline', `reverse_proxy 127.0.0.1:${fp} {
		transport fastcgi {
			env SCRIPT_FILENAME ${dir}/site.cgi
			env REMOTE_USER {http.auth.user.username}
		}
	}`), [alice]);
  const page = await (await browser(t)).newPage();
  await page.goto(`http://localhost:${p}/login`);
  await login(page, 'alice');
  await page.waitForURL(`http://localhost:${p}/login`);
  assert.match(await page.textContent('body'), /alice/);
  const nobody = execFileSync('curl', ['-s', '-H', 'Remote-User: alice', '-H', 'REMOTE_USER: alice', '-H', 'Remote.User: alice', `http://localhost:${p}/timeline`], { encoding: 'utf8' });
  assert.match(nobody, /Timeline/i);
  assert.doesNotMatch(nobody, /alice/); // HDR-07
});
