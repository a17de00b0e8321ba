// Runs mocha tests inside the real extension host.   node test/e2e/run-host-tests.mjs
// Prints one JSON line per test on standard output: {"name", "error"}.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { serveHands } from './hands.mjs';
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
const hands = join(folder, 'hands');
const env = {
  TANDEM_TEST_RESULTS: results,
  TANDEM_TEST_HANDS: hands,
  TANDEM_TEST_MOCHA: join(project, 'node_modules/mocha'),
  TANDEM_TRAINER: standIn,
  TANDEM_PROJECT: project,
  MOCHA_GREP: process.env.MOCHA_GREP ?? '',
};
mkdirSync(hands);
const roots = join(folder, 'roots');
makeRoots(roots);
// What each window is, decides which suites it runs (test/host/suite/index.ts).
const windows = [
  { name: 'main', query: { folder: workspace } },
  { name: 'folders', query: { workspace: join(roots, 'both.code-workspace') } },
  { name: 'chinese', query: { folder: join(roots, 'first') }, language: 'zh-cn' },
  { name: 'restricted', query: { folder: join(roots, 'second') }, isRestricted: true },
].filter(({ name }) => !process.env.HOST_WINDOWS || process.env.HOST_WINDOWS.split(',').includes(name));

const browser = await openBrowser();
let code = 0;
try {
  for (const isRestricted of [false, true]) {
    const own = windows.filter((window) => Boolean(window.isRestricted) === isRestricted);
    if (own.length > 0 && !(await inServer(own, isRestricted))) code = 1;
  }
} finally {
  await browser.close();
  if (existsSync(results)) process.stdout.write(readFileSync(results, 'utf8'));
  if (code === 0) rmSync(folder, { recursive: true, force: true });
}
process.exit(code);

/** Whether all tests of these windows passed. */
async function inServer(own, isRestricted) {
  const place = join(folder, isRestricted ? 'restricted' : 'trusted');
  mkdirSync(place);
  const settings = isRestricted
    ? { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' }
    : {};
  const profile = freshProfile(place, settings);
  const server = await startVsCode({ folder: place, profile, trust: isRestricted, env });
  let passed = true;
  try {
    for (const window of own) {
      const result = await inWindow(server.url, window).catch((error) => {
        console.error(`${window.name}: ${error.stack ?? error}`);
        return 1;
      });
      if (result !== 0) passed = false;
    }
  } finally {
    await server.stop();
  }
  return passed;
}

/** The exit code of the tests in one window. */
async function inWindow(url, { name, query, language }) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  let exit = null;
  // The workbench calls these two when it runs with extensionTestsPath.
  await page.exposeFunction('codeAutomationLog', (_type, args) => {
    const text = [].concat(args).join(' ');
    if (process.env.VERBOSE) console.error(text);
  });
  await page.exposeFunction('codeAutomationExit', (value) => (exit = value));
  const options = {
    extensions: [uri(url, project)],
    extensionTestsPath: uri(url, tests),
  };
  await page.addInitScript(developWith, { options, language });
  await page.goto(`${url}/?${new URLSearchParams(query)}`, { waitUntil: 'domcontentloaded' });
  const isOver = async () => {
    await serveHands(page, hands);
    return exit !== null;
  };
  await until(isOver, limitMs, `the end of the tests in the window ${name}`).catch(async (error) => {
    await page.screenshot({ path: join(folder, `timeout-${name}.png`) });
    throw error;
  });
  if (process.env.HOST_PICTURES)
    await page.screenshot({ path: join(process.env.HOST_PICTURES, `${name}.png`) });
  await context.close();
  return exit;
}

/** Two folders, one with a blank, quotes and other letters in a name, and a virtual one, as one workspace. */
function makeRoots(place) {
  for (const name of ['first', 'second'])
    cpSync(join(project, 'test/fixtures/host/workspace'), join(place, name), { recursive: true });
  const odd = 'it\'s "odd" – 图';
  cpSync(join(place, 'first'), join(place, odd), { recursive: true });
  const folders = [{ path: 'first' }, { path: odd }, { uri: 'memfs:/virtual', name: 'virtual' }];
  writeFileSync(join(place, 'both.code-workspace'), JSON.stringify({ folders, settings: {} }));
}

function uri(url, path) {
  return { $mid: 1, scheme: 'vscode-remote', authority: new URL(url).host, path };
}

/** In the page: VS Code reads what to develop and test from its configuration element, and its language from a global. */
function developWith({ options, language }) {
  if (language) globalThis._VSCODE_NLS_LANGUAGE = language;
  const get = Element.prototype.getAttribute;
  Element.prototype.getAttribute = function (name) {
    const value = get.call(this, name);
    if (name !== 'data-settings' || this.id !== 'vscode-workbench-web-configuration' || !value) return value;
    const configuration = JSON.parse(value);
    configuration.developmentOptions = { ...configuration.developmentOptions, ...options };
    return JSON.stringify(configuration);
  };
}
