// Installs a real VS Code under .e2e/ for the host tests and the end-to-end story.   node test/e2e/install.mjs [ROOT]
//
// code-server carries VS Code's own workbench and extension host, and comes from the npm registry whole but for its native
// modules: three are built here (terminals, log files, the host's watchdog), the rest are not needed. Chromium and ripgrep
// are Debian's. Run again it does little.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const root = resolve(process.argv[2] ?? join(project, '.e2e'));

/** code-server's last version for each Node: 4.100 is VS Code 1.100 on Node 20, 4.103 wants Node 22, 4.135 Node 24. */
const codeServerVersion = process.env.CODE_SERVER_VERSION ?? '4.100.3';
const nativeModules = ['@vscode/spdlog', 'node-pty', 'native-watchdog'];

const codeServer = join(root, 'node_modules/code-server');
const vscode = join(codeServer, 'lib/vscode');

mkdirSync(root, { recursive: true });
step('Debian packages', installDebianPackages);
step('code-server', installCodeServer);
step('its parts', installParts);
step('native modules', buildNativeModules);
step('settings', writeSettings);
writeFileSync(
  join(root, 'installed.json'),
  JSON.stringify({ codeServer: codeServerVersion, node: process.version }),
);

function step(name, work) {
  const start = Date.now();
  work();
  console.log(`${name.padEnd(18)} ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

function run(command, args, cwd, env = {}) {
  try {
    execFileSync(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    process.stderr.write(
      `${command} ${args.join(' ')} in ${cwd}\n${String(error.stdout)}\n${String(error.stderr)}\n`,
    );
    process.exit(1);
  }
}

function npmInstall(cwd, ...args) {
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...args], cwd);
}

function installDebianPackages() {
  if (existsSync('/usr/bin/chromium') && existsSync('/usr/bin/rg')) return;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-qq'], root, env);
  const packages = ['chromium', 'ripgrep', 'fonts-dejavu-core', 'fonts-noto-cjk'];
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], root, env);
}

function installCodeServer() {
  const manifest = join(root, 'package.json');
  if (!existsSync(manifest)) writeFileSync(manifest, JSON.stringify({ name: 'tandem-e2e', private: true }));
  const own = join(codeServer, 'package.json');
  if (existsSync(own) && JSON.parse(readFileSync(own, 'utf8')).version === codeServerVersion) return;
  npmInstall(root, `code-server@${codeServerVersion}`);
}

/** What code-server's post-install does: two nested installs and some links. */
function installParts() {
  for (const folder of [vscode, join(vscode, 'extensions')])
    if (!existsSync(join(folder, 'node_modules'))) npmInstall(folder, '--omit=dev');
  link('node_modules', join(vscode, 'node_modules.asar'));
  link('code-linux.sh', join(vscode, 'bin/remote-cli/code-server'));
  link('browser-linux.sh', join(vscode, 'bin/helpers/browser.sh'));
  const ripgrep = join(vscode, 'node_modules/@vscode/ripgrep/bin');
  mkdirSync(ripgrep, { recursive: true });
  link('/usr/bin/rg', join(ripgrep, 'rg'));
  // argon2 only hashes login passwords, and there is no login on loopback.
  writeFileSync(
    join(root, 'node_modules/argon2/argon2.js'),
    "module.exports = { hash: async () => { throw new Error('no passwords here'); }, verify: async () => false, needsRehash: () => false };\n",
  );
}

function link(target, path) {
  rmSync(path, { force: true, recursive: true });
  symlinkSync(target, path);
}

function buildNativeModules() {
  const npmRoot = execFileSync('npm', ['root', '-g'], { encoding: 'utf8' }).trim();
  const gyp = join(npmRoot, 'npm/node_modules/node-gyp/bin/node-gyp.js');
  // node-gyp takes Node's headers from the installation that runs, where it has them, instead of downloading.
  const prefix = resolve(dirname(process.execPath), '..');
  const headers = existsSync(join(prefix, 'include/node/node.h')) ? [`--nodedir=${prefix}`] : [];
  for (const name of nativeModules) {
    const folder = join(vscode, 'node_modules', name);
    if (existsSync(join(folder, 'build/Release'))) continue;
    run('node', [gyp, 'rebuild', ...headers], folder, { MAKEFLAGS: '-j2' });
    for (const rest of ['obj.target', '.deps'])
      rmSync(join(folder, 'build/Release', rest), { recursive: true, force: true });
  }
}

function writeSettings() {
  const user = join(root, 'user-data/User');
  mkdirSync(user, { recursive: true });
  cpSync(join(project, 'test/e2e/settings.json'), join(user, 'settings.json'));
}
