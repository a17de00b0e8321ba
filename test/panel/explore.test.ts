import { expect, describe, test } from 'vitest';
import type { Frame } from 'playwright-core';
import type { ImagesFound, ModelFacts } from '../../src/protocol/inference.ts';
import { needs } from '../needs.ts';
import { openedPanels, poll } from './host/opened.ts';
import { chromiumPath, panelOf } from './host/serve.ts';

const panels = openedPanels('explore');

const facts: ModelFacts = {
  step: 100,
  isBest: true,
  isAtChance: false,
  fusion: 'late',
  engine: 'onnx (cpu, 2 threads)',
  folder: '/pictures',
  evaluations: [
    {
      kind: 'retrieval',
      time: 1,
      data: '/lists/other.csv',
      step: 100,
      is_best: true,
      images: 50,
      captions: 50,
      left_out: 0,
      metrics: { 'val/recall@1': 0.4, 'val/loss': 2 },
      chance: { 'val/recall@1': { mean: 0.02, deviation: 0.01 } },
    },
  ],
};
const pixel = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';

function found(names: string[], best = 0.9): ImagesFound {
  const hits = names.map((name, at) => ({ name, score: best - at / 10, similarity: best - at / 10 }));
  return { folder: '/pictures', hits, images: 100, mean: 0.1, deviation: 0.2, rescored: 0, unread: 0 };
}

async function opened(): Promise<Frame> {
  await panels.page.evaluate(
    ([one, images, image]) => {
      window.host.model = {
        facts: one as ModelFacts,
        index: { folder: '/pictures', images: 100, added: 0, removed: 0, unreadable: [], unreadableCount: 0 },
        words: images as ImagesFound,
        thumbnails: Array.from({ length: 8 }, () => image as string),
      };
    },
    [facts, found(['fruit/apple.png', 'pear.png']), pixel] as const,
  );
  return panels.open({ tab: 'explore', done: 100 });
}

/** What was asked of the model since the page began. */
const questions = (): Promise<string[]> =>
  panels.page.evaluate(() =>
    window.host.received.flatMap((message) => (message.kind === 'model' ? [message.question.call] : [])),
  );

const search = async (panel: Frame, words: string): Promise<void> => {
  await panel.getByRole('searchbox', { name: 'Words to search by' }).fill(words);
  await panels.page.keyboard.press('Enter');
};

