import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Frame } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { openedPanels, poll, yaml } from './host/opened.ts';
import { chromiumPath, panelOf } from './host/serve.ts';
import { needs } from '../needs.ts';

const panels = openedPanels('panel');
const { open, asked, text, pixels } = panels;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Nothing but Chromium draws the real bundle.
describe.runIf(needs(chromiumPath !== undefined, 'Chromium'))(
  'the panel in Chromium',
  { timeout: 180_000 },
  () => {
    test('writes an edited field into the file, its bytes and no others', async () => {
      const panel = await open({ tab: 'experiment' });
      const field = panel.getByRole('textbox', { name: '(train.batch_size)' });
      await field.fill('128');
      await field.press('Enter');
      await poll(text).toBe(yaml.replace('batch_size: 64', 'batch_size: 128'));
      expect(await asked('edit')).toMatchObject({ path: 'train.batch_size', text: '128' });
    });

    test('shows what is typed in the editor, and a problem with its fix', async () => {
      const panel = await open({ tab: 'experiment' });
      await panels.page.evaluate(() =>
        window.host.write(window.host.text!.replace('epochs: 20', 'epochs: 7')),
      );
      const epochs = panel.getByRole('textbox', { name: '(train.epochs)' });
      await poll(() => epochs.inputValue()).toBe('7');
      await panel.getByRole('button', { name: /^Change to clip_norm/ }).click();
      await poll(text).toContain('clip_norm: 1.0');
      await panel.getByText('no problems').waitFor();
    });

    test('a field becomes a list to sweep and back', async () => {
      const panel = await open({ tab: 'experiment' });
      await panel.getByRole('button', { name: /^Sweep .*batch/i }).click();
      const list = panel.getByRole('textbox', { name: 'values to try' });
      await list.fill('32, 64');
      await list.press('Enter');
      await poll(text).toMatch(/train\.batch_size: \[ ?32, 64 ?\]/);
      await panel.getByRole('button', { name: /^Stop sweeping/ }).click();
      await poll(text).not.toContain('sweep');
    });

    test('a refused request says why, and can be dismissed', async () => {
      const panel = await open({ tab: 'experiment' });
      await panels.page.evaluate(() => window.host.failures.push('The file is read-only. Make it writable.'));
      const field = panel.getByRole('textbox', { name: '(train.batch_size)' });
      await field.fill('128');
      await field.press('Enter');
      await panel.getByRole('alert').filter({ hasText: 'The file is read-only.' }).waitFor();
      await panel.getByRole('button', { name: 'Dismiss' }).click();
      await poll(() => panel.getByRole('alert').count()).toBe(0);
    });

    test('a live run moves the plot; hidden it costs nothing and is right when shown again', async () => {
      const panel = await open({ tab: 'plots', done: 100 });
      const before = await pixels(panel);
      const append = (from: number, to: number) =>
        panels.page.evaluate(
          ([first, last]) => {
            const { host, fake } = window;
            const training = { seed: 3, steps: 600, done: last!, rates: { image: 1e-3, text: 2e-5 } };
            const news = fake.fakeEvents(training).filter(({ step }) => step > first! && step <= last!);
            host.append('live', news);
          },
          [from, to],
        );
      await append(100, 200);
      await panel.getByText('200 / 600').waitFor();
      await poll(() => pixels(panel)).not.toBe(before);
      const after = await pixels(panel);
      await panels.page.evaluate(() => (window.host.isHidden = true));
      await append(200, 300);
      expect(await pixels(panel)).toBe(after);
      await panels.page.evaluate(() => {
        window.host.isHidden = false;
        window.host.open('dark');
      });
      const again = await panelOf(panels.page);
      await again.getByText('300 / 600').waitFor();
      await poll(() => pixels(again)).not.toBe(after);
    });

    test('zooms by the keyboard and resets, reads values, switches curves off', async () => {
      const panel = await open({ tab: 'plots', done: 300 });
      const whole = await pixels(panel);
      const plot = panel.locator('[data-card="loss"] .plot');
      await plot.focus();
      await panels.page.keyboard.press('+');
      await poll(() => pixels(panel)).not.toBe(whole);
      await panels.page.keyboard.press('ArrowRight');
      await poll(() => plot.locator('[aria-live]').textContent()).toMatch(/step \d+, train [\d.]+/);
      await panels.page.keyboard.press('0');
      await panels.page.keyboard.press('Escape');
      await poll(() => pixels(panel)).toBe(whole);
      await panel.locator('[data-card="loss"] .legend-item', { hasText: 'train' }).click();
      await poll(() => pixels(panel)).not.toBe(whole);
    });

    test('wheel with ctrl zooms all plots, and the zoom resets', async () => {
      const panel = await open({ tab: 'plots', done: 300 });
      const [loss, norms] = [await pixels(panel), await pixels(panel, 'grad_norm')];
      await panel.locator('[data-card="loss"] canvas').hover();
      await panels.page.keyboard.down('Control');
      await panels.page.mouse.wheel(0, -300);
      await panels.page.keyboard.up('Control');
      await poll(() => pixels(panel)).not.toBe(loss);
      await poll(() => pixels(panel, 'grad_norm')).not.toBe(norms);
      await panel.locator('vscode-button', { hasText: 'Reset zoom' }).click();
      await panels.page.mouse.move(2, 2);
      await poll(() => pixels(panel)).toBe(loss);
    });

    test('a new theme is drawn at once', async () => {
      const panel = await open({ tab: 'plots', done: 100 });
      const dark = await pixels(panel);
      await panels.page.evaluate(() => window.host.setTheme('light'));
      await poll(() => pixels(panel)).not.toBe(dark);
      await panels.page.evaluate(() => window.host.setTheme('dark'));
      await poll(() => pixels(panel)).toBe(dark);
    });

    test('the tab and the settings of plots survive a reload', async () => {
      const panel = await open({ tab: 'experiment', done: 100 });
      await panel.getByRole('tab', { name: 'Plots' }).click();
      await panel.getByRole('slider', { name: /smoothing/ }).fill('0.9');
      await panel.getByText('0.90').waitFor();
      await panels.page.evaluate(() => window.host.open('dark'));
      const again = await panelOf(panels.page);
      await again.getByText('0.90').waitFor();
    });

    test('a broken run has a card that says so; the others go on', async () => {
      await panels.page.evaluate(() => {
        const problem = 'events.jsonl, line 3 is not JSON; 2 of 40 steps could be read.';
        const { host, fake } = window;
        host.runs = [{ ...fake.runOf('broken', []), status: 'failed', state: null, problem }];
      });
      await panels.page.evaluate(() => {
        const { host, fake } = window;
        const training = { seed: 3, steps: 600, done: 100, rates: { image: 1e-3, text: 2e-5 } };
        host.runs.push(fake.runOf('good', fake.fakeEvents(training), { training }));
      });
      const panel = await open({ tab: 'plots' });
      await panel.getByText('events.jsonl, line 3 is not JSON').waitFor();
      await pixels(panel);
    });

    test('curves that do not come are named, and after ten seconds what is waited for', async () => {
      await panels.page.evaluate(() => {
        const { host, fake } = window;
        host.runs = [{ ...fake.runOf('slow', []), status: 'running', state: null }];
      });
      const panel = await open({ tab: 'plots' });
      await panel.getByText('Reading the curves of slow…').waitFor();
      await panel.getByText('Still waiting for the extension to read the events file of slow.').waitFor();
    });

    test('captions, names and problems with markup are text', async () => {
      const evil = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
      await panels.page.evaluate((markup) => {
        const { host, fake } = window;
        const tokens = [{ text: markup, unknown: false, cut: false }];
        const picture = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';
        const item = {
          index: 0,
          picture,
          caption: markup,
          tokens,
          tokenCount: 3,
          maxLength: 8,
          augmentation: markup,
        };
        host.preview = { kind: 'preview', total: 1, items: [item], epoch: 0, seed: 0, problem: markup };
        const run = fake.runOf(
          'evil',
          fake.fakeEvents({ seed: 1, steps: 90, rates: { image: 1e-3, text: 2e-5 } }),
        );
        host.runs = [{ ...run, label: markup, file: { ...run.file!, title: markup, note: markup } }];
      }, evil);
      const panel = await open({ tab: 'experiment', text: `name: '${evil}'\ndata: { pairs: pairs.csv }\n` });
      await panel.locator('.preview .caption', { hasText: 'onerror' }).waitFor();
      await panel.getByRole('tab', { name: 'Plots' }).click();
      await pixels(panel);
      await panel.getByRole('tab', { name: 'Compare' }).click();
      await panel.locator('.compare').waitFor();
      expect(await panel.evaluate(() => 'hacked' in window)).toBe(false);
      expect(await panel.locator('img[src="x"]').count()).toBe(0);
    });

    test('a sweep is compared: verdict, use of the setting, pinned row, report', async () => {
      const panel = await open({ tab: 'compare', sweep: 2 });
      await panel.getByRole('status').filter({ hasText: 'is best: recall@10' }).waitFor();
      await panel.getByRole('button', { name: 'Measure the others by' }).first().click();
      await panel.locator('tbody tr', { hasText: '%' }).nth(2).waitFor();
      await panel.locator('vscode-button', { hasText: 'Report' }).click();
      await poll(async () => ((await asked('report')) as { runs: string[] }).runs.length).toBe(18);
      await panel.locator('vscode-button', { hasText: 'Use this setting' }).click();
      await poll(text).toMatch(/image: (1e-3|0\.001)/);
    });

    test('values are saved as CSV and plots as pictures, and stand in a table', async () => {
      const panel = await open({ tab: 'plots', done: 90 });
      await pixels(panel);
      const loss = panel.locator('[data-card="loss"]');
      await panels.choose(loss, 'Save the Values as CSV');
      await panels.choose(loss, 'Save as a Picture…');
      await panel.getByRole('dialog').getByText('Save…').click();
      await poll(() => panels.page.evaluate(() => window.host.saved.length)).toBe(2);
      const [csv, picture] = await panels.page.evaluate(() => window.host.saved);
      expect(csv!.content.split('\r\n').slice(0, 2).join('|')).toMatch(
        /^run,metric,step,time,value\|live,train\/loss,1,2026/,
      );
      expect(Buffer.from(picture!.content, 'base64').subarray(1, 4).toString()).toBe('PNG');
      await loss.getByRole('button', { name: 'Loss: show as a table' }).click();
      await loss.locator('table').waitFor();
      // Each recorded step is a row, with the validation's values where one was measured: at steps 45 and 90.
      const rows = await loss.locator('tbody tr').allInnerTexts();
      expect(rows).toHaveLength(90);
      const cells = rows.map((row) => row.split('\t').map((cell) => cell.trim()));
      expect(cells.filter(([, , val]) => val).map(([step]) => step)).toEqual(['step 45', 'step 90']);
      expect(cells.every(([, train]) => Number(train) > 0)).toBe(true);
    });

    test.each(['light', 'dark', 'hc-dark', 'hc-light'] as const)('axe finds nothing in %s', async (theme) => {
      await panels.page.evaluate(() => {
        const picture = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';
        const tokens = ['red', '[UNK]', 'late'].map((word) => ({
          text: word,
          unknown: word === '[UNK]',
          cut: word === 'late',
        }));
        const more = { caption: 'red', tokens, tokenCount: 3, maxLength: 2, augmentation: 'flip' };
        const items = [0, 1, 2, 3].map((index) => ({ index, picture, ...more }));
        window.host.preview = { kind: 'preview', total: 9, items, epoch: 0, seed: 0, problem: null };
      });
      const panel = await open({ tab: 'experiment', done: 100, sweep: 1 });
      await panels.page.evaluate((name) => window.host.setTheme(name), theme);
      await panel.locator('.token.cut').first().waitFor();
      await panel.locator('.data-note summary').click();
      for (const tab of ['Experiment', 'Runs', 'Plots', 'Compare']) {
        await panel.getByRole('tab', { name: tab }).click();
        if (tab === 'Runs') {
          await panel
            .getByRole('checkbox', { name: /^Select image 1e-3/ })
            .first()
            .check();
          await panel.locator('.column-choice summary').click();
        }
        if (tab === 'Plots') {
          await pixels(panel);
          await panel.getByRole('button', { name: 'Recall: show as a table' }).click();
          await panel.locator('.value-table table').waitFor();
          await panel.locator('.run-list summary').click();
          await panel.getByRole('button', { name: 'Show all' }).click();
          await panel.locator('.run-list .drop-down-body').waitFor();
        }
        expect(await axeFinds(panel), `${tab} in ${theme}`).toEqual([]);
      }
      expect(await violations(panel)).toEqual([]);
    });

    test.each(['light', 'dark', 'hc-dark', 'hc-light'] as const)(
      'axe finds nothing where runs diverged and cannot be read, in %s',
      async (theme) => {
        await panels.page.evaluate(() => {
          const { host, fake } = window;
          const problem = 'events.jsonl, line 3 is not JSON; 2 of 40 steps could be read.';
          host.runs = [
            ...fake.fakeSweep(1, 150).slice(0, 3),
            { ...fake.runOf('broken', []), status: 'failed', state: null, problem },
          ];
        });
        const panel = await open({ tab: 'plots' });
        await panels.page.evaluate((name) => window.host.setTheme(name), theme);
        await pixels(panel, 'loss/train');
        await panel.locator('.header').getByText('1 diverged').waitFor();
        await panel.locator('.run-list summary').click();
        await panel.locator('.run-list .drop-down-body .status-diverged').waitFor();
        expect(await axeFinds(panel)).toEqual([]);
      },
    );

    test.each(['light', 'dark', 'hc-dark', 'hc-light'] as const)(
      'axe finds nothing in what folds out and in the dialog, in %s',
      async (theme) => {
        await panels.page.evaluate(() => (window.host.log = 'engine onnx\n'));
        const panel = await open({ tab: 'plots', done: 100 });
        await panels.page.evaluate((name) => window.host.setTheme(name), theme);
        await pixels(panel);
        for (const part of ['About the run', /^Log$/, 'Add plot'])
          await panel.locator('summary', { hasText: part }).click();
        await panel.getByText('engine onnx').waitFor();
        expect(await axeFinds(panel)).toEqual([]);
        await panels.choose(panel.locator('[data-card="recall"]'), 'Save as a Picture…');
        await panel.getByRole('dialog').waitFor();
        expect(await axeFinds(panel)).toEqual([]);
      },
    );

    test('axe finds nothing in the plots of another program', async () => {
      await panels.page.evaluate(() => (window.host.runs = [window.fake.foreignLog('log', 40)]));
      const panel = await open({ tab: 'plots', text: null });
      await pixels(panel, 'other:accuracy');
      // Whether its writer still trains is not known: it is not called finished.
      expect(await panel.locator('.header .status').textContent()).toBe('TensorBoard log');
      expect(await axeFinds(panel)).toEqual([]);
    });

    test('tabs, menu and buttons work from the keyboard', async () => {
      const panel = await open({ tab: 'experiment', done: 100 });
      await panel.getByRole('tab', { name: 'Experiment' }).focus();
      await panels.page.keyboard.press('ArrowRight');
      await poll(() => panel.getByRole('tab', { name: 'Runs' }).getAttribute('aria-selected')).toBe('true');
      await panel.getByRole('button', { name: 'More actions' }).focus();
      await panels.page.keyboard.press('Enter');
      await panel.locator('[role=menuitem]:focus', { hasText: 'Open the Experiment File' }).waitFor();
      await panels.page.keyboard.press('ArrowDown');
      await panel.locator('[role=menuitem]:focus', { hasText: 'Open the Log' }).waitFor();
      await panels.page.keyboard.press('Enter');
      await poll(() => asked('command')).toMatchObject({ command: 'openLog', run: 'live' });
      await panel.locator('vscode-button', { hasText: 'Stop' }).focus();
      await panels.page.keyboard.press('Enter');
      await poll(() => asked('command')).toMatchObject({ command: 'stop', run: 'live' });
    });

    test('without an experiment or runs it offers to begin, and breaks no policy', async () => {
      await panels.page.evaluate(() => window.host.open('light'));
      const panel = await panelOf(panels.page);
      await panel.getByRole('heading', { name: 'No experiment yet' }).waitFor();
      expect(await violations(panel)).toEqual([]);
      const policy = await panel.locator('meta[http-equiv]').getAttribute('content');
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain('unsafe');
    });
  },
);

/** What axe has to say of the panel as it stands. */
async function axeFinds(panel: Frame): Promise<unknown> {
  // A developer's tool runs in the page beside its policy, as axe's own extension does.
  const cdp = await panels.page.context().newCDPSession(panel);
  await cdp.send('Runtime.evaluate', { expression: axe });
  const found = await cdp.send('Runtime.evaluate', {
    expression: `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html, failureSummary }) => html.slice(0, 160) + ' ' + failureSummary).join(' | ')))`,
    awaitPromise: true,
    returnByValue: true,
  });
  await cdp.detach();
  return found.result.value;
}

const violations = (panel: Frame): Promise<string[]> =>
  panel.evaluate(() => (window as Window & { violations?: string[] }).violations ?? ['not watched']);
