import { describe, expect, test } from 'vitest';
import { openedPanels, poll, yaml } from './host/opened.ts';
import { chromiumPath } from './host/serve.ts';
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
      await type('optimizer.schedule.warmup', '2 epochs');
      await poll(text).toContain('warmup: 2 epochs');
      await type('optimizer.schedule.warmup', '5%');
      await poll(text).toContain('warmup: 5%');
      expect(await text()).toContain('train: { batch_size: 64, epochs: 20 } # both matter');
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