describe.runIf(needs(chromiumPath !== undefined, 'Chromium'))(
  'the Explore tab in Chromium',
  { timeout: 180_000 },
  () => {
    test('words find images: nothing is computed before Enter, then each word typed is searched', async () => {
      const panel = await opened();
      await panel.getByText('best checkpoint, step 100').waitFor();
      await panel.getByText('50 images · recall@1 0.4 (chance 0.02)').waitFor();
      const box = panel.getByRole('searchbox', { name: 'Words to search by' });
      await box.fill('a red');
      await panels.page.waitForTimeout(500);
      expect(await questions()).toEqual(['facts']);
      await box.press('Enter');
      await panel.getByRole('img', { name: 'fruit/apple.png' }).waitFor();
      await panel.getByText('Nearest of 100 images, which are 0.1 ± 0.2 near on average.').waitFor();
      expect(await panel.locator('.hit').allInnerTexts()).toEqual([
        expect.stringMatching(/apple\.png\s+0\.900/),
        expect.stringMatching(/pear\.png\s+0\.800/),
      ]);
      await box.fill('a red apple');
      await poll(async () => (await questions()).filter((call) => call === 'words')).toHaveLength(2);
      expect(await panels.asked('model')).toMatchObject({
        question: { call: 'words', ask: { words: 'a red apple', folder: '/pictures' } },
      });
    });

    test('a model that learnt nothing is named before it is searched with', async () => {
      const panel = await opened();
      await panel.getByText('best checkpoint, step 100').waitFor();
      expect(await panel.getByText('It ended at chance').count()).toBe(0);
      await panels.page.evaluate((one) => {
        window.host.model.facts = { ...(one as ModelFacts), isAtChance: true };
        window.host.open('dark');
      }, facts as unknown);
      await (await panelOf(panels.page)).getByText('It ended at chance').waitFor();
    });

    test('a search that finds nothing in particular says so', async () => {
      const panel = await opened();
      // By chance the best of 100 with mean 0.1 and deviation 0.2 has 0.1 + 0.2 sqrt(2 ln 100) = 0.707.
      await panels.page.evaluate(
        (images) => (window.host.model.words = images),
        found(['apple.png', 'pear.png'], 0.5),
      );
      await search(panel, 'x');
      await panel.getByText('None stands out: by chance alone the best would have about 0.707.').waitFor();
    });

    test('the fusion’s own scores are not compared with pooled similarities', async () => {
      const panel = await opened();
      await panels.page.evaluate((images) => (window.host.model.words = images), {
        ...found(['apple.png', 'pear.png'], 0.5),
        rescored: 10,
      });
      await search(panel, 'x');
      await panel
        .getByText('Nearest of 100 images, whose pooled similarity is 0.1 ± 0.2 on average.')
        .waitFor();
      await panel
        .getByText('by chance alone the best would have a pooled similarity of about 0.707.')
        .waitFor();
    });

    test('a failure stands above what was found; a folder is chosen by a person', async () => {
      const panel = await opened();
      await panel.getByText('best checkpoint').waitFor();
      await panels.page.evaluate(() => window.host.failures.push('There is no folder /pictures. Name one.'));
      await search(panel, 'x');
      await panel.getByRole('alert').filter({ hasText: 'There is no folder /pictures.' }).waitFor();
      await panels.page.evaluate(() => (window.host.picked = '/others'));
      await panel.getByRole('button', { name: 'Folder…' }).click();
      await panel.getByTitle('/others').waitFor();
      await search(panel, 'x');
      await panel.getByRole('img', { name: 'pear.png' }).waitFor();
      expect(await panel.getByRole('alert').count()).toBe(0);
    });

    test('an image finds captions; wrong pairs come worst first', async () => {
      const panel = await opened();
      await panels.page.evaluate(
        ([images, image]) => {
          window.host.picked = '/pictures/pear.png';
          window.host.model.image = {
            images,
            captions: {
              hits: [{ caption: 'a green pear', score: 0.7, similarity: 0.7 }],
              captions: 90,
              of: 90,
            },
          };
          window.host.model.wrongPairs = {
            captions: 40,
            images: 30,
            pairs: [
              {
                caption: 'a quince',
                image: 'quince.png',
                thumbnail: image,
                rank: 17,
                captionRank: 3,
                found: { image: 'pear.png', thumbnail: image, captions: ['a green pear'] },
              },
            ],
          };
        },
        [found(['pear.png', 'apple.png']), pixel] as const,
      );
      await panel.getByRole('button', { name: 'By an image…' }).click();
      await panel.getByText('Nearest of 90 captions of the data.').waitFor();
      expect(await panel.locator('.caption-hits li').allInnerTexts()).toEqual(['0.700 a green pear']);
      await panel.getByRole('button', { name: 'Show wrong pairs' }).click();
      await panel.getByText('finds this image at place 17 of 30').waitFor();
      await panel.getByText('the image finds it at place 3 of 40').waitFor();
      await panel.getByText('found first: a green pear').waitFor();
    });

    test('the regions that a word looks at lie over the image, for each layer', async () => {
      const panel = await opened();
      await panel.getByText('Only a fusion of kind cross_attention').waitFor();
      await panels.page.evaluate(
        ([one, image]) => {
          window.host.model.facts = { ...(one as ModelFacts), fusion: 'cross_attention' };
          const word = (text: string, ...shares: number[][]) => ({ text, shares });
          window.host.model.attention = {
            picture: image,
            side: 2,
            heads: 4,
            words: [
              word('[CLS]', [0.25, 0.25, 0.25, 0.25], [0.25, 0.25, 0.25, 0.25]),
              word('apple', [0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1]),
            ],
          };
        },
        [facts, pixel] as const,
      );
      const again = await panels.open({ tab: 'explore', done: 100 });
      await search(again, 'apple');
      await again.getByRole('button', { name: 'Regions' }).first().click();
      await again.getByText('layer 2 of 2, the mean of 4 heads').waitFor();
      expect(await panels.asked('model')).toMatchObject({
        question: { call: 'attention', ask: { image: '/pictures/fruit/apple.png', caption: 'apple' } },
      });
      // Colours of the scale's ends at 0.7 of 0.7 and at 0.1 of 0.7: the first stands out as its yellow.
      const red = (): Promise<number[]> =>
        again
          .locator('.attention canvas')
          .evaluate((canvas: HTMLCanvasElement) =>
            [0, 1, 2, 3].map((at) => canvas.getContext('2d')!.getImageData(at % 2, at >> 1, 1, 1).data[0]!),
          );
      await poll(async () => (await red()).map((value) => value > 200)).toEqual([true, false, false, false]);
      await again.getByRole('radio', { name: '[CLS]' }).click();
      await poll(async () => (await red()).map((value) => value > 200)).toEqual([true, true, true, true]);
    });

    test('a map shows images and captions, coloured by a column', async () => {
      const panel = await opened();
      await panels.page.evaluate(() => {
        const point = (x: number, kind: 'image' | 'caption', value: string | null) => ({
          x,
          y: x * x,
          kind,
          image: `${x}.png`,
          file: null,
          caption: `caption ${x}`,
          value,
        });
        window.host.model.map = {
          method: 'pca',
          points: [point(0, 'image', 'fruit'), point(1, 'caption', 'fruit'), point(2, 'caption', 'boat')],
          pairs: 4000,
          sampled: 3,
          columns: ['path', 'kind'],
          column: 'kind',
          explained: [0.5, 0.25],
          umap: null,
        };
      });
      await panel.getByRole('button', { name: 'Draw the map' }).click();
      await panel.getByText('PCA: the two axes hold 50% and 25% of the variance. 3 of 4,000').waitFor();
      expect(await panel.locator('.map-name').allInnerTexts()).toEqual(['fruit', 'boat']);
      const canvas = panel.locator('.map canvas');
      const { width, height } = (await canvas.boundingBox())!;
      // y from 0 to 4 is the longer way: 0 lies at the bottom, a half of 2 left of the middle.
      const x = width / 2 - (height - 24) / 4;
      await canvas.click({ position: { x, y: height - 12 } });
      await canvas.hover({ position: { x: 2, y: 2 } });
      await panel.getByText('caption 0').waitFor();
    });

    test('the model is measured on other data and exported; what was measured is shown at once', async () => {
      const panel = await opened();
      await panel.getByText('other.csv').waitFor();
      await panels.page.evaluate((one) => {
        const [before] = (one as ModelFacts).evaluations;
        window.host.model.facts = {
          ...(one as ModelFacts),
          evaluations: [before!, { ...before!, time: 2, data: '/lists/newer.csv' }],
        };
      }, facts);
      await panel.getByRole('button', { name: 'Evaluate on Other Data…' }).click();
      await panel.getByText('newer.csv').waitFor();
      expect(await panels.asked('command')).toMatchObject({ command: 'evaluate', run: 'live' });
      await panel.getByRole('button', { name: 'Export Model…' }).click();
      await poll(() => panels.asked('command')).toMatchObject({ command: 'exportModel', run: 'live' });
    });

    test('without a run it says what is missing', async () => {
      const panel = await panels.open({ tab: 'explore' });
      await panel.getByText('No run has a checkpoint yet.').waitFor();
    });
  },
);
