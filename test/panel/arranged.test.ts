import { describe, expect, test } from 'vitest';
import type { Locator } from 'playwright-core';
import { needs } from '../needs.ts';
import { openedPanels, poll } from './host/opened.ts';
import { chromiumPath, panelOf } from './host/serve.ts';

const panels = openedPanels('panel-arranged');
const { open } = panels;

describe.runIf(needs(chromiumPath !== undefined, 'Chromium'))(
  'plots as a person arranges them',
  { timeout: 180_000 },
  () => {
    const ids = (panel: { locator(selector: string): Locator }): Promise<(string | undefined)[]> =>
      panel
        .locator('.card')
        .evaluateAll((cards) =>
          cards.map((card) => (card as HTMLElement).dataset['card'] ?? card.ariaLabel ?? undefined),
        );
    const card = (panel: { locator(selector: string): Locator }, id: string): Locator =>
      panel.locator(`[data-card="${id}"]`);

    test('are pinned, moved by menu and by hand, folded to a line with the last values, and stay so over a reload', async () => {
      const panel = await open({ tab: 'plots', done: 300 });
      await card(panel, 'recall').waitFor();
      const usual = await ids(panel);
      expect(usual.slice(0, 3)).toEqual(['loss', 'grad_norm', 'recall']);
      await panels.choose(card(panel, 'throughput'), 'Pin to the Top');
      await poll(async () => (await ids(panel))[0]).toBe('throughput');
      await panels.choose(card(panel, 'loss'), 'Move Later');
      await poll(async () => (await ids(panel)).slice(0, 4)).toEqual([
        'throughput',
        'grad_norm',
        'loss',
        'recall',
      ]);
      await card(panel, 'recall')
        .locator('.card-head h2')
        .dragTo(card(panel, 'grad_norm').locator('.card-head h2'));
      await poll(async () => (await ids(panel)).slice(0, 4)).toEqual([
        'throughput',
        'recall',
        'grad_norm',
        'loss',
      ]);
      await panel.getByRole('button', { name: 'Fold Gradient norm' }).click();
      await poll(async () => (await ids(panel)).at(-1)).toBe('grad_norm');
      expect(await card(panel, 'grad_norm').locator('canvas').count()).toBe(0);
      expect(await card(panel, 'grad_norm').textContent()).toMatch(
        /image [\d.]+ · text [\d.]+ · fusion [\d.]+/,
      );
      const arranged = await ids(panel);
      await panels.page.evaluate(() => window.host.open('dark'));
      const again = await panelOf(panels.page);
      await poll(() => ids(again)).toEqual(arranged);
      await panels.choose(card(again, 'throughput'), 'Unpin');
      await again.getByRole('button', { name: 'Unfold Gradient norm' }).click();
      await card(again, 'grad_norm').locator('canvas').waitFor();
    });

    test('any metric is added by its name, over the steps or against another one, and removed again', async () => {
      const panel = await open({ tab: 'plots', done: 300 });
      const add = async (metrics: string, against: string): Promise<void> => {
        await panel.locator('summary', { hasText: 'Add plot' }).click();
        await panel.getByLabel('Metric, or several').fill(metrics);
        await panel.getByLabel('Against').fill(against);
        await panel.locator('.add-plot vscode-button', { hasText: 'Add' }).click();
      };
      await add('train/loss, train/clip_factor', '');
      const both = card(panel, 'added:train/loss train/clip_factor');
      await both.locator('.legend-item', { hasText: 'clip_factor' }).waitFor();
      await add('val/recall@10', 'val/loss');
      const cloud = panel.getByRole('region', { name: 'recall@10 against val/loss' });
      // Evaluated at the steps 45, 90 ... 270.
      await poll(() => cloud.locator('circle').count()).toBe(6);
      const [x, y] = await panels.page.evaluate(() =>
        ['val/loss', 'val/recall@10'].map((name) => window.host.runs[0]!.state!.series.get(name)!.values[5]!),
      );
      const words = await cloud.locator('circle title').allTextContents();
      expect(words.at(-1)).toContain('step 270');
      expect(words.at(-1)).toContain(String(Number(x!.toPrecision(6))).slice(0, 5));
      expect(words.at(-1)).toContain(String(Number(y!.toPrecision(6))).slice(0, 5));
      await panels.choose(cloud, 'Remove the Plot');
      await poll(() => cloud.count()).toBe(0);
      await panel.locator('summary', { hasText: 'Add plot' }).click();
      await panel.getByLabel('Metric, or several').fill('val/recall@3');
      await panel.getByText('No shown run has val/recall@3 (yet).').waitFor();
    });

    test('what never changes is a line of text, and a plot when it is pinned', async () => {
      await panels.page.evaluate(() => {
        const { fake, host } = window;
        const training = { seed: 3, steps: 600, done: 60, rates: { image: 1e-3, text: 2e-5 } };
        const events = fake.fakeEvents(training);
        for (const event of events) if (event.kind === 'step') event.metrics['train/temperature'] = 0.07;
        host.runs = [fake.runOf('fixed', events, { training })];
      });
      const panel = await open({ tab: 'plots' });
      await card(panel, 'loss').waitFor();
      expect(await ids(panel)).not.toContain('temperature');
      await panel.getByRole('button', { name: 'Temperature 0.07' }).click();
      await card(panel, 'temperature').locator('canvas').waitFor();
    });

    test('a run says who it is, and its log is followed while it is in sight', async () => {
      await panels.page.evaluate(() => {
        const { fake, host } = window;
        const training = { seed: 3, steps: 600, done: 60, rates: { image: 1e-3, text: 2e-5 } };
        const run = fake.runOf('live', fake.fakeEvents(training), { training });
        Object.assign(run.file!, {
          title: 'the long one',
          git_commit: 'f00d'.repeat(10),
          data: `${'a1'.repeat(32)} ${'b2'.repeat(32)} ${'c3'.repeat(32)}`,
        });
        host.runs = [run];
        host.log = '--- trainer started\nengine onnx\n';
      });
      const panel = await open({ tab: 'plots' });
      await panel.locator('summary', { hasText: 'About the run' }).click();
      const facts = panel.locator('.run-facts');
      for (const text of ['the long one', 'f00d'.repeat(10), 'pairs a1a1a1a1a1a1, image sizes b2b2b2b2b2b2'])
        await facts.getByText(text).waitFor();
      await panel.locator('summary', { hasText: /^Log$/ }).click();
      const log = panel.getByRole('log');
      await log.getByText('engine onnx').waitFor();
      await panels.page.evaluate(() => window.host.print('live', 'step 61\n'.repeat(100)));
      await poll(() => log.textContent()).toBe(
        `--- trainer started\nengine onnx\n${'step 61\n'.repeat(100)}`,
      );
      // The end stays in sight.
      await poll(() =>
        log.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight),
      ).toBeLessThan(2);
      await panel.getByRole('tab', { name: 'Compare' }).click();
      await poll(() => panels.asked('log')).toMatchObject({ run: null });
    });

    test('pictures have a title, axes with names and the size that was chosen, as PNG and as vectors', async () => {
      const panel = await open({ tab: 'plots', done: 90 });
      const loss = card(panel, 'loss');
      const save = async (format: string): Promise<string> => {
        await panels.choose(loss, 'Save as a Picture…');
        const dialog = panel.getByRole('dialog');
        await dialog.locator('vscode-single-select').click();
        await dialog.getByRole('option', { name: format }).click();
        await dialog.getByLabel('Width').fill('900');
        await dialog.getByLabel('Height').fill('420');
        const before = await panels.page.evaluate(() => window.host.saved.length);
        await dialog.getByText('Save…').click();
        await poll(() => panels.page.evaluate(() => window.host.saved.length)).toBe(before + 1);
        const saved = (await panels.page.evaluate(() => window.host.saved)).at(-1)!;
        expect(saved.name).toBe(`loss.${format.slice(0, 3).toLowerCase()}`);
        return saved.content;
      };
      const png = Buffer.from(await save('PNG'), 'base64');
      // Width and height stand in the header, at bytes 16 and 20.
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1800, 840]);
      const svg = await save('SVG');
      const drawn = await panel.evaluate((content) => {
        const { documentElement: root } = new DOMParser().parseFromString(content, 'image/svg+xml');
        return {
          size: [root.getAttribute('width'), root.getAttribute('height')],
          words: [...root.querySelectorAll('text')].map((text) => text.textContent),
          lines: root.querySelectorAll('path').length,
          values: [...root.querySelectorAll('rect title')].map((title) => title.textContent),
        };
      }, svg);
      expect(drawn.size).toEqual(['900', '420']);
      for (const word of ['Loss', 'nats', 'step', 'train', 'val', 'chance ln 64'])
        expect(drawn.words, word).toContain(word);
      expect(drawn.lines).toBeGreaterThanOrEqual(2);
      const first = await panels.page.evaluate(
        () => window.host.runs[0]!.state!.series.get('train/loss')!.values[0]!,
      );
      expect(drawn.values[0]).toMatch(/^step 1\ntrain /);
      expect(Number(/train ([\d.]+)/.exec(drawn.values[0]!)![1])).toBeCloseTo(first, 3);
    });
  },
);
