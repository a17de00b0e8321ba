import { describe, expect, test } from 'vitest';
import { openedPanels, poll, yaml } from './host/opened.ts';
import { chromiumPath, panelOf } from './host/serve.ts';
import { needs } from '../needs.ts';

const panels = openedPanels('panel-form');
const { open, asked, text } = panels;

// Nothing but Chromium draws the real bundle.
describe.runIf(needs(chromiumPath !== undefined, 'Chromium'))(
  'the form in Chromium',
  { timeout: 180_000 },
  () => {
    test('numbers stand as they were typed, in any notation that the file knows', async () => {
      const panel = await open({ tab: 'experiment' });
      const type = async (path: string, typed: string): Promise<void> => {
        const field = panel.getByRole('textbox', { name: `(${path})` });
        await field.fill(typed);
        await field.press('Enter');
      };
      await type('optimizer.learning_rate.image', '3e-4');
      await poll(text).toContain('image: 3e-4');
      await type('optimizer.learning_rate.text', '0.00002');
      await poll(text).toContain('text: 0.00002');
      await panel.getByRole('button', { name: 'Optimizer › Schedule' }).click();
      await type('optimizer.schedule.warmup', '2 epochs');
      await poll(text).toContain('warmup: 2 epochs');
      await type('optimizer.schedule.warmup', '5%');
      await poll(text).toContain('warmup: 5%');
      expect(await text()).toContain('train: { batch_size: 64, epochs: 20 } # both matter');
    });

    test('what a batch takes of memory stands beside it, and follows what is set', async () => {
      const model =
        'model: { image_encoder: { name: resnet18 }, text_encoder: { name: bert-tiny }, fusion: { kind: late } }';
      const written = (train: string) => `data: { pairs: pairs.csv }\n${model}\ntrain: { ${train} }\n`;
      const panel = await open({ tab: 'experiment', text: written('batch_size: 32') });
      // 32 x 46.6 MB, five batches of 4.8 MB in 8 bits and one of 19.3 MB in 32; weights 16.4e6 numbers (two
      // encoders, 12 x 256^2 of the fusion), gradients and moments three times as many; the program 0.25 GB.
      const note = panel.getByText('about 2 GB of memory; this machine has 16 GB, 9 GB free');
      await note.waitFor();
      expect(await note.getAttribute('title')).toMatch(
        /^Weights 66 MB, gradients and moments 200 MB, activations 1\.5 GB;/,
      );
      // Without the program, which lies in the machine.
      await panels.page.evaluate(
        (text) => window.host.write(text),
        written('batch_size: 32, provider: webgpu'),
      );
      await panel.getByText('about 1.8 GB of the device’s memory').waitFor();
    });

    test('an absent value shows its default; Reset takes a key out and leaves its neighbours', async () => {
      const panel = await open({ tab: 'experiment' });
      const norm = panel.getByRole('textbox', { name: '(optimizer.weight_decay)' });
      expect(await norm.inputValue()).toBe('');
      expect(await norm.getAttribute('placeholder')).toBe('0.01');
      await panel.getByRole('button', { name: /^Reset Epochs to its default/ }).click();
      await poll(text).toBe(yaml.replace(', epochs: 20', ''));
      await poll(() => panel.getByRole('textbox', { name: '(train.epochs)' }).inputValue()).toBe('');
      expect(await panel.getByRole('button', { name: /^Reset Epochs/ }).count()).toBe(0);
    });

    test('what is set first stands first; the rest is folded, says what is set in it, and stays as a person left it', async () => {
      const panel = await open({ tab: 'experiment' });
      const section = (name: string) => panel.getByRole('region', { name, exact: true });
      const labels = await section('Basics')
        .locator('.row')
        .evaluateAll((rows) => rows.map((row) => row.ariaLabel));
      expect(labels).toEqual([
        'Pairs',
        'Weights of both',
        'Image encoder',
        'Text encoder',
        'Fusion',
        'Learning rate',
        'Batch size',
        'Epochs',
      ]);
      expect(
        await section('Basics')
          .getByRole('textbox', { name: /learning_rate/ })
          .count(),
      ).toBe(3);
      expect(await section('Experiment').textContent()).toBe('Experimentname emoji');
      expect(await panel.getByRole('textbox', { name: '(name)' }).count()).toBe(0);
      await panel.getByRole('button', { name: /^Experiment/ }).click();
      await panel.getByRole('textbox', { name: '(name)' }).waitFor();
      await panels.page.evaluate(() => window.host.open('dark'));
      const again = await panelOf(panels.page);
      await again.getByRole('textbox', { name: '(name)' }).waitFor();
      expect(await again.getByRole('button', { name: /^Checkpoint/ }).getAttribute('aria-expanded')).toBe(
        'false',
      );
    });

    test('the problems in the header lead to each of them in turn, also to those of swept values and in folded parts', async () => {
      const swept = `data: { pairs: pairs.csv, image_size: big }\nsweep:\n  train.batch_size: [64, x]\n`;
      const panel = await open({ tab: 'experiment', text: swept });
      await panel.getByRole('button', { name: /^Data$/ }).click(); // Folded, though something is wrong there.
      await panel.getByRole('tab', { name: 'Plots' }).click();
      const lead = panel.getByRole('button', { name: '2 problems' });
      const focused = () => panel.evaluate(() => document.activeElement?.closest('.row')?.ariaLabel);
      await lead.click();
      await poll(focused).toBe('Image size');
      await lead.click();
      await poll(focused).toBe('Batch size');
      await lead.click();
      await poll(focused).toBe('Image size');
      const field = panel.getByRole('textbox', { name: 'Batch size: values to try' });
      expect(
        await field.evaluate((input) => (input.getRootNode() as ShadowRoot).host.hasAttribute('invalid')),
      ).toBe(true);
    });

    test('the tabs and the header stay while the form scrolls', async () => {
      const panel = await open({ tab: 'experiment' });
      await panel.evaluate(() => scrollTo(0, 300));
      await poll(() => panel.evaluate(() => scrollY)).toBeGreaterThan(100);
      const [tabs, name] = [panel.getByRole('tablist'), panel.getByRole('heading', { level: 1 })];
      expect((await tabs.boundingBox())!.y).toBeGreaterThan(0);
      expect((await name.boundingBox())!.y).toBeGreaterThanOrEqual(0);
    });

    test('inputs begin and end at one line each', async () => {
      const panel = await open({ tab: 'experiment' });
      const sides = await panel
        .locator('.row vscode-textfield, .row vscode-single-select')
        .evaluateAll((inputs) =>
          inputs.map((input) => input.getBoundingClientRect()).map(({ left, right }) => [left, right]),
        );
      expect(sides.length).toBeGreaterThan(8);
      for (const side of sides) expect(side).toEqual(sides[0]);
    });

    test('several numbers in the field of one are offered as a sweep', async () => {
      const panel = await open({ tab: 'experiment' });
      for (const [path, typed, values] of [
        ['train.batch_size', '32 64', '[32, 64]'],
        ['train.epochs', '1, 2', '[1, 2]'],
      ] as const) {
        const field = panel.getByRole('textbox', { name: `(${path})` });
        await field.fill(typed);
        await field.press('Enter');
        await panel.getByRole('button', { name: `Move to sweep.${path}` }).click();
        await poll(text).toContain(`  ${path}: ${values}\n`);
      }
    });

    test('a random sweep is shown and changed: what is drawn from, how many, early stopping, budget', async () => {
      const drawn = `data: { pairs: pairs.csv }
train: { steps: 60 }
sweep:
  random: { count: 6 }
  optimizer.learning_rate.image: { log_uniform: [1e-5, 1e-2] }
  optimizer.learning_rate.text: [1e-3, 1e-4, 5e-4]
`;
      const panel = await open({ tab: 'experiment', text: drawn });
      const choose = async (name: string, option: string): Promise<void> => {
        await panel.locator(`vscode-single-select[label="${name}"]`).click();
        await panel
          .locator(`vscode-single-select[label="${name}"] .option`, {
            hasText: new RegExp(`^\\s*${option}\\s*$`),
          })
          .click();
      };
      const type = async (name: string, typed: string): Promise<void> => {
        const field = panel.getByRole('textbox', { name });
        await field.fill(typed);
        await field.press('Enter');
      };
      await type('Image: the smallest and the largest value', '1e-6, 1e-3');
      await poll(text).toContain('image: { log_uniform: [1e-6, 1e-3] }');
      await choose('Text: how it is drawn', 'log_uniform');
      await poll(text).toContain('text: { log_uniform: [1e-4, 1e-3] }');
      await choose('Image: how it is drawn', 'choice');
      await poll(text).toContain('image: [1e-6, 1e-3]');
      await panel.getByRole('button', { name: 'Sweep › Random' }).click();
      await type('(sweep.random.count)', '20');
      await poll(text).toContain('random: { count: 20 }');
      await panel.getByRole('button', { name: 'Sweep › Budget' }).click();
      await type('(sweep.budget.hours)', '8');
      await poll(text).toContain('hours: 8');
      await panel.getByRole('button', { name: 'Sweep › Early stopping' }).click();
      await type('(sweep.stop_early.metric)', 'val/recall@1');
      await poll(text).toContain('metric: val/recall@1');
      await panel.getByText('Start 20 Runs').waitFor();
      await type('(train.steps)', '90');
      await poll(text).toContain('train: { steps: 90 }');
    });

    test('Ctrl+Z takes back what the panel changed, one change at a time, and Ctrl+Shift+Z makes it again', async () => {
      const panel = await open({ tab: 'experiment' });
      const field = panel.getByRole('textbox', { name: '(train.batch_size)' });
      await field.fill('128');
      await field.press('Enter');
      await panel.getByRole('button', { name: /^Change to clip_norm/ }).click();
      await poll(text).toContain('clip_norm');
      await panels.page.keyboard.press('Control+z');
      await poll(text).toBe(yaml.replace('batch_size: 64', 'batch_size: 128'));
      await field.focus();
      await panels.page.keyboard.press('Control+z');
      await poll(text).toBe(yaml);
      await poll(() => field.inputValue()).toBe('64');
      await panels.page.keyboard.press('Control+Shift+Z');
      await poll(text).toBe(yaml.replace('batch_size: 64', 'batch_size: 128'));
      await poll(() => field.inputValue()).toBe('128');
      // Typed and not yet handed on: the field's own undo.
      await field.pressSequentially('5');
      await panels.page.keyboard.press('Control+z');
      await poll(() => field.inputValue()).toBe('128');
      expect(await text()).toBe(yaml.replace('batch_size: 64', 'batch_size: 128'));
    });

    test('Browse asks the host for a file of that field', async () => {
      const panel = await open({ tab: 'experiment' });
      const pairs = panel.getByRole('group', { name: 'Pairs', exact: true });
      await pairs.locator('vscode-button', { hasText: 'Browse' }).click();
      await poll(() => asked('browse')).toMatchObject({ path: 'data.pairs' });
    });

    test('a search leaves the settings that have all of its words', async () => {
      const panel = await open({ tab: 'experiment' });
      await panel.getByRole('textbox', { name: 'Search settings' }).fill('warm');
      await poll(() => panel.locator('.row').count()).toBeLessThan(5);
      expect(await panel.getByRole('textbox', { name: '(train.batch_size)' }).count()).toBe(0);
      await panel.getByRole('textbox', { name: '(optimizer.schedule.warmup)' }).waitFor();
      await panel.getByRole('textbox', { name: 'Search settings' }).fill('nothing of the kind');
      await panel.getByText('No setting has all of these words.').waitFor();
    });

    test('rows that cannot be used are named under the pairs', async () => {
      const panel = await open({ tab: 'experiment' });
      await panel.locator('.data-note summary', { hasText: '3 unreadable' }).click();
      await panel.getByText('pairs.csv line 18: images/18.png is not there').waitFor();
    });

    test('the preview shows what training sees: the next pairs, and the next augmentation of the same', async () => {
      await panels.page.evaluate(() => {
        const picture = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';
        const token = (word: string) => ({ text: word, unknown: word === '[UNK]', cut: word === 'late' });
        const item = (index: number) => ({
          index,
          picture,
          caption: `caption ${index}`,
          tokens: ['[CLS]', 'red', '[UNK]', 'late'].map(token),
          tokenCount: 4,
          maxLength: 3,
          augmentation: 'flip · crop 0.87',
        });
        const items = [0, 1, 2, 3].map(item);
        window.host.preview = { kind: 'preview', total: 6, items, epoch: 0, seed: 0, problem: null };
      });
      const panel = await open({ tab: 'experiment' });
      const preview = panel.getByRole('complementary', { name: 'Preview' });
      await preview.getByText('pairs 1–4 of 6 · epoch 0 · seed 0').waitFor();
      expect(await preview.locator('figure').first().innerText()).toMatch(
        /4 of 3 tokens, the end is cut · flip · crop 0\.87/,
      );
      expect(await preview.locator('.token.unknown').first().textContent()).toBe('[UNK]');
      expect(
        await preview
          .locator('.token.cut')
          .first()
          .evaluate((token) => getComputedStyle(token).textDecorationLine),
      ).toBe('line-through');
      const press = (name: string) => preview.locator('vscode-button', { hasText: name }).click();
      await press('Next epoch');
      await preview.getByText('epoch 1').waitFor();
      expect(await asked('preview')).toMatchObject({ index: 0, epoch: 1, count: 4 });
      await preview.getByText('Next', { exact: true }).click();
      await preview.getByText('pairs 5–').waitFor();
      expect(await asked('preview')).toMatchObject({ index: 4, epoch: 1 });
      await press('Previous');
      await preview.getByText('pairs 1–4').waitFor();
    });
  },
);
