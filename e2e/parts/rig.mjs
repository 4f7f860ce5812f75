// The test kit of the foreign parts: a real Caddy from bin/caddy, a legacy
// application, a real browser, and whatever else a test wants to start. All of
// it is on loopback and ends with the test.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import dns from 'node:dns';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after } from 'node:test';
import { connect as secure } from 'node:tls';
import { chromium } from 'playwright-core';

export const password = 'correct horse battery';
const require = createRequire(import.meta.url);
const binary = resolve(require.resolve('./package.json'), '../../../bin/caddy');

// Names below localhost are loopback (RFC 6761, section 6.3). Browsers and
// curl know that; the resolver of a plain Debian, which Node.js asks, does not.
const lookup = dns.lookup;
dns.lookup = (host, ...rest) => lookup(/\.localhost$/.test(host) ? 'localhost' : host, ...rest);

// patience is for one step on a busy machine: nothing here should take so long,
// and nothing fails because it took longer than usual. In milliseconds.
const patience = 60000;

const given = new Set();

// port finds a free port. It is below those that the kernel gives to outgoing
// connections, or one of them could take it before the server does that it is
// for.
export async function port() {
  for (;;) {
    const p = randomInt(12000, 32000);
    if (given.has(p)) continue;
    given.add(p);
    const free = await new Promise((done) => {
      const server = createTcpServer().on('error', () => done(false)).listen(p, () => server.close(() => done(true)));
    });
    if (free) return p;
  }
}

// until waits for something that nobody announces.
export async function until(holds, what) {
  for (const end = Date.now() + patience; !(await holds());) {
    assert.ok(Date.now() < end, `${what}: not within ${patience / 1000} s`);
    await new Promise((r) => setTimeout(r, 100));
  }
}

// listens tells whether somebody listens at a port.
export function listens(p) {
  return new Promise((done) => {
    const socket = connect(p, '127.0.0.1').on('error', () => done(false)).on('connect', () => done(true) || socket.destroy());
  });
}

const endings = new WeakMap();

// atEnd notes what to undo after the test: the last first, as the directory
// of a program must outlive the program, and all of it, whatever fails.
function atEnd(t, undo) {
  if (endings.has(t)) return endings.get(t).push(undo);
  const stack = [undo];
  endings.set(t, stack);
  t.after(async () => {
    const failures = [];
    while (stack.length) await Promise.resolve().then(stack.pop()).catch((err) => failures.push(err));
    if (failures.length) throw new AggregateError(failures, 'cleaning up after the test');
  });
}

// workdir makes a directory that is removed after the test. A browser's last
// children may still write to it for a moment.
export function workdir(t) {
  const dir = mkdtempSync(join(tmpdir(), 'parts-'));
  atEnd(t, () => rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));
  return dir;
}

// daemon runs a program until the test ends and waits until ready(log) holds.
export async function daemon(t, command, args, options, ready) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let log = '';
  child.stdout.on('data', (d) => (log += d));
  child.stderr.on('data', (d) => (log += d));
  const ended = new Promise((done) => child.on('exit', done));
  atEnd(t, async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(timer);
  });
  const started = async () => {
    if (child.exitCode !== null) throw new Error(`${command} ended`);
    return ready(log);
  };
  await until(started, `${command} starts`).catch((err) => { throw new Error(`${err.message}:\n${log}`); });
  return { child, log: () => log };
}

