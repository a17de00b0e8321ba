import type { Frame } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { openedPanels, poll } from './host/opened.ts';
import { chromiumPath } from './host/serve.ts';
import { needs } from '../needs.ts';

const panels = openedPanels('panel-prepared');
const { open, pixels } = panels;

const loss = '.unseen [data-card="loss/train"]';

/** Names in the legend of a plot that is made ahead. */
const names = (panel: Frame): Promise<string[]> => panel.locator(`${loss} .legend-label`).allTextContents();

/** Whether all plots ahead are made and drawn. */
const isReady = (panel: Frame): Promise<boolean> =>
  panel.evaluate(() => {
    const canvases = [...document.querySelectorAll<HTMLCanvasElement>('.unseen .plots canvas')];
    const isDrawn = (canvas: HTMLCanvasElement): boolean =>
      canvas
        .getContext('2d')!
        .getImageData(0, 0, canvas.width, canvas.height)
        .data.some((value) => value > 0);
    return canvases.length > 0 && !document.querySelector('.card-place') && canvases.every(isDrawn);
  });

/** What stands on the first plot ahead, which is not visible. */
const picture = (panel: Frame): Promise<string> =>
  panel.locator(`${loss} canvas`).evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());

/** A panel on its form, with the plots of a sweep made ahead. */
async function opened(): Promise<Frame> {
  await panels.page.evaluate(() => {
    const { host, fake } = window;
    host.runs = [...fake.manyOf('sweep', 12), ...fake.manyOf('other', 3)];
    host.shown = host.runs.slice(0, 12).map(({ id }) => id);
  });
  const panel = await openShown();
  await poll(() => isReady(panel)).toBe(true);
  return panel;
}

/** As `open`, but with the runs that the host shows already. */
async function openShown(): Promise<Frame> {
  const shown = await panels.page.evaluate(() => window.host.shown);
  const panel = await open({ tab: 'experiment' });
  await panels.page.evaluate((ids) => {
    window.host.shown = ids;
    window.host.snapshot();
  }, shown);
  return panel;
}

/** Presses Plots and waits until the pictures of the first plot are those of a panel that made nothing ahead. */
async function shownAsElsewhere(panel: Frame): Promise<void> {
  await panel.getByRole('tab', { name: 'Plots' }).click();
  await panel.locator('[data-card="loss/train"] canvas').waitFor();
  const seen = await pixels(panel, 'loss/train');
  await panel.getByRole('tab', { name: 'Runs' }).click();
  // What was made is thrown away; the plots are made when their tab is pressed.
  await panel.evaluate(() => window.dispatchEvent(new Event('resize')));
  await panel.getByRole('tab', { name: 'Plots' }).click();
  expect(await pixels(panel, 'loss/train')).toBe(seen);
}

// Nothing but Chromium draws the real bundle.
describe.runIf(needs(chromiumPath !== undefined, 'Chromium'))(
  'tabs that are made ahead',
  { timeout: 180_000 },
  () => {
    test('lists to choose from say what is chosen', async () => {
      const panel = await opened();
      await poll(() => panel.locator('.unseen .verdict').count()).toBe(1);
      for (const [tab, first] of [
        ['Compare', 'last sweep, 12 runs'],
        ['Plots', 'step'],
      ] as const) {
        await panel.getByRole('tab', { name: tab }).click();
        // What an element of the library shows stands in its own tree.
        const said = panel.locator('#tab-panel vscode-single-select .text');
        await poll(() => said.first().textContent()).toBe(first);
        const all = await said.allTextContents();
        expect(all.length).toBeGreaterThan(1);
        expect(all.filter((text) => text.trim() === '')).toEqual([]);
      }
    });

    test('a press shows the plots as they are, neither made nor drawn anew; before it nobody meets them', async () => {
      const panel = await opened();
      expect(await panel.getByRole('group', { name: 'Plot.' }).count()).toBe(0);
      await panel.locator('#tab-experiment').focus();
      for (let i = 0; i < 12; i++) await panels.page.keyboard.press('Shift+Tab');
      expect(await panel.evaluate(() => document.activeElement?.closest('.unseen') ?? null)).toBeNull();
      await panel.evaluate((selector) => {
        document.querySelector(`${selector} canvas`)!.id = 'made-ahead';
        performance.clearMarks('tandem-drawn');
      }, loss);
      await panel.getByRole('tab', { name: 'Plots' }).click();
      await panel.locator('#tab-panel #made-ahead').waitFor();
      await panels.page.waitForTimeout(300);
      expect(await panel.evaluate(() => performance.getEntriesByName('tandem-drawn').length)).toBe(0);
      await panel.getByRole('group', { name: 'Plot.' }).first().waitFor();
      await panel.getByRole('tab', { name: 'Runs' }).click();
      expect(await panel.locator('.unseen #made-ahead').count()).toBe(1);
    });

    test('points of a training draw nothing on a tab that is not in sight; it has them once it is', async () => {
      await panels.page.evaluate(() => {
        const { host, fake } = window;
        const training = { seed: 3, steps: 600, done: 100, rates: { image: 1e-3, text: 2e-5 } };
        host.runs = ['one', 'two'].map((id) => fake.runOf(id, fake.fakeEvents(training), { training }));
        host.shown = host.runs.map(({ id }) => id);
      });
      const panel = await openShown();
      await poll(() => isReady(panel)).toBe(true);
      const label = () => panel.locator('[data-card="loss/train"] canvas').getAttribute('aria-label');
      const before = await picture(panel);
      await panels.page.evaluate(() => {
        const rates = { image: 1e-3, text: 2e-5 };
        const events = window.fake.fakeEvents({ seed: 3, steps: 300, rates });
        window.host.append(
          'two',
          events.filter(({ kind, step }) => kind === 'ended' || (kind === 'step' && step > 100)),
        );
      });
      // The panel has them: the header says so.
      await panel.locator('.facts', { hasText: '1 finished' }).waitFor();
      expect(await label()).toContain('to step 100');
      expect(await picture(panel)).toBe(before);
      await panel.getByRole('tab', { name: 'Plots' }).click();
      await poll(label).toContain('to step 300');
      await pixels(panel, 'loss/train');
      expect(
        await panel
          .locator('[data-card="loss/train"] canvas')
          .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL()),
      ).not.toBe(before);
    });

    test('another choice of runs, theme or size makes them anew', async () => {
      const panel = await opened();
      expect(await names(panel)).toContain('sweep 3');
      await panels.page.evaluate(() => {
        const { host } = window;
        host.shown = host.runs.slice(12).map(({ id }) => id);
        host.snapshot();
      });
      await poll(() => names(panel)).toEqual(['other 0', 'other 1', 'other 2']);
      await poll(() => isReady(panel)).toBe(true);
      await panels.page.evaluate(() => window.host.setTheme('light'));
      await poll(() => isReady(panel)).toBe(true);
      await shownAsElsewhere(panel);
      await panel.getByRole('tab', { name: 'Experiment' }).click();
      await panels.page.setViewportSize({ width: 700, height: 800 });
      await poll(() => isReady(panel)).toBe(true);
      await shownAsElsewhere(panel);
    });
  },
);
