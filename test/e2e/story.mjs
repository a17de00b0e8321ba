// The whole story in a real VS Code, from the installed .vsix: example, quick fix, training, reload, stop, resume, the end;
// then kill -9 of the trainer, of the extension host, and of both.   node test/e2e/story.mjs [FILE.vsix]
// Pictures of each stage lie in .e2e/shots/story. Ends with 1 when a stage does not come in its time.
import { execFileSync } from 'node:child_process';
import { openExample, play } from './opened.mjs';
import { isAlive, until } from './vscode.mjs';
import { activationMs, editInForm, inTheDark } from './panel-stages.mjs';
import { deleteRunning, queueOverReload, walkthrough } from './run-stages.mjs';

let window, page, server, say, runs;
await play('story', async (opened) => {
  ({ window, server, say, runs } = opened);
  ({ page } = window);
  await openExample(opened);
  await quickFix();
  await train();
  if (!process.env.STORY_SHORT) {
    await editInForm(window, say);
    await inTheDark(window, say);
    await reload();
  }
  await stopAndResume();
  say('activated:', JSON.stringify(await activationMs(window)));
  await walkthrough(window, say);
  await queueOverReload(window, { say, start: startAgain, runs });
  await deleteRunning(window, { say, runs });
  await kills();
});

async function quickFix() {
  await window.replaceWord('temperature', 'temprature');
  await page.locator('.squiggly-error').first().waitFor({ timeout: 15_000 });
  say('squiggle', await window.picture('squiggle'));
  await page.locator('.view-line span', { hasText: 'temprature' }).last().click();
  await page.keyboard.press('Control+.');
  await page.locator('.action-widget', { hasText: 'temperature' }).waitFor({ timeout: 15_000 });
  say('quick fix', await window.picture('quick-fix'));
  await page.keyboard.press('Enter');
  await page.locator('.view-line span', { hasText: 'temperature' }).last().waitFor({ timeout: 10_000 });
  await page.locator('.squiggly-error').first().waitFor({ state: 'detached', timeout: 15_000 });
}

async function train() {
  await window.replaceWord('60', '40');
  await window.showRuns();
  await window.command('Tandem: Start Training');
  await window.row(/\d+\/\d+/).waitFor({ timeout: 90_000 });
  const first = await until(() => lossIn(window.status()), 90_000, 'the loss in the status bar');
  await until(async () => (await lossIn(window.status())) !== first, 60_000, 'another loss');
  await window.panel().locator('canvas').first().waitFor({ timeout: 60_000 });
  await page.waitForTimeout(2_000);
  say('training', await window.status().innerText(), await window.picture('training'));
}

async function reload() {
  const before = runs()[0];
  await page.reload({ waitUntil: 'domcontentloaded' });
  await window.isReady();
  const after = await until(() => lossIn(window.status()), 90_000, 'the loss after the reload');
  await until(async () => (await lossIn(window.status())) !== after, 60_000, 'another loss after the reload');
  if (runs()[0].process.pid !== before.process.pid) throw new Error('another trainer');
  await window.row(/\d+\/\d+/).waitFor({ timeout: 30_000 });
  // The panel is this experiment's again.
  await page.locator('.tab', { hasText: 'Tandem: emoji' }).waitFor({ timeout: 30_000 });
  say('reloaded', await window.status().innerText(), await window.picture('reloaded'));
}

async function stopAndResume() {
  const { pid } = runs()[0].process;
  await window.command('Tandem: Stop');
  await window.row('stopped').waitFor({ timeout: 90_000 });
  await until(() => !isAlive(pid), 10_000, "the trainer's end");
  say('stopped', await window.picture('stopped'));
  await window.command('Tandem: Resume');
  await window.row(/\d+\/\d+/).waitFor({ timeout: 90_000 });
  say('resumed', await window.picture('resumed'));
  await window.toast('finished').waitFor({ timeout: 600_000 });
  say(
    'finished',
    (await window.toast('finished').innerText()).split('\n')[0],
    await window.picture('finished'),
  );
}

async function kills() {
  await page.keyboard.press('Escape');
  const trainer = await startAgain();
  process.kill(trainer, 'SIGKILL');
  const trainerMs = await timed(() => window.row(/failed|interrupted/).waitFor({ timeout: 15_000 }));
  await window.panel().getByRole('button', { name: 'Resume' }).first().waitFor({ timeout: 15_000 });
  say('trainer killed: the explorer knew after', trainerMs, 'ms', await window.picture('trainer-killed'));

  const survivor = await startAgain();
  process.kill(extensionHost(), 'SIGKILL');
  await page.waitForTimeout(1_000);
  if (!isAlive(survivor)) throw new Error('the trainer died with the extension host');
  const hostMs = await timed(() =>
    until(() => lossIn(window.status()), 60_000, 'the status bar after the host came back'),
  );
  say('host killed: followed again after', hostMs, 'ms', await window.picture('host-killed'));

  // The panel on the screen has somebody behind it again.
  await window.panel().locator('text=/step [3-9]|step [1-9][0-9]/').first().waitFor({ timeout: 60_000 });
  const host = extensionHost();
  process.kill(survivor, 'SIGKILL');
  process.kill(host, 'SIGKILL');
  await until(() => extensionHost() && extensionHost() !== host, 60_000, 'a new extension host');
  const bothMs = await timed(() => window.row(/failed|interrupted/).waitFor({ timeout: 60_000 }));
  await until(async () => !(await window.row(/\d+\/\d+/).isVisible()), 10_000, 'no run that seems to go on');
  if (isAlive(survivor)) throw new Error('a process stayed behind');
  say('both killed: the explorer knew', bothMs, 'ms after the new host', await window.picture('both-killed'));
}

async function startAgain() {
  const known = new Set(runs().map(({ id }) => id));
  await page.locator('.tab', { hasText: 'emoji.tandem.yaml' }).first().click();
  await window.command('Tandem: Start Training');
  const run = await until(
    () =>
      runs().find((one) => !known.has(one.id) && one.status === 'running' && one.step >= 0 && one.process),
    90_000,
    'a running run',
  );
  await until(() => lossIn(window.status()), 90_000, 'its loss');
  return run.process.pid;
}

function extensionHost() {
  const all = execFileSync('ps', ['-eo', 'pid,ppid,args'], { encoding: 'utf8' }).trim().split('\n').slice(1);
  const processes = all.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line).slice(1));
  const below = new Set([String(server.pid)]);
  for (let size = 0; size !== below.size;) {
    size = below.size;
    for (const [pid, parent] of processes) if (below.has(parent)) below.add(pid);
  }
  const host = processes.find(([pid, , args]) => below.has(pid) && args.includes('--type=extensionHost'));
  return host ? Number(host[0]) : null;
}

async function lossIn(status) {
  if (!(await status.isVisible())) return null;
  return /loss ([\d.e+-]+)/.exec(await status.innerText())?.[1] ?? null;
}

async function timed(work) {
  const start = Date.now();
  await work();
  return Date.now() - start;
}
