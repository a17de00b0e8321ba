import { parse } from 'csv-parse/sync';
import type { Frame } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { openedPanels, poll } from './host/opened.ts';
import { chromiumPath } from './host/serve.ts';
import { needs } from '../needs.ts';

const panels = openedPanels('panel-runs');
const { open, asked } = panels;

const names = (panel: Frame): Promise<string[]> => panel.locator('.runs-table tbody th').allInnerTexts();
const filter = (panel: Frame, text: string): Promise<void> =>
  panel.getByRole('searchbox', { name: 'Filter runs' }).fill(text);
const choose = (panel: Frame, name: string): Promise<void> =>
  panel.getByRole('checkbox', { name: `Select ${name}`, exact: true }).click();
const heading = (panel: Frame, name: string) => panel.getByRole('button', { name, exact: true });
const press = (panel: Frame, text: string): Promise<void> =>
  panel.getByRole('button', { name: text, exact: true }).click();

const [best, second] = ['image 1e-3, text 2e-5, seed 0', 'image 1e-3, text 2e-5, seed 1'];

// Nothing but Chromium draws the real bundle.
describe.runIf(needs(chromiumPath !== undefined, 'Chromium'))(
  'the table of runs',
  { timeout: 180_000 },
  () => {
    test('has what differs and what came of it, sorted by any column, those without a value last', async () => {
      const panel = await open({ tab: 'runs', sweep: 2 });
      await poll(() => names(panel)).toHaveLength(18);
      const titles = await panel.locator('.runs-table thead th').allInnerTexts();
      expect(titles.map((title) => title.trim())).toEqual([
        '',
        'run',
        'status',
        'best recall@10',
        'last train/loss',
        'seed',
        'image rate',
        'text rate',
        'duration',
        'size',
        'started',
        'tags',
        'note',
      ]);
      await heading(panel, 'best recall@10').click();
      await poll(async () => (await names(panel))[0]).toMatch(/^image 1e-3, text 2e-5/);
      // What is not there stands under the numbers of its column, too.
      expect(
        await panel.locator('.runs-table tbody td', { hasText: /^–$/ }).evaluateAll(
          (cells) =>
            cells.filter((cell) => {
              const heads = cell.closest('table')!.querySelectorAll('thead th');
              const head = heads[(cell as HTMLTableCellElement).cellIndex]!;
              return head.classList.contains('number') !== cell.classList.contains('number');
            }).length,
        ),
      ).toBe(0);
      await heading(panel, 'last train/loss').click();
      // Two runs diverged: their last loss is NaN.
      await poll(async () =>
        (await names(panel)).slice(-2).every((name) => /^image 1e-2, text 2e-4/.test(name)),
      ).toBe(true);
      await heading(panel, 'last train/loss').click();
      await poll(async () =>
        (await names(panel)).slice(-2).every((name) => /^image 1e-2, text 2e-4/.test(name)),
      ).toBe(true);
    });

    test('is filtered by words and values, says what it makes of them, and keeps its filter over a reload', async () => {
      const panel = await open({ tab: 'runs', sweep: 1 });
      const says = panel.locator('#filter-says');
      await filter(panel, 'recall@10 > 0.2 optimizer.learning_rate.text < 1e-4');
      await poll(() => says.innerText()).toMatch(/^\d of 9 runs$/);
      for (const name of await names(panel)) expect(name).not.toContain('text 2e-4');
      await filter(panel, 'recall@10 >');
      await poll(() => says.innerText()).toContain('stands between a name and a value');
      await filter(panel, 'recal@10 > 0.2');
      await poll(() => says.innerText()).toBe('No run has recal@10.');
      await filter(panel, 'status:diverged');
      await poll(() => names(panel)).toEqual(['image 1e-2, text 2e-4, seed 0']);
      const again = await open({ tab: 'runs' });
      await poll(() => names(again)).toEqual(['image 1e-2, text 2e-4, seed 0']);
    });

    test('chooses the runs that are drawn, tags, stars, colours and deletes them', async () => {
      const panel = await open({ tab: 'runs', sweep: 2 });
      await choose(panel, best);
      await choose(panel, second);
      await panel.getByRole('searchbox', { name: 'Add a tag' }).fill('paper');
      await panel.getByRole('searchbox', { name: 'Add a tag' }).press('Enter');
      await poll(() => asked('annotate')).toMatchObject({ change: { tag: ['paper'] } });
      await press(panel, 'Star');
      await panel.locator('.runs-table tbody th', { hasText: '★' }).nth(1).waitFor();
      await panel.getByLabel('Colour of 2 runs').fill('#ff0000');
      await poll(() => panel.locator('.runs-table .swatch[style*="rgb(255, 0, 0)"]').count()).toBe(2);
      await filter(panel, 'tag:paper starred');
      await poll(async () => (await names(panel)).length).toBe(2);
      await press(panel, 'Show in Plots');
      await panel.locator('.run-list summary', { hasText: '2 shown' }).waitFor();
      await poll(() =>
        panel.locator('[data-card="loss/train"] .legend .swatch[style*="rgb(255, 0, 0)"]').count(),
      ).toBe(2);
      await panel.getByRole('tab', { name: 'Runs' }).click();
      await panel.getByRole('button', { name: 'Take the tag paper away' }).click();
      await poll(async () => (await names(panel)).length).toBe(0);
      await filter(panel, '');
      await press(panel, 'Delete…');
      await poll(async () => (await names(panel)).length).toBe(16);
      await panel.locator('.selection-bar').waitFor({ state: 'detached' });
    });

    test('saves the listed rows and chosen columns as CSV', async () => {
      const panel = await open({ tab: 'runs', sweep: 1 });
      await panel.locator('.column-choice summary').click();
      await panel.getByRole('checkbox', { name: 'best recall@5' }).check();
      await panel.getByRole('checkbox', { name: 'started' }).uncheck();
      await panel.locator('.column-choice summary').click();
      await filter(panel, 'learning_rate.image = 1e-3');
      await poll(async () => (await names(panel)).length).toBe(3);
      await press(panel, 'Save as CSV');
      await poll(() => asked('save')).toMatchObject({ name: 'runs.csv' });
      const { content } = (await asked('save')) as { content: string };
      const rows = parse(content, { columns: true }) as Record<string, string>[];
      expect(rows.map((row) => Number(row['optimizer.learning_rate.text']))).toEqual([2e-4, 2e-5, 2e-6]);
      expect(Object.keys(rows[0]!)).toContain('best val/recall@5');
      expect(Object.keys(rows[0]!)).not.toContain('started');
      // With all their digits.
      const exact = await panels.page.evaluate(
        (id) => window.host.runs.find((run) => run.file!.id === id)!.file!.summary['val/recall@10']!.best,
        rows[0]!['run']!,
      );
      expect(Number(rows[0]!['best val/recall@10'])).toBe(exact);
    });

    test('shows the difference of two runs', async () => {
      const panel = await open({ tab: 'runs', sweep: 1 });
      await choose(panel, best);
      await choose(panel, 'image 3e-4, text 2e-5, seed 0');
      await press(panel, 'Difference');
      const difference = panel.getByRole('region', { name: 'Difference of two runs' });
      const rate = difference.locator('tr', { hasText: 'optimizer.learning_rate.image' });
      expect(await rate.locator('td').allInnerTexts()).toEqual(['1e-3', '3e-4']);
      expect(await difference.getByText('optimizer.learning_rate.text').count()).toBe(0);
      await press(panel, 'Back to the table');
      await poll(async () => (await names(panel)).length).toBe(9);
    });

    test('of a thousand runs draws those in view, and all can be reached', async () => {
      await panels.page.evaluate(() => {
        const { host, fake } = window;
        const [run] = fake.fakeSweep(1, 20);
        host.runs = Array.from({ length: 1_000 }, (_, i) => ({
          ...run!,
          id: `run-${i}`,
          label: `run ${i}`,
          file: { ...run!.file!, id: `run-${i}`, step: i },
        }));
      });
      const panel = await open({ tab: 'runs' });
      await poll(() => names(panel)).toContain('run 0');
      expect((await names(panel)).length).toBeLessThan(100);
      const box = panel.getByRole('region', { name: 'Table of the runs' });
      await box.evaluate((element) => (element.scrollTop = element.scrollHeight));
      await poll(() => names(panel)).toContain('run 999');
      await filter(panel, 'step >= 998');
      await poll(() => names(panel)).toEqual(['run 998', 'run 999']);
      await filter(panel, '');
      await panel.getByRole('checkbox', { name: 'Select all that are listed' }).click();
      await panel.getByText('1,000 selected').or(panel.getByText('1000 selected')).waitFor();
    });
  },
);
