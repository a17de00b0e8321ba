// What a person does with several runs: a sweep, its table and comparison in three themes and two widths, a model that learnt nothing,
// a folder inside a project, room on disk.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chooseInMenu } from './menu.mjs';
import { runsIn } from './opened.mjs';
import { until } from './vscode.mjs';

const sweep = `name: rates
data:
  pairs: pairs.csv
  val_fraction: 0.15
  max_length: 32
  image_size: 32
model:
  image_encoder: { name: resnet_small }
  text_encoder: { name: bert-tiny, pooling: mean }
  fusion: { kind: late, dim: 64 }
optimizer:
  learning_rate: { image: 1e-3, text: 1e-3, fusion: 1e-3 }
train: { batch_size: 32, steps: 20 }
eval: { every: 10 steps, recall_at: [1, 10] }
sweep:
  optimizer.learning_rate.text: [1e-3, 10]
  seeds: [0, 1]
`;
const count = 4;

/** Two rates with two seeds each, one of them far too high. */
export async function trainSweep({ window, say, workspace, runs }) {
  writeFileSync(join(workspace, 'emoji/rates.tandem.yaml'), sweep);
  await openRates(window);
  await window.command('Tandem: Compare Learning Rates');
  const ofSweep = () => runs().filter(({ experiment }) => experiment === 'rates');
  const ended = ({ status }) => status !== 'queued' && status !== 'running';
  await until(() => ofSweep().length === count && ofSweep().every(ended), 600_000, 'the runs of the sweep');
  await window.toast('has ended').waitFor({ timeout: 60_000 });
  // VS Code takes no selection from rows that it is just drawing anew.
  await window.page.waitForTimeout(3_000);
  say('sweep', await window.picture('sweep'));
  return ofSweep();
}

/** The table finds runs by their values and says so; what is starred there is starred in the explorer. */
export async function findInTable(opened, sweep) {
  const { window } = opened;
  const panel = window.panel();
  await panel.locator('[role="tab"]', { hasText: 'Runs' }).click();
  const rows = panel.locator('.runs-table tbody th');
  const says = panel.locator('#filter-says');
  const filter = panel.getByRole('searchbox', { name: 'Filter runs' });
  // Counted from the run folders: as many of the sweep as have that rate.
  const high = sweep.filter(({ settings }) => settings['optimizer.learning_rate.text'] === 10).length;
  await filter.fill('optimizer.learning_rate.text > 1');
  await until(async () => (await rows.count()) === high, 20_000, `${high} rows with the high rate`);
  const words = await says.innerText();
  if (!words.startsWith(`${high} of `)) throw new Error(`the filter says: ${words}`);
  await filter.fill('');
  await until(async () => (await rows.count()) > high, 20_000, 'all rows');
  await inEveryLook(opened, 'table');
}

/** Two runs chosen in the explorer are compared, those and no other. */
export async function compareTwo({ window, say }) {
  const { page } = window;
  const rows = window.tree().locator('.monaco-list-row', { hasText: 'seed' });
  await rows.nth(0).click();
  await rows.nth(1).click({ modifiers: ['Control'] });
  const chosen = (await rows.allInnerTexts()).slice(0, 2).map((text) => text.split(/\n/)[0]);
  await chooseInMenu(page, rows.nth(1), 'Compare');
  const panel = window.panel();
  await panel
    .locator('[role="tab"][aria-selected="true"]', { hasText: 'Compare' })
    .waitFor({ timeout: 30_000 });
  await page.waitForTimeout(2_000);
  say('compared', chosen.join(' and '), await window.picture('compare-two'));
}

/** The same setting and seed once more is a repetition: the comparison leaves it out and says so. */
export async function repeatRun({ window, workspace, say }, [run]) {
  const runsDir = join(workspace, 'emoji/.tandem/runs');
  cpSync(join(runsDir, run.id), join(runsDir, `${run.id}-again`), { recursive: true });
  await window.command('Tandem: Refresh');
  await window.row('5 runs').waitFor({ timeout: 30_000 });
  await window.page.waitForTimeout(3_000);
  await window.row('Sweep of').click();
  const panel = window.panel();
  await panel
    .getByRole('region', { name: 'Verdict' })
    .filter({ hasText: '1 of 5 runs repeats the seed and settings of another and is not counted.' })
    .waitFor({ timeout: 30_000 });
  say('repeated', await window.picture('repeated'));
}

/** The run that learnt nothing says so, in the explorer and in the header, with chance beside its recall. */
export async function deadModel(opened) {
  const { window, say } = opened;
  const row = window.row('at chance');
  await row.waitFor({ timeout: 30_000 });
  await row.click();
  const panel = window.panel();
  await panel.locator('text=/chance/').first().waitFor({ timeout: 30_000 });
  say('at chance', (await row.innerText()).replaceAll('\n', ' '));
  await inEveryLook(opened, 'at-chance');
}

/** What could be freed is said in bytes before anything is. */
export async function freeRoom({ window, say }) {
  await window.command('Tandem: Free Disk Space');
  const list = window.page.locator('.quick-input-widget:visible, .monaco-dialog-box:visible');
  await list
    .filter({ hasText: /\d+(\.\d+)? (B|kB|MB|GB)/ })
    .first()
    .waitFor({ timeout: 60_000 });
  say('free room', await window.picture('free-room'));
  await window.page.keyboard.press('Escape');
}

/** A folder below one that has runs: its own runs are seen while they train, and again after its caches were made. */
export async function insideProject({ window, server, folder, workspace, say }) {
  const mono = join(folder, 'mono');
  mkdirSync(join(mono, '.tandem'), { recursive: true });
  const sub = join(mono, 'sub');
  cpSync(join(workspace, 'emoji'), sub, {
    recursive: true,
    filter: (path) => !path.includes('.tandem/') && !path.endsWith('.tandem'),
  });
  const file = join(sub, 'rates.tandem.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/\nsweep:[^]*/, '\n'));
  await window.open(server.url, sub);
  await window.showRuns();
  await openRates(window);
  await window.command('Tandem: Start Training');
  await window.row(/\d+\/\d+/).waitFor({ timeout: 90_000 });
  await until(() => runsIn(mono)[0]?.status === 'finished', 120_000, 'the end of the run below a project');
  await window.command('Tandem: Refresh');
  await window.row('recall@10').waitFor({ timeout: 30_000 });
  say('below a project', await window.picture('below-a-project'));
  await window.open(server.url, workspace);
  await window.showRuns();
}

/** One picture in each theme, wide and narrow. */
async function inEveryLook({ window, say }, name) {
  const { page } = window;
  const size = page.viewportSize();
  for (const theme of ['light', 'contrast', 'dark']) {
    await window.wear(theme);
    for (const width of [1600, 700]) {
      await page.setViewportSize({ width, height: 900 });
      // A person makes room where there is little.
      if (width === 700) await page.keyboard.press('Control+b');
      await page.waitForTimeout(1_500);
      say(name, theme, width, await window.picture(`${name}-${theme}-${width}`));
      if (width === 700) await page.keyboard.press('Control+b');
    }
  }
  await window.wear('light');
  await page.setViewportSize(size);
}

async function openRates(window) {
  await window.command('Go to File...');
  await window.page.keyboard.type('rates.tandem.yaml');
  await window.page
    .locator('.quick-input-list .monaco-list-row', { hasText: 'rates.tandem.yaml' })
    .first()
    .click();
}
