import type { Frame } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { openedPanels, poll } from './host/opened.ts';
import { chromiumPath } from './host/serve.ts';
import { needs } from '../needs.ts';

const panels = openedPanels('panel-plots');
const { open, pixels, texts } = panels;

/** The largest number on a card's axes. */
const top = async (panel: Frame, card: string): Promise<number> =>
  Math.max(...(await texts(panel, card)).map(Number).filter(Number.isFinite));

/** Where a card's canvas is in the page. */
async function boxOf(panel: Frame, card = 'loss') {
  const canvas = panel.locator(`[data-card="${card}"] canvas`);
  await canvas.scrollIntoViewIfNeeded();
  return (await canvas.boundingBox())!;
}

/** Draws with the mouse over the loss card, from one part of its width to another. */
async function drag(panel: Frame, from: number, to: number): Promise<void> {
  const { page } = panels;
  const { x, y, width, height } = await boxOf(panel);
  await page.mouse.move(x + from * width, y + height / 2);
  await page.mouse.down();
  for (let i = 1; i <= 5; i++)
    await page.mouse.move(x + (from + ((to - from) * i) / 5) * width, y + height / 2);
  await page.mouse.up();
}

const choose = async (panel: Frame, label: string, option: string): Promise<void> => {
  await panel.locator(`#tab-panel vscode-single-select[label="${label}"]`).click();
  await panel.getByRole('option', { name: option, exact: true }).click();
};

/** The numbers of the x axis: what a canvas shows in both cards. */
const shared = async (panel: Frame): Promise<string[]> => {
  const norms = new Set(await texts(panel, 'grad_norm'));
  return (await texts(panel)).filter((each) => norms.has(each));
};