// caddy starts Caddy with a Caddyfile, after making users. run is a function
// that runs `caddy gatehouse …` there.
export async function caddy(t, caddyfile, users = []) {
  const dir = workdir(t);
  writeFileSync(join(dir, 'Caddyfile'), caddyfile);
  const env = { ...process.env, HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir };
  const run = (input, ...args) => {
    const r = spawnSync(binary, ['gatehouse', ...args], { cwd: dir, env, input, encoding: 'utf8' });
    if (r.status !== 0) throw new Error(`caddy gatehouse ${args.join(' ')}: ${r.stdout}${r.stderr}`);
    return r.stdout;
  };
  for (const user of users) run(password + '\n', 'user', 'add', ...user, '--password-stdin');
  const started = await daemon(t, binary, ['run', '--config', 'Caddyfile'], { cwd: dir, env }, (log) =>
    log.includes('serving initial configuration'));
  for (const [, host, at] of caddyfile.includes('local_certs') ? caddyfile.matchAll(/(?<=^(?:https:\S+, )*)https:\/\/([^\s,:{]+):(\d+)(?=.* \{$)/gm) : []) {
    await until(() => certified(host, at), `a certificate for ${host}`);
  }
  return { dir, run, log: started.log, child: started.child };
}

// certified tells whether a server has its certificate: Caddy makes them after
// it has begun to listen.
const certified = (servername, at) => new Promise((done) => {
  const socket = secure({ host: '127.0.0.1', port: at, servername, rejectUnauthorized: false });
  socket.on('error', () => done(false)).on('secureConnect', () => done(true) || socket.destroy());
});

// global is the head of every Caddyfile here.
export const global = (gatehouse, more = '') => `{
	admin off
	persist_config off
	skip_install_trust
	${more}
	gatehouse {
		${gatehouse}
	}
}
`;

// app is a legacy application that greets by header and remembers what it got.
// It greets on WebSockets too, and below /events on a stream that never ends;
// below /hang it says nothing at all.
export async function app(t) {
  const seen = [], sockets = new Set();
  const server = createServer(async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    seen.push({ method: req.method, url: req.url, headers: req.headers, body });
    if (req.url.startsWith('/hang')) return;
    if (req.url === '/events') {
      res.writeHead(200, { 'Content-Type': 'text/event-stream' });
      return res.write(`data: hello ${req.headers['remote-user']}\n\n`);
    }
    res.setHeader('Content-Type', 'text/html; charset=utf-8');
    const name = String(req.headers['remote-name'] ?? req.headers['remote-user'] ?? 'nobody').replace(/[<&]/g, '');
    res.end(`<!doctype html><html lang="en"><title>App</title><h1>Hello ${name}</h1><p id="user">${req.headers['remote-user'] ?? ''}</p><p id="url"></p>`);
  });
  server.on('upgrade', (req, socket) => { // RFC 6455, section 4.2.2
    const accept = createHash('sha1').update(req.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    sockets.add(socket);
    const hello = Buffer.from('hello ' + req.headers['remote-user']);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    socket.write(Buffer.concat([Buffer.from([0x81, hello.length]), hello]));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  atEnd(t, () => new Promise((done) => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    server.close(done);
  }));
  const { port } = server.address();
  return { address: `127.0.0.1:${port}`, port, seen, sockets };
}

const executable = {
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * 127.0.0.1'],
};
const defaults = { ignoreHTTPSErrors: true, locale: 'en-GB' };
let chrome;
after(async () => (await chrome)?.close());

// browser gives a person's browser with no history; every host is on loopback.
// One Chromium serves the whole file.
export async function browser(t, options = {}) {
  chrome ??= chromium.launch(executable);
  const context = await (await chrome).newContext({ ...defaults, ...options });
  atEnd(t, () => context.close());
  context.setDefaultTimeout(patience);
  return context;
}

// withoutCookies is a browser that is told to keep no cookies of one origin.
export const withoutCookies = (t, origin, options) =>
  profiled(t, { content_settings: { exceptions: { cookies: { [`${origin},*`]: { setting: 2 } } } } }, options);

// withForeignCookies is a browser whose frames have the cookies of their site
// wherever they are, as most had for long: a window without history, which the
// others here are, has not.
export const withForeignCookies = (t, options) => profiled(t, { cookie_controls_mode: 0 }, options);

// profiled is a browser of its own with preferences.
async function profiled(t, profile, options = {}) {
  const dir = workdir(t);
  mkdirSync(join(dir, 'Default'));
  writeFileSync(join(dir, 'Default/Preferences'), JSON.stringify({ profile }));
  const context = await chromium.launchPersistentContext(dir, { ...executable, ...defaults, ...options });
  atEnd(t, () => context.close());
  context.setDefaultTimeout(patience);
  return context;
}

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

// accessible fails on any finding of axe. The script runs in a world of its
// own, so that the page's policy stays what it is.
export async function accessible(page, name) {
  const cdp = await page.context().newCDPSession(page);
  const { frameTree } = await cdp.send('Page.getFrameTree');
  const { executionContextId } = await cdp.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
  await cdp.send('Runtime.evaluate', { expression: axe, contextId: executionContextId });
  const { result, exceptionDetails } = await cdp.send('Runtime.evaluate', {
    expression: 'axe.run().then((r) => JSON.stringify(r.violations.map((v) => [v.id, v.nodes.map((n) => n.html)])))',
    awaitPromise: true, returnByValue: true, contextId: executionContextId,
  });
  assert.equal(exceptionDetails, undefined, `${name}: axe failed`);
  assert.equal(result.value, '[]', `${name}: ${result.value}`);
  await cdp.detach();
}

// leads does what leads to another page and waits until that is there. A click
// alone may return while the old page still stands.
export async function leads(page, act) {
  const there = page.waitForEvent('framenavigated', (frame) => frame === page.mainFrame());
  await Promise.all([there, act()]);
  await page.waitForLoadState();
}

// press clicks what leads to another page.
export const press = (page, selector) => leads(page, () => page.click(selector));

// login fills the login page that is open.
export async function login(page, user, pass = password) {
  await page.fill('input[name=username]', user);
  await page.fill('input[name=password]', pass);
  await press(page, 'button[name=action][value=login]');
}

// shot keeps a screenshot if SHOTS names a directory.
export async function shot(page, name) {
  if (!process.env.SHOTS) return;
  mkdirSync(process.env.SHOTS, { recursive: true });
  await page.screenshot({ path: join(process.env.SHOTS, name + '.png'), fullPage: true });
}

// singleSite is a house of the two lines, with its own pages below /.gatehouse/.
export async function singleSite(t, users = [['alice', '--name', 'Alice A', '--email', 'alice@example.com', '--group', 'staff']]) {
  const p = await port();
  const legacy = await app(t);
  const house = await caddy(t, `{
	admin off
	persist_config off
}
http://localhost:${p} {
	gatehouse
	reverse_proxy ${legacy.address}
}
`, users);
  return { ...house, site: `http://localhost:${p}`, app: legacy };
}
