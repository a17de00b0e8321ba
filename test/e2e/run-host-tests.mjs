// Runs mocha tests inside the real extension host.   node test/e2e/run-host-tests.mjs
// Prints one JSON line per test on standard output: {"name", "error"}.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { freshFolder, freshProfile, openBrowser, project, startVsCode, until } from './vscode.mjs';

const limitMs = Number(process.env.HOST_TESTS_LIMIT_MS ?? 600_000);

// Its own folder, so that two runs at a time do not meet.
const folder = freshFolder(`host-tests-${process.pid}`);
const workspace = join(folder, 'workspace');
mkdirSync(workspace, { recursive: true });
cpSync(join(project, 'test/fixtures/host/workspace'), workspace, { recursive: true });
// The other programs are those of the last build; the extension is always the one of these sources.
const isBuilt = existsSync(join(project, 'dist/tandem.js'));
execFileSync('node', ['build.mjs', ...(isBuilt ? ['--only', 'extension'] : [])], {
  cwd: project,
  stdio: 'ignore',
});

// A tiny program in the trainer's place: these tests are about the window, not about learning.
const standIn = join(folder, 'stand-in.mjs');
await build({
  entryPoints: [join(project, 'test/launcher/stand-in/trainer.ts')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  outfile: standIn,
  logLevel: 'warning',
});

const tests = join(folder, 'tests/index.cjs');
await build({
  entryPoints: [join(project, 'test/host/suite/index.ts')],
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode', 'mocha'],
  sourcemap: 'inline',
  outfile: tests,
  logLevel: 'warning',
});

const results = join(folder, 'results.jsonl');
const server = await startVsCode({
  folder,
  profile: freshProfile(folder),
  env: {
    TANDEM_TEST_RESULTS: results,
    TANDEM_TEST_MOCHA: join(project, 'node_modules/mocha'),
    TANDEM_TRAINER: standIn,
    TANDEM_PROJECT: project,
    MOCHA_GREP: process.env.MOCHA_GREP ?? '',
  },
});
const browser = await openBrowser();
let code = 1;
try {
  const page = await (
    await browser.newContext({
      viewport: { width: 1280, height: 800 },
      permissions: ['clipboard-read', 'clipboard-write'],
    })
  ).newPage();
  let exit = null;
  // The workbench calls these two when it runs with extensionTestsPath.
  await page.exposeFunction('codeAutomationLog', (_type, args) => {
    const text = [].concat(args).join(' ');
    if (process.env.VERBOSE) console.error(text);
  });
  await page.exposeFunction('codeAutomationExit', (value) => (exit = value));
  await page.addInitScript(developWith, {
    extensions: [uri(project)],
    extensionTestsPath: uri(tests),
  });
  await page.goto(`${server.url}/?folder=${encodeURIComponent(workspace)}`, {
    waitUntil: 'domcontentloaded',
  });
  await until(() => exit !== null, limitMs, 'the end of the tests').catch(async (error) => {
    await page.screenshot({ path: join(folder, 'timeout.png') });
    throw error;
  });
  code = exit;
} finally {
  await browser.close();
  await server.stop();
  if (existsSync(results)) process.stdout.write(readFileSync(results, 'utf8'));
  if (code === 0) rmSync(folder, { recursive: true, force: true });
}
process.exit(code);

function uri(path) {
  return { $mid: 1, scheme: 'vscode-remote', authority: new URL(server.url).host, path };
}

/** In the page: VS Code reads what to develop and test from its configuration element. */
function developWith(options) {
  const get = Element.prototype.getAttribute;
  Element.prototype.getAttribute = function (name) {
    const value = get.call(this, name);
    if (name !== 'data-settings' || this.id !== 'vscode-workbench-web-configuration' || !value) return value;
    const configuration = JSON.parse(value);
    configuration.developmentOptions = { ...configuration.developmentOptions, ...options };
    return JSON.stringify(configuration);
  };
}