// Nothing but Chromium draws the real bundle.
describe.runIf(needs(chromiumPath !== undefined, 'Chromium'))(
  'plots in Chromium',
  { timeout: 180_000 },
  () => {
    test('a drag zooms all plots, shift and drag pans them, and the button shows all again', async () => {
      const panel = await open({ tab: 'plots', done: 600 });
      const whole = await pixels(panel);
      const reset = panel.locator('vscode-button', { hasText: 'Reset zoom' });
      expect(await reset.getAttribute('disabled')).not.toBeNull();
      await drag(panel, 0.4, 0.6);
      await poll(() => pixels(panel)).not.toBe(whole);
      await poll(() => shared(panel)).toEqual(expect.arrayContaining(['250', '300', '350']));
      expect(await shared(panel)).not.toContain('200');
      const zoomed = await pixels(panel);
      await panels.page.keyboard.down('Shift');
      await drag(panel, 0.2, 0.7);
      await panels.page.keyboard.up('Shift');
      await poll(() => pixels(panel)).not.toBe(zoomed);
      // Half of what is seen was pulled in from the left.
      await poll(() => shared(panel)).toEqual(expect.arrayContaining(['200', '250']));
      expect(await shared(panel)).not.toContain('350');
      await reset.click();
      await panels.page.mouse.move(2, 2);
      await poll(() => pixels(panel)).toBe(whole);
      await poll(() => reset.getAttribute('disabled')).not.toBeNull();
    });

    test('a double click shows all again, and words follow the picture', async () => {
      const panel = await open({ tab: 'plots', done: 600 });
      const whole = await pixels(panel);
      const canvas = panel.locator('[data-card="loss"] canvas');
      await drag(panel, 0.5, 0.8);
      await poll(() => canvas.getAttribute('aria-label')).toMatch(/from step [2-4]\d\d to step [3-5]\d\d:/);
      await canvas.dblclick();
      await panels.page.mouse.move(2, 2);
      await poll(() => canvas.getAttribute('aria-label')).toMatch(/from step 1 to step 600:/);
      await poll(() => pixels(panel)).toBe(whole);
    });

    test('the x axis is steps, epochs, time since the start or time of day', async () => {
      const panel = await open({ tab: 'plots', done: 450 });
      await poll(() => shared(panel)).toContain('200');
      await choose(panel, 'x axis', 'epoch');
      // 450 steps of 45 a step.
      await poll(() => shared(panel)).toEqual(expect.arrayContaining(['2', '4', '6', '8', '10']));
      await choose(panel, 'x axis', 'time since start');
      // 430 ms a step: three minutes.
      await poll(() => shared(panel)).toEqual(expect.arrayContaining(['1 min', '2 min', '3 min']));
      await choose(panel, 'x axis', 'time of day');
      await poll(async () => (await shared(panel)).some((each) => /^\d\d:\d\d/.test(each))).toBe(true);
    });

    test('what the machine does is folded away, and opened it has its units', async () => {
      const panel = await open({ tab: 'plots', done: 450 });
      expect(await panel.getByRole('button', { name: 'System' }).count()).toBe(0);
      await panels.page.evaluate(() =>
        window.host.append(
          'live',
          [1, 2, 3, 4].map((i) => ({
            kind: 'system' as const,
            time: Date.UTC(2026, 0, 5, 9, 30, 40 * i),
            step: 100 * i,
            metrics: { 'system/cpu': 80 + i, 'system/rss': 2e9 + i * 1e8 },
          })),
        ),
      );
      const heading = panel.getByRole('button', { name: 'System' });
      await heading.waitFor();
      expect(await panel.locator('[data-card="rss"]').count()).toBe(0);
      await heading.click();
      await panel.locator('[data-card="rss"] canvas').scrollIntoViewIfNeeded();
      await poll(() => texts(panel, 'rss')).toEqual(expect.arrayContaining(['2.1 GB', '2.2 GB']));
      await poll(() => texts(panel, 'cpu')).toEqual(expect.arrayContaining(['82%', '84%']));
      await panel.locator('[data-card="rss"]').getByText('2.4 GB').waitFor();
    });

    test('a finding is marked on the axis and stands in the notes as it comes', async () => {
      const panel = await open({ tab: 'plots', done: 450 });
      expect(await shared(panel)).not.toContain('●');
      await panels.page.evaluate(() =>
        window.host.append('live', [
          {
            kind: 'finding',
            time: Date.UTC(2026, 0, 5, 9, 34),
            step: 400,
            severity: 'error',
            code: 'at_chance',
            key: 'data.pairs',
            message: 'The loss has been at chance for 200 steps.',
            advice: 'Look at some pairs.',
            evidence: { loss: 4.16, chance: 4.16, steps: 200 },
          },
        ]),
      );
      await poll(() => shared(panel)).toContain('●');
      await panel
        .getByText('The loss has been at chance for 200 steps. Look at some pairs. (step 400)')
        .waitFor();
    });

    test('many notes of several runs leave the plots in sight: folded, and how many are warnings is said', async () => {
      await panels.page.evaluate(() => {
        const { host, fake } = window;
        const finding = (severity: 'warning' | 'info') => ({
          kind: 'finding' as const,
          time: Date.UTC(2026, 0, 5, 9, 34),
          step: 40,
          severity,
          code: 'at_chance' as const,
          key: 'data.pairs',
          message: 'The loss has been at chance for 20 steps.',
          advice: '',
          evidence: {},
        });
        host.runs = (['info', 'info', 'info', 'warning'] as const).map((severity, seed) =>
          fake.runOf(`run${seed}`, [
            ...fake.fakeEvents({ seed, steps: 60, rates: { image: 1e-3, text: 2e-5 } }),
            finding(severity),
          ]),
        );
        host.shown = host.runs.map(({ id }) => id);
      });
      const panel = await open({ tab: 'plots' });
      const notes = panel.locator('.run-notes');
      await poll(() => notes.locator('summary').innerText()).toBe('4 notes, 1 warning');
      expect(await notes.getAttribute('open')).toBeNull();
      await notes.locator('summary').click();
      expect(await notes.locator('li').first().getAttribute('class')).toContain('problem-warning');
    });

    test('a run that is still to train and one that ended before its first step are told apart', async () => {
      await panels.page.evaluate(() => {
        const { host, fake } = window;
        host.runs = (['queued', 'stopped'] as const).map((status) => ({
          ...fake.runOf(status, []),
          status,
        }));
        host.shown = host.runs.map(({ id }) => id);
      });
      const panel = await open({ tab: 'plots' });
      await panel
        .locator('#tab-panel')
        .getByText('queued: no steps yet. The first point comes after the first step.')
        .waitFor();
      await panel.locator('#tab-panel').getByText('stopped: no steps, it ended before the first.').waitFor();
    });

    test('outliers are left out of the y range when asked, and come back', async () => {
      await panels.page.evaluate(() => {
        const { host, fake } = window;
        const run = fake.runOf(
          'spike',
          fake.fakeEvents({ seed: 1, steps: 200, rates: { image: 1e-3, text: 2e-5 } }),
        );
        run.state!.series.get('train/loss')!.values[100] = 1000;
        host.runs = [run];
      });
      const panel = await open({ tab: 'plots' });
      await poll(() => top(panel, 'loss')).toBeGreaterThanOrEqual(400);
      await panel.getByRole('checkbox', { name: 'ignore outliers' }).press('Space');
      // The x axis ends at step 200; the loss is below 5.
      await poll(() => top(panel, 'loss')).toBe(200);
      expect(await texts(panel)).toContain('4');
      await panel.getByRole('checkbox', { name: 'ignore outliers' }).press('Space');
      await poll(() => top(panel, 'loss')).toBeGreaterThanOrEqual(400);
    });

    test('a log axis says how many values it cannot show', async () => {
      await panels.page.evaluate(() => {
        const { host, fake } = window;
        const run = fake.runOf(
          'zeros',
          fake.fakeEvents({ seed: 1, steps: 200, rates: { image: 1e-3, text: 2e-5 } }),
        );
        run.state!.series.get('train/data_wait')!.values.fill(0, 10, 15);
        run.state!.series.get('train/data_wait')!.values[20] = -1;
        host.runs = [run];
      });
      const panel = await open({ tab: 'plots' });
      const card = panel.locator('[data-card="data_wait"]');
      await card.scrollIntoViewIfNeeded();
      await pixels(panel, 'data_wait');
      expect(await card.getByText('not shown on the log axis').count()).toBe(0);
      await card.getByRole('button', { name: 'log', exact: true }).click();
      await card.getByText('6 values of zero or below not shown on the log axis').waitFor();
    });

    test('a point between two values that are not finite is seen, and these are marked', async () => {
      await panels.page.evaluate(() => {
        const { host, fake } = window;
        const time = Date.UTC(2026, 0, 5);
        const values = [NaN, 1.2, NaN];
        const run = fake.runOf(
          'lone',
          values.map((value, i) => ({
            kind: 'step',
            time: time + i,
            step: i + 1,
            metrics: { 'train/loss': value },
          })),
        );
        host.runs = [run];
      });
      const panel = await open({ tab: 'plots' });
      await pixels(panel);
      // The dot in the middle of the card, and a cross at either end of the top edge, in the blue of `train`.
      const blue = await panel.locator('[data-card="loss"] canvas').evaluate((element: HTMLCanvasElement) => {
        const { width, height } = element;
        const { data } = element.getContext('2d')!.getImageData(0, 0, width, height);
        const places = [...Array(width * height).keys()].filter((i) => {
          const [red, green, blue, alpha] = data.subarray(4 * i, 4 * i + 4);
          return alpha! > 200 && blue! > 180 && red! < 80 && green! > 100;
        });
        const within = (left: number, right: number, upper: number, lower: number): number =>
          places.filter((i) => {
            const [x, y] = [(i % width) / width, Math.floor(i / width) / height];
            return x >= left && x <= right && y >= upper && y <= lower;
          }).length;
        return {
          dot: within(0.4, 0.7, 0.3, 0.7),
          left: within(0, 0.3, 0, 0.1),
          right: within(0.8, 1, 0, 0.1),
        };
      });
      expect(blue.dot).toBeGreaterThan(10);
      expect(blue.left).toBeGreaterThan(2);
      expect(blue.right).toBeGreaterThan(2);
    });

    test('checkpoints at every step are single signs, not a band', async () => {
      await panels.page.evaluate(() => {
        const { fake, host } = window;
        const training = { seed: 3, steps: 600, done: 300, rates: { image: 1e-3, text: 2e-5 } };
        const events = fake.fakeEvents(training);
        const steps = events.filter(({ kind }) => kind === 'step');
        for (const { time, step } of steps) events.push({ kind: 'checkpoint', time, step, best: false });
        host.runs = [fake.runOf('dense', events, { training })];
      });
      const panel = await open({ tab: 'plots' });
      await pixels(panel);
      const { width } = await boxOf(panel);
      const signs = (await texts(panel)).filter((word) => word === '◆').length;
      expect(signs).toBeGreaterThan(5);
      // The axis is narrower than the card; nearest signs have 24 pixels from middle to middle.
      expect(signs).toBeLessThanOrEqual(width / 24 + 1);
    });

    test('zeros of a schedule are no news on a log axis, those of a metric are', async () => {
      await panels.page.evaluate(() => {
        const { fake, host } = window;
        const training = { seed: 3, steps: 100, done: 100, rates: { image: 1e-3, text: 2e-5 } };
        const events = fake.fakeEvents(training);
        for (const event of events)
          if (event.kind === 'step' && event.step > 90) {
            event.metrics['train/learning_rate/image'] = 0;
            event.metrics['train/grad_norm/text'] = 0;
          }
        host.runs = [fake.runOf('zeros', events, { training })];
      });
      const panel = await open({ tab: 'plots' });
      await panel
        .locator('[data-card="grad_norm"]')
        .getByText('10 values of zero or below not shown')
        .waitFor();
      await panel.locator('[data-card="learning_rate"] canvas').waitFor();
      expect(await panel.locator('[data-card="learning_rate"] .card-note').count()).toBe(0);
    });

    test('pointing at a mark says it in words', async () => {
      const panel = await open({ tab: 'plots', done: 400 });
      await pixels(panel);
      expect(await texts(panel)).toContain('◆');
      const card = panel.locator('[data-card="loss"]');
      const { x, y, width, height } = await boxOf(panel);
      // The axis is about 24 pixels above the lower edge; the checkpoint of step 180 is less than half way along it.
      const said = card.locator('.mark-text');
      for (let part = 0.4; part < 0.6 && !(await said.count()); part += 4 / width) {
        await panels.page.mouse.move(x + part * width, y + height - 24);
        await panel.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
      }
      await poll(() => said.textContent()).toBe('checkpoint at step 180');
      await panels.page.mouse.move(2, 2);
      await poll(() => said.count()).toBe(0);
    });

    test('CSV holds every point of the shown curves', async () => {
      const panel = await open({ tab: 'plots', done: 90 });
      await pixels(panel);
      const loss = panel.locator('[data-card="loss"]');
      await loss.locator('.legend-item', { hasText: 'val' }).click();
      await poll(() => loss.locator('.legend-item[aria-pressed=false]').count()).toBe(1);
      await panels.choose(loss, 'Save the Values as CSV');
      await poll(() => panels.page.evaluate(() => window.host.saved.length)).toBe(1);
      const [csv] = await panels.page.evaluate(() => window.host.saved);
      expect(csv!.name).toBe('loss.csv');
      const values = await panels.page.evaluate(() => {
        const { steps, values, length } = window.host.runs[0]!.state!.series.get('train/loss')!;
        return Array.from({ length }, (_, i) => [steps[i]!, values[i]!]);
      });
      const rows = csv!.content.trimEnd().split('\r\n').slice(1);
      expect(rows).toEqual(
        values.map(
          ([step, value]) =>
            `live,train/loss,${step},${new Date(Date.UTC(2026, 0, 5, 9, 30) + step! * 430).toISOString()},${value}`,
        ),
      );
    });

    test('a log of another program has a card for each name, by what the names begin with', async () => {
      await panels.page.evaluate(() => (window.host.runs = [window.fake.foreignLog('tensorboard', 60)]));
      const panel = await open({ tab: 'plots', text: null });
      await panel.locator('[data-card="other:accuracy"] canvas').waitFor();
      const groups = panel.locator('#tab-panel .card-group');
      expect(await groups.locator('h2 button').allTextContents()).toEqual([
        'activations10 plots',
        'decoder10 plots',
        'encoder9 plots',
        'gradients10 plots',
        'optim10 plots',
        'sys10 plots',
      ]);
      // The first are open, the others a click away.
      expect(await panel.locator('#tab-panel .card').count()).toBe(21);
      await groups.getByRole('button', { name: /^sys/ }).click();
      await panel.locator('[data-card="other:sys/layer3/norm"]').waitFor();
      expect(await panel.locator('[data-card="other:sys/layer3/norm"] h2').textContent()).toBe('layer3/norm');
      const search = panel.getByRole('searchbox', { name: 'Search plots' });
      await search.fill('layer7 grad');
      await poll(() => panel.locator('#tab-panel .card').count()).toBe(1);
      await panel.locator('[data-card="other:gradients/layer7/norm"]').waitFor();
      await search.fill('nothing like it');
      await panel.getByText('No plot has all of these words.').waitFor();
      await search.fill('');
      await poll(() => panel.locator('#tab-panel .card').count()).toBe(31);
      // Only what is on the screen is drawn.
      const drawn = await panel.evaluate(
        () => [...document.querySelectorAll('canvas')].filter((canvas) => 'texts' in canvas).length,
      );
      expect(drawn).toBeLessThan(20);
    });

    test('several runs have one metric a plot; a line pointed at stands out, with all values nearest first', async () => {
      await panels.page.evaluate(() => {
        const { host, fake } = window;
        // Flat and far apart: their values are at the quarters of the plot's height.
        host.runs = [1, 2, 3].map((level) =>
          fake.runOf(
            `level${level}`,
            [0, 1, 2, 3].map((i) => ({
              kind: 'step',
              time: Date.UTC(2026, 0, 5) + i,
              step: i + 1,
              metrics: { 'train/loss': level, 'train/grad_norm/image': level, 'train/grad_norm/text': level },
            })),
          ),
        );
      });
      const panel = await open({ tab: 'plots' });
      await poll(() =>
        panel.locator('#tab-panel .card').evaluateAll((all) => all.map((card) => card.dataset['card'])),
      ).toEqual(['loss', 'grad_norm/image', 'grad_norm/text']);
      const calm = await pixels(panel);
      const { x, y, width } = await boxOf(panel);
      // Near the upper edge: the line of 3.
      await panels.page.mouse.move(x + width / 2, y + 20);
      const rows = panel.locator('[data-card="loss"] .near-values .legend-label');
      await poll(() => rows.allTextContents()).toEqual(['level3', 'level2', 'level1']);
      await panel.locator('[data-card="loss"] .legend-item', { hasText: 'level2' }).hover();
      await poll(() => pixels(panel)).not.toBe(calm);
      await panels.page.mouse.move(2, 2);
      await poll(() => pixels(panel)).toBe(calm);
    });

    test('runs are listed by sweep; a whole sweep is shown and hidden, found and reached by keys', async () => {
      const panel = await open({ tab: 'plots', done: 100, sweep: 1 });
      await pixels(panel);
      await panel.locator('.run-list summary').click();
      const list = panel.locator('.run-list .drop-down-body');
      const sweep = list.getByRole('checkbox', { name: /^Show all of sweep/ });
      await sweep.waitFor();
      expect(await list.locator('section').count()).toBe(2);
      await sweep.click();
      await panel.locator('summary', { hasText: '10 shown' }).waitFor();
      await sweep.click();
      await panel.locator('summary', { hasText: '1 shown' }).waitFor();
      await list.getByRole('searchbox', { name: 'Search runs' }).fill('1e-3 text diverged');
      await list.getByText('No run passes this filter.').waitFor();
      await list.getByRole('searchbox', { name: 'Search runs' }).fill('1e-2 diverged');
      await poll(() => list.locator('li').count()).toBe(1);
      await panels.page.keyboard.press('ArrowDown');
      await panels.page.keyboard.press('ArrowDown');
      await list.locator('li input:focus').waitFor();
      await panels.page.keyboard.press('Space');
      await panel.locator('summary', { hasText: '2 shown' }).waitFor();
      await panels.page.keyboard.press('Escape');
      await poll(() => list.count()).toBe(0);
      await panel.locator('.run-list summary:focus').waitFor();
    });

    test('runs that differ in their seed alone become a mean with a band; colours stand for a setting where that is chosen', async () => {
      const panel = await open({ tab: 'plots', sweep: 2 });
      await panels.page.evaluate(() => {
        const { host } = window;
        host.shown = host.runs.map(({ id }) => id);
        host.snapshot();
      });
      const card = panel.locator('[data-card="loss/train"]');
      await poll(() => card.locator('.legend-item').count()).toBe(18);
      const before = await pixels(panel, 'loss/train');
      await panel.locator('vscode-checkbox', { hasText: 'seeds as a band' }).click();
      await poll(() => card.locator('.legend-item').count()).toBe(9);
      expect(await card.locator('.legend-label').first().innerText()).toBe('image 3e-4, text 2e-6, 2 seeds');
      // The last loss of both seeds, by hand.
      const mean = await panels.page.evaluate(() => {
        const own = window.host.runs.filter(({ label }) => label.startsWith('image 3e-4, text 2e-6'));
        const last = own.map((run) => run.file!.summary['train/loss']!.last);
        return (last[0]! + last[1]!) / 2;
      });
      const shown = await card.locator('.legend-item .number').first().getAttribute('title');
      expect(Number(shown)).toBeCloseTo(mean, 5);
      const banded = await pixels(panel, 'loss/train');
      expect(banded).not.toBe(before);

      expect(await panel.locator('#tab-panel .colour-key').count()).toBe(0);
      await choose(panel, 'What colours stand for', 'text rate');
      await panel.locator('#tab-panel').getByText('colour: text rate').waitFor();
      expect(await card.locator('.legend-item').count()).toBe(0);
      await panel.getByRole('tab', { name: 'Compare' }).click();
      await panel.locator('#tab-panel').getByText('colour: text rate').waitFor();
    });
  },
);
