// A window of the real VS Code with Tandem from its .vsix, on an empty folder.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  freshFolder,
  freshProfile,
  installVsix,
  isAlive,
  isInstalled,
  openBrowser,
  project,
  root,
  startVsCode,
} from './vscode.mjs';
import { newWindow } from './window.mjs';

/** Opens it, plays the stages, and ends what was started. Ends the program with 1 when a stage does not come in its time. */
export async function play(name, stages, settings = {}) {
  if (!isInstalled) {
    console.error('There is no VS Code under .e2e: npm run e2e:install');
    process.exit(2);
  }
  const vsix = resolve(process.argv[2] ?? join(root, 'tandem.vsix'));
  if (!process.argv[2])
    execFileSync('node', ['package.mjs', '--target', 'linux-x64', '--out', vsix], {
      cwd: project,
      stdio: 'ignore',
    });
  const started = Date.now();
  const say = (...words) => console.log(`[${((Date.now() - started) / 1000).toFixed(0)} s]`, ...words);
  const folder = freshFolder(`${name}-${process.pid}`);
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  const profile = freshProfile(folder, settings);
  installVsix(folder, profile, vsix);
  say('installed', vsix);
  const server = await startVsCode({ folder, profile });
  const browser = await openBrowser();
  const window = await newWindow(browser, name);
  const runs = () => runsIn(join(workspace, 'emoji'));
  let code = 0;
  try {
    await window.open(server.url, workspace);
    await stages({ window, server, folder, workspace, say, runs });
  } catch (error) {
    code = 1;
    say('FAILED', error.stack ?? error);
    await window.picture('failure');
  } finally {
    await browser.close();
    await server.stop();
    for (const { process: trainer } of runs())
      if (trainer && isAlive(trainer.pid)) process.kill(trainer.pid, 'SIGKILL');
  }
  say('end', code === 0 ? 'all stages passed' : 'a stage failed');
  process.exit(code);
}

/** Every run's run.json below a folder, newest first. */
export function runsIn(folder) {
  const dir = join(folder, '.tandem/runs');
  if (!existsSync(dir)) return [];
  const names = readdirSync(dir).filter((name) => existsSync(join(dir, name, 'run.json')));
  return names
    .sort()
    .reverse()
    .map((name) => JSON.parse(readFileSync(join(dir, name, 'run.json'), 'utf8')));
}

/** The example of the walkthrough, put into the workspace and shown. */
export async function openExample({ window, say }) {
  await window.command('Tandem: Open Example');
  await window.acceptDialog('Put the Example Here');
  await window.page.locator('.view-line', { hasText: 'emoji' }).first().waitFor({ timeout: 60_000 });
  await window.page
    .locator('.codelens-decoration', { hasText: 'Start Training' })
    .first()
    .waitFor({ timeout: 30_000 });
  say('example', await window.picture('example'));
}
