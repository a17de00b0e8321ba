import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Frame } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { reportHtml } from '../../src/analysis/report/report-html.ts';
import { fakeSweep } from './host/fake-runs.ts';
import { openedPanels, poll } from './host/opened.ts';
import { chromiumPath } from './host/serve.ts';
import { needs } from '../needs.ts';

const panels = openedPanels('panel-compare');
const { open, asked, text } = panels;

const firstColumn = (panel: Frame): Promise<string[]> =>
  panel.locator('.compare tbody td:nth-child(2)').allInnerTexts();

// Nothing but Chromium draws the real bundle.
describe.runIf(needs(chromiumPath !== undefined, 'Chromium'))(
  'the comparison in Chromium',
  { timeout: 180_000 },
  () => {
    test('Use this setting writes all of its keys, in place of their sweep', async () => {
      const sweep = `sweep:
  optimizer.learning_rate.image: [3e-4, 1e-3, 1e-2]
  optimizer.learning_rate.text: [2e-6, 2e-5, 2e-4]
  seeds: [0, 1]
`;
      const panel = await open({ tab: 'compare', text: `data: { pairs: pairs.csv }\n${sweep}`, sweep: 2 });
      await panel.getByRole('status').filter({ hasText: 'image 1e-3, text 2e-5 is best' }).waitFor();
      await panel.locator('vscode-button', { hasText: 'Use this setting' }).click();
      await poll(() => asked('useSetting')).toMatchObject({
        settings: { 'optimizer.learning_rate.image': 1e-3, 'optimizer.learning_rate.text': 2e-5 },
      });
      await poll(text).toBe(
        'data: { pairs: pairs.csv }\nsweep:\n  seeds: [0, 1]\noptimizer:\n  learning_rate:\n    image: 1e-3\n    text: 2e-5\n',
      );
    });

    test('a learning rate is looked for, drawn with its suggestions, and used', async () => {
      const panel = await open({ tab: 'compare', text: 'data: { pairs: pairs.csv }\n', sweep: 1 });
      await panel.locator('vscode-button', { hasText: 'Find' }).click();
      const figure = panel.locator('section', { hasText: 'Loss against the learning rate' }).last();
      await figure.getByRole('img').waitFor();
      // The curve of the host is steepest at 1e-3, and the mean a little behind it.
      const words = await figure.innerText();
      const [, steepest] = /steepest at ([\de.-]+);/.exec(words)!;
      expect(Math.log10(Number(steepest))).toBeGreaterThan(-3.2);
      expect(Math.log10(Number(steepest))).toBeLessThan(-2.2);
      await figure.locator('vscode-button', { hasText: 'Use' }).first().click();
      const rate = Number(Number(steepest).toPrecision(2));
      await poll(() => asked('useSetting')).toMatchObject({
        settings: {
          'optimizer.learning_rate.image': rate,
          'optimizer.learning_rate.text': rate,
          'optimizer.learning_rate.fusion': rate,
        },
      });
    });

    test('the table sorts by a heading, filters by words, and measures by a pinned row', async () => {
      const panel = await open({ tab: 'compare', sweep: 1 });
      await panel.getByRole('button', { name: 'best recall@10' }).click();
      await poll(async () => (await firstColumn(panel))[0]).toContain('1e-3');
      // Diverged runs have no value: they stay last, whichever way it is sorted.
      expect(await panel.locator('.compare tbody tr').last().innerText()).toContain('diverged');
      await panel.getByRole('button', { name: 'best recall@10' }).click();
      await poll(async () => (await firstColumn(panel))[0]).toContain('0.01');
      expect(await panel.locator('.compare tbody tr').last().innerText()).toContain('diverged');
      await panel.getByRole('searchbox', { name: 'Filter rows' }).fill('3e-4 2e-5');
      await poll(() => panel.locator('.compare tbody tr').count()).toBe(1);
      await panel.getByRole('button', { name: /^Measure the others by/ }).click();
      await panel.getByRole('searchbox', { name: 'Filter rows' }).fill('');
      await panel
        .locator('.compare tbody td', { hasText: /[+−][\d.]+%/ })
        .nth(8)
        .waitFor();
      expect(await panel.locator('tr.pinned').innerText()).not.toMatch(/[+−]/);
    });

    test('a map names settings that were not tried and that diverged', async () => {
      await panels.page.evaluate(() => {
        window.host.runs = window.fake.fakeSweep(1, 150).filter((_, i) => i !== 4);
      });
      const panel = await open({ tab: 'compare' });
      const map = panel.getByRole('img', { name: /by image rate and text rate/ });
      await map.waitFor();
      const words = await map.locator('text').allTextContents();
      expect(words.filter((each) => each === 'not tried')).toHaveLength(1);
      expect(words.filter((each) => each === '✖ diverged')).toHaveLength(1);
      expect(words.filter((each) => /^0\.\d+$/.test(each) && each !== '0.01')).toHaveLength(7);
    });

    test('with logs of other programs: only what all have, in one line, and labels that do not touch', async () => {
      await panels.page.evaluate(() => {
        const { host, fake } = window;
        const sweep = fake.fakeSweep(1, 90);
        const logs = ['baseline-clip-batch256-a', 'baseline-clip-batch256-b'].map((name, i) => {
          const log = fake.foreignLog(name, 6);
          log.state!.series.set('val/recall@5', sweep[i]!.state!.series.get('val/recall@5')!);
          return log;
        });
        host.runs = [...sweep.slice(3), ...logs];
      });
      const panel = await open({ tab: 'compare', text: 'data: { pairs: pairs.csv }\n' });
      const verdict = panel.getByRole('region', { name: 'Verdict' });
      await poll(() => verdict.innerText()).toMatch(
        /^\S.* has the best recall@5, [\d.]+; the next, .*, has [\d.]+\./,
      );
      expect(await verdict.getByText('Repeat with').count()).toBe(0);
      // One metric is common to all: that of the logs.
      expect(await panel.locator('#tab-panel .cards [data-card]').count()).toBe(1);
      const headings = await panel.locator('.compare thead th').allInnerTexts();
      expect(
        headings
          .map((text) => text.trim())
          .filter(Boolean)
          .slice(1, 4),
      ).toEqual(['run', 'image rate', 'text rate']);
      const boxes = await panel.locator('.figure-box svg .figure-number').evaluateAll((texts) =>
        texts.map((text) => {
          const { left, right, top, bottom } = text.getBoundingClientRect();
          return { left, right, top, bottom };
        }),
      );
      expect(boxes.length).toBeGreaterThan(10);
      const touch = boxes.flatMap((a, i) =>
        boxes
          .slice(i + 1)
          .filter(
            (b) => a.left < b.right && b.left < a.right && a.top < b.bottom - 3 && b.top < a.bottom - 3,
          ),
      );
      expect(touch).toEqual([]);
    });

    test('more than two swept keys stand on parallel axes, diverged runs above them', async () => {
      await panels.page.evaluate(() => {
        const { host, fake } = window;
        host.runs = [3e-4, 1e-3].flatMap((image) =>
          [2e-6, 2e-5].flatMap((rate) =>
            [128, 256].map((dim) => {
              const isLost = image === 1e-3 && rate === 2e-6 && dim === 256;
              const training = {
                seed: dim,
                steps: 150,
                rates: { image, text: rate },
                divergesAt: isLost ? 30 : undefined,
              };
              const run = fake.runOf(`${image} ${rate} ${dim}`, fake.fakeEvents(training), { training });
              run.settings['model.fusion.dim'] = dim;
              return run;
            }),
          ),
        );
      });
      const panel = await open({ tab: 'compare' });
      const figure = panel.getByRole('img', { name: /^8 settings of image rate, text rate, dim against/ });
      await figure.waitFor();
      expect(await figure.locator('path').count()).toBe(8);
      const lost = figure.locator('path[stroke-dasharray]');
      expect(await lost.count()).toBe(1);
      expect(await lost.locator('title').textContent()).toBe(
        'image 1e-3, text 2e-6, dim 256: diverged or no value',
      );
      expect(await figure.locator('text').allTextContents()).toEqual(
        expect.arrayContaining(['3e-4', '2e-5', '128']),
      );
    });

    test('one run has nothing to be compared with, and three rates are offered', async () => {
      const panel = await open({ tab: 'compare', done: 600 });
      await panel.getByRole('status').filter({ hasText: 'There is one setting only' }).waitFor();
      await panel.locator('vscode-button', { hasText: 'Sweep three image rates: 3e-4, 1e-3, 3e-3' }).click();
      await poll(text).toMatch(/optimizer\.learning_rate\.image: \[ ?3e-4, 1e-3, 3e-3 ?\]/);
    });

    test('a report of several runs is one file: pictures, tables and words, and no need of a network', async () => {
      const evil = '<script>document.title = "hacked"</script>';
      const runs = fakeSweep(2, 150);
      runs[0]!.file!.note = evil;
      const html = reportHtml({ title: `emoji ${evil}`, runs, madeAt: 0, metric: null, pick: 'best' });
      const asked: string[] = [];
      const served = createServer((request, response) => {
        asked.push(request.url!);
        response.writeHead(200, { 'content-type': 'text/html' }).end(html);
      });
      await new Promise<void>((done) => served.listen(0, '127.0.0.1', done));
      try {
        const page = await panels.page.context().newPage();
        const said: string[] = [];
        page.on('request', (request) => said.push(request.url()));
        page.on('console', (message) => said.push(message.text()));
        page.on('pageerror', (error) => said.push(String(error)));
        const address = `http://127.0.0.1:${(served.address() as AddressInfo).port}/`;
        await page.goto(address, { waitUntil: 'load' });
        expect(await page.title()).toContain('<script>');
        expect(await page.locator('.verdict').textContent()).toContain('image 1e-3, text 2e-5 is best');
        expect(await page.locator('tbody').first().locator('tr').count()).toBe(9);
        expect(await page.locator('article').count()).toBe(18);
        expect(await page.locator('figure > svg').count()).toBeGreaterThan(8);
        // Pointing at a curve gives the recorded values there: nine of ten runs by name, and how many more.
        const loss = runs[0]!.state!.series.get('train/loss')!;
        const words = await page.locator('figure .figure-strips title').first().textContent();
        const [, step, value] = /^step (\d+)\n.*, seed 1 ([\d.]+)\n/.exec(words!)!;
        expect(Number(value)).toBeCloseTo(loss.values[loss.steps.indexOf(Number(step))]!, 5);
        expect(words).toMatch(/and 8 more$/);
        expect(await page.locator('article', { hasText: evil }).count()).toBe(1);
        // Nothing but the page itself was asked for (a browser looks for an icon on its own), and nothing was refused.
        expect(said).toEqual([address]);
        expect(asked.filter((path) => path !== '/favicon.ico')).toEqual(['/']);
      } finally {
        await new Promise((done) => served.close(done));
      }
    });
  },
);
