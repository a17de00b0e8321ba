// Takes the README's pictures, by hand, from a real sweep over the demo's emoji:   node test/e2e/readme-pictures.mjs FOLDER
// FOLDER has pairs.csv, val.csv, the pictures and the finished sweep of emoji.tandem.yaml, two rates. They go to docs/pictures.
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { fillPath } from './hands.mjs';
import { play } from './opened.mjs';
import { project } from './vscode.mjs';

const data = resolve(process.argv.pop());
if (!existsSync(join(data, 'pairs.csv'))) throw new Error(`${data} has no pairs.csv`);
const out = join(project, 'docs/pictures');

await play('readme', take, { 'window.autoDetectColorScheme': true });

async function take({ window, workspace }) {
  const { page } = window;
  const film = [];
  const frame = async (ms) => film.push({ ms, png: await page.screenshot() });
  await page.setViewportSize({ width: 1280, height: 800 });

  // From a folder ...
  cpSync(data, workspace, { recursive: true, filter: (path) => !/\.tandem(\.yaml)?$/.test(path) });
  await window.showRuns();
  await page
    .locator('.pane-body .monaco-button', { hasText: 'New Experiment' })
    .first()
    .waitFor({ timeout: 60_000 });
  await page.waitForTimeout(1_000);
  await frame(1_500);
  await newExperiment(window, join(workspace, 'pairs.csv'), frame);
  await window.replaceWord('resnet_small', 'resnet_smal').catch(() => null);
  await page.locator('.squiggly-error').first().waitFor({ timeout: 15_000 });
  await frame(1_500);
  await page.keyboard.press('Control+.');
  await page.locator('.action-widget').waitFor({ timeout: 15_000 });
  await frame(1_500);
  await page.keyboard.press('Enter');
  await page.locator('.squiggly-error').first().waitFor({ state: 'detached', timeout: 15_000 });
  await window.command('Tandem: Start Training');
  await window.panel().locator('canvas').first().waitFor({ timeout: 120_000 });
  for (let count = 0; count < 12; count++) {
    await page.waitForTimeout(4_000);
    await frame(350);
  }
  await window.command('Tandem: Stop');
  await window.row('stopped').waitFor({ timeout: 60_000 });

  // ... to a winner: the hours between are left out.
  await window.command('View: Close All Editors');
  for (const name of ['mine.tandem.yaml', '.tandem']) rmSync(join(workspace, name), { recursive: true });
  cpSync(join(data, 'emoji.tandem.yaml'), join(workspace, 'emoji.tandem.yaml'));
  cpSync(join(data, '.tandem/runs'), join(workspace, '.tandem/runs'), { recursive: true });
  await window.command('Tandem: Refresh');
  await window.row('9 runs').waitFor({ timeout: 60_000 });
  await page.waitForTimeout(3_000);
  await window.row('Sweep of').click();
  await page.keyboard.press('ArrowRight');
  const panel = window.panel();
  await panel.locator('.verdict').first().waitFor({ timeout: 30_000 });
  await page.waitForTimeout(3_000);
  await frame(4_000);
  await writeFilm(film, join(out, 'way.webp'));
  await stills(window, panel);
}

/** The answers that New Experiment asks for; the file that comes is shown. */
async function newExperiment({ page, command }, pairs, frame) {
  await command('Tandem: New Experiment');
  const row = (text) => page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
  await row('A table of pictures and captions').waitFor({ timeout: 15_000 });
  await frame(1_500);
  await row('A table of pictures and captions').click();
  await fillPath(page, pairs);
  const name = page.locator('.quick-input-widget input[type="text"] >> visible=true').last();
  await name.fill('mine');
  await page.keyboard.press('Enter');
  await page.locator('.view-line', { hasText: 'pairs.csv' }).first().waitFor({ timeout: 30_000 });
  await page.waitForTimeout(2_000);
  await frame(2_500);
}

/** The plots of all runs and their comparison, in light and dark, wide. */
async function stills(window, panel) {
  const { page } = window;
  await page.setViewportSize({ width: 1400, height: 860 });
  for (const tab of ['Plots', 'Compare'])
    for (const theme of ['light', 'dark']) {
      await window.wear(theme);
      await panel.locator('[role="tab"]', { hasText: tab }).click();
      await page.waitForTimeout(2_500);
      const png = await page.screenshot();
      await sharp(png)
        .png({ palette: true, compressionLevel: 9, effort: 10 })
        .toFile(join(out, `${tab.toLowerCase()}-${theme}.png`));
    }
}

/** The frames as one animated picture of 960 pixels in width that GitHub and npm show. */
async function writeFilm(frames, file) {
  const pages = await Promise.all(
    frames.map(({ png }) => sharp(png).resize({ width: 960 }).png().toBuffer()),
  );
  await sharp(pages, { join: { animated: true } })
    .webp({ delay: frames.map(({ ms }) => ms), loop: 0, quality: 70, effort: 6 })
    .toFile(file);
}
