// A real VS Code for tests: starts the one under .e2e/, opens windows of it in Chromium.
import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const project = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const root = process.env.TANDEM_E2E_ROOT ?? join(project, '.e2e');
const entry = join(root, 'node_modules/code-server/out/node/entry.js');

export const isInstalled = existsSync(join(root, 'installed.json')) && existsSync(entry);

/** A fresh folder for one test's user data, extensions and workspace. */
export function freshFolder(name) {
  const folder = join(root, 'work', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Paths of a VS Code that remembers nothing from another test. */
export function freshProfile(folder, settings = {}) {
  const user = join(folder, 'user-data/User');
  mkdirSync(user, { recursive: true });
  const usual = JSON.parse(readFileSync(join(project, 'test/e2e/settings.json'), 'utf8'));
  writeFileSync(join(user, 'settings.json'), JSON.stringify({ ...usual, ...settings }, null, 2));
  return [
    ['--user-data-dir', join(folder, 'user-data')],
    ['--extensions-dir', join(folder, 'extensions')],
    ['--config', join(folder, 'config.yaml')],
  ].flat();
}

const environment = (folder) => {
  const xdg = join(folder, 'xdg');
  return {
    ...process.env,
    // A terminal of another VS Code would be taken for the parent.
    VSCODE_IPC_HOOK_CLI: undefined,
    // No gallery: nothing is asked of the network.
    EXTENSIONS_GALLERY: '{"serviceUrl":""}',
    CODE_SERVER_SESSION_SOCKET: join(folder, 'ipc.sock'),
    XDG_CONFIG_HOME: xdg,
    XDG_DATA_HOME: xdg,
    XDG_CACHE_HOME: xdg,
  };
};

export function installVsix(folder, profile, file) {
  const { status, stdout, stderr } = spawnSync('node', [entry, ...profile, '--install-extension', file], {
    env: environment(folder),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the extension was not installed:\n${stdout}\n${stderr}`);
}

/** Starts the server; `stop` ends it and the windows' extension hosts. */
export async function startVsCode({ folder, profile, trust = false, env = {} }) {
  const args = [
    '--auth',
    'none',
    '--bind-addr',
    '127.0.0.1:0',
    '--disable-telemetry',
    '--disable-update-check',
  ];
  args.push('--disable-getting-started-override', '--disable-file-downloads');
  if (!trust) args.push('--disable-workspace-trust');
  const log = createWriteStream(join(folder, 'server.log'));
  const child = spawn('node', [entry, ...args, ...profile], {
    env: { ...environment(folder), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes) => {
      log.write(bytes);
      output += bytes;
    });
  }
  const url = await until(
    () => /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1],
    20_000,
    'the server',
  );
  return {
    url,
    pid: child.pid,
    stop: async () => {
      child.kill();
      await until(() => child.exitCode !== null || child.signalCode !== null, 10_000, "the server's end");
      log.end();
    },
  };
}

/** Polls until the answer is truthy; an error that names what was waited for otherwise. */
export async function until(ask, limitMs, what) {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`${what} did not come within ${limitMs / 1000} s`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Alive, and not a dead process that its parent has yet to notice. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false; // No such process.
  }
}

export async function openBrowser() {
  const { chromium } = createRequire(import.meta.url)('playwright-core');
  const quiet = [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-sync',
  ];
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: ['--no-sandbox', '--disable-component-update', ...quiet],
  });
}
