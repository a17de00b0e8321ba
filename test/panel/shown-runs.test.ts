import type { Frame } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { openedPanels, poll } from './host/opened.ts';
import { chromiumPath, panelOf } from './host/serve.ts';
import { needs } from '../needs.ts';

const panels = openedPanels('panel-shown');
const { open, asked, text } = panels;

const header = (panel: Frame) => panel.locator('.header .facts').innerText();
const settingsCompared = (panel: Frame): Promise<number> => panel.locator('.compare tbody tr').count();

// Nothing but Chromium draws the real bundle.
describe.runIf(needs(chromiumPath !== undefined, 'Chromium'))(
  'the runs that are shown',
  { timeout: 180_000 },
  () => {
    test('are the selected ones in Compare, Plots, header and report, not the last sweep', async () => {
      await panels.page.evaluate(() => {
        const { host, fake } = window;
        const runs = [3e-4, 1e-3, 3e-3].map((image) => {
          const training = { seed: 1, steps: 90, rates: { image, text: 2e-5 } };
          return fake.runOf(`single ${image}`, fake.fakeEvents(training), { training });
        });
        host.runs = [...fake.fakeSweep(1, 150), ...runs];
        host.tab = 'compare';
        host.text = 'data: { pairs: pairs.csv }\n';
        // Two of the three, as selected in the explorer.
        host.shown = [runs[0]!.id, runs[1]!.id];
        host.open('dark');
      });
      const panel = await panelOf(panels.page);
      await poll(() => settingsCompared(panel)).toBe(2);
      expect(await header(panel)).toContain('2 runs');
      await panel.locator('vscode-button', { hasText: 'Report' }).click();
      await poll(() => asked('report')).toMatchObject({ runs: ['single 0.0003', 'single 0.001'] });
      await panel.getByRole('tab', { name: 'Plots' }).click();
      await panel.locator('.run-list summary', { hasText: '2 shown' }).waitFor();
      // What is chosen in Plots is compared too.
      await panel.locator('.run-list summary').click();
      await panel.getByRole('checkbox', { name: /single 0.003/ }).check();
      await panel.getByRole('tab', { name: 'Compare' }).click();
      await poll(() => settingsCompared(panel)).toBe(3);
      await poll(() => asked('show')).toMatchObject({
        runs: expect.arrayContaining(['single 0.003']) as unknown,
      });
      expect(await header(panel)).toContain('3 runs');
    });

    test('are what the host shows when all that were chosen are deleted', async () => {
      const panel = await open({ tab: 'plots', done: 300, sweep: 1 });
      await panel.locator('.run-list summary').click();
      const boxes = panel.getByRole('checkbox', { name: /seed|live/ });
      await boxes.first().waitFor();
      for (const box of await boxes.all()) await box.setChecked(false);
      await panel.getByRole('checkbox', { name: /live/ }).check();
      await poll(() => asked('show')).toMatchObject({ runs: ['live'] });
      await panels.page.evaluate(() => {
        const { host } = window;
        host.runs = host.runs.filter(({ id }) => id !== 'live');
        host.shown = [host.runs[0]!.id];
        host.sendRuns([]);
      });
      await panel.locator('.run-list summary', { hasText: '1 shown' }).waitFor();
      expect(await header(panel)).toContain('step');
    });

    test('are on the tab that was asked for, also after another one was chosen in the panel', async () => {
      const panel = await open({ tab: 'plots', done: 300, sweep: 1 });
      await panel.getByRole('tab', { name: 'Runs' }).click();
      await poll(() => panels.page.evaluate(() => window.host.tab)).toBe('runs');
      await panels.page.evaluate(() => {
        const { host } = window;
        host.tab = 'compare';
        host.shown = host.runs.slice(1).map(({ id }) => id);
        host.snapshot();
      });
      await panel.getByRole('tab', { name: 'Compare', selected: true }).waitFor();
    });

    test('are described in the header: one by its own values, several by their counts and the best of them', async () => {
      const panel = await open({ tab: 'plots', done: 300, sweep: 1 });
      await poll(() => header(panel)).toContain('300 / 600');
      // 10 of 320 candidates; an evaluation every 45 steps.
      expect(await header(panel)).toMatch(/best of 6 recall@10 [\d.]+ \(chance 0\.0313\)/);
      await panels.page.evaluate(() => {
        const { host } = window;
        // The one of the sweep that diverged trains again.
        host.runs[1]!.status = 'running';
        host.runs[2]!.status = 'queued';
        host.shown = host.runs.slice(1).map(({ id }) => id);
        host.snapshot();
      });
      await poll(() => header(panel)).toContain('sweep 9 runs');
      expect(await header(panel)).toContain('1 running, 1 queued, 7 finished');
      expect(await panel.locator('.header .facts').innerText()).toMatch(
        /best of 4 recall@10 [\d.]+ \(chance 0\.0313\)/,
      );
      expect(await panel.locator('.header [title*="image 1e-3, text 2e-5"]').count()).toBe(1);
      await panel.locator('vscode-button', { hasText: 'Stop 2 runs' }).click();
      await poll(() =>
        panels.page.evaluate(() =>
          window.host.received.flatMap((each) =>
            each.kind === 'command' ? [`${each.command} ${each.run}`] : [],
          ),
        ),
      ).toEqual(
        await panels.page.evaluate(() => [
          `stop ${window.host.runs[2]!.id}`,
          `stop ${window.host.runs[1]!.id}`,
        ]),
      );
    });

    test('that learnt nothing get no tick', async () => {
      await panels.page.evaluate(() => {
        const { host, fake } = window;
        const training = { seed: 1, steps: 90, rates: { image: 10, text: 10 } };
        const events = fake.fakeEvents(training).map((event) => {
          if (event.kind !== 'eval') return event;
          const guessed = Object.entries(event.chance!).map(([name, { mean }]) => [name, mean] as const);
          return { ...event, metrics: Object.fromEntries(guessed) };
        });
        host.runs = [fake.runOf('dead', events, { training })];
      });
      const panel = await open({ tab: 'plots' });
      const status = panel.locator('.header .status');
      await poll(() => status.innerText()).toBe('finished at chance');
      expect(await status.locator('.icon-finished').count()).toBe(0);
      expect(await status.getAttribute('title')).toContain('what guessing gives');
    });

    test('are the same after a reload, and a run that waits is described as it is', async () => {
      await open({ tab: 'plots', done: 300 });
      await panels.page.evaluate(() => {
        const { host, fake } = window;
        const waiting = { ...fake.runOf('second', []), status: 'queued' as const };
        host.runs = [waiting, ...host.runs];
        host.shown = ['second'];
        host.open('dark');
      });
      const panel = await panelOf(panels.page);
      await panel.locator('.header .status-queued').waitFor();
      expect(await header(panel)).not.toContain('300 / 600');
    });

    test('with too few seeds, three can be had by a button', async () => {
      const panel = await open({ tab: 'compare', text: 'data: { pairs: pairs.csv }\n', sweep: 1 });
      const verdict = panel.getByRole('status').filter({ hasText: 'too few seeds' });
      expect(await verdict.getAttribute('title')).toContain('Welch');
      await panel.locator('vscode-button', { hasText: 'Repeat with 3 seeds' }).click();
      await poll(text).toBe(
        'data: { pairs: pairs.csv }\nsweep:\n  optimizer.learning_rate.image: [3e-4, 1e-3, 0.01]\n' +
          '  optimizer.learning_rate.text: [2e-6, 2e-5, 2e-4]\n  seeds: [0, 1, 2]\n',
      );
      await poll(() => panel.getByRole('tab', { name: 'Experiment' }).getAttribute('aria-selected')).toBe(
        'true',
      );
    });
  },
);
