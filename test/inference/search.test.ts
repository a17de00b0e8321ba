import { copyFile, mkdir, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFinishedModel, type FinishedModel } from '../../src/inference/finished-model.ts';
import { openImageIndex, updateImageIndex, type ImageIndex } from '../../src/inference/image-index.ts';
import { openCaptionIndex } from '../../src/inference/caption-index.ts';
import { heldOutSearches } from '../../src/inference/held-out.ts';
import { captionsByImage, imagesByImage, imagesByWords, imageVectors } from '../../src/inference/search.ts';
import { embeddingMaps } from '../../src/inference/map/embedding-map.ts';
import { wordAttention } from '../../src/inference/word-attention.ts';
import { wrongPairs } from '../../src/inference/wrong-pairs.ts';
import { rankValidation } from '../../src/trainer/evaluation/evaluate.ts';
import { trainRun } from '../../src/trainer/run.ts';
import { openValidation } from '../../src/trainer/training-data.ts';
import type { FusionConfig } from '../../src/experiment/config.ts';
import { modelConfig } from '../trainer/tiny.ts';
import { smallProject, type SmallProject } from '../trainer/small-run.ts';

let project: SmallProject;
const models = new Map<FusionConfig['kind'], FinishedModel>();
const kinds = ['late', 'cross_attention', 'early'] as const;

beforeAll(async () => {
  project = await smallProject(40);
  for (const kind of kinds) {
    const dir = await project.createRun(
      project.config((config) => {
        config.model.fusion = modelConfig(kind, 1, 32).fusion;
        config.eval.rerank = 100; // more than there are: everything is scored
      }),
    );
    await trainRun(dir);
    models.set(kind, await openFinishedModel(dir));
  }
}, 120_000);

afterAll(async () => {
  for (const model of models.values()) model.dispose();
  await project.remove();
});

/** Each its own: the index of a folder is changed by its tests. */
async function folderOf(name: string, count = 6): Promise<string> {
  const folder = join(project.folder, name);
  await mkdir(folder, { recursive: true });
  for (let i = 0; i < count; i++)
    await copyFile(join(project.folder, 'pictures', `${i}.png`), join(folder, `${i}.png`));
  return folder;
}

const names = (index: ImageIndex): string[] => index.files.map(({ name }) => name);

describe('the index of a folder', () => {
  test('computes only what is new or changed, drops what went, and ends as one that is made at once', async () => {
    const model = models.get('cross_attention')!;
    const folder = await folderOf('changing');
    const first = await updateImageIndex(model, folder, null);
    expect(first).toMatchObject({ added: 6, removed: 0 });
    expect((await updateImageIndex(model, folder, first.index)).index).toBe(first.index);

    await rm(join(folder, '1.png'));
    await rename(join(folder, '2.png'), join(folder, 'z.png'));
    await copyFile(join(project.folder, 'pictures', '9.png'), join(folder, '3.png'));
    await utimes(join(folder, '3.png'), 1, 1);
    await mkdir(join(folder, 'below'));
    await copyFile(join(project.folder, 'pictures', '8.png'), join(folder, 'below', '8.png'));
    const kept = (await openImageIndex(model, folder))!;
    expect(kept.pooled).toEqual(first.index.pooled);
    const second = await updateImageIndex(model, folder, kept);
    expect(second).toMatchObject({ added: 3, removed: 2 });
    expect(names(second.index)).toEqual(['0.png', '3.png', '4.png', '5.png', 'below/8.png', 'z.png']);
    const anew = await updateImageIndex(model, folder, null);
    expect(second.index).toEqual(anew.index);
    expect(second.index.regions).not.toBeNull();
  });

  test('names what looks like an image and is none, and does not try it again', async () => {
    const model = models.get('late')!;
    const folder = await folderOf('broken', 2);
    await writeFile(join(folder, 'empty.png'), '');
    await writeFile(join(folder, 'page.jpg'), '<!DOCTYPE html><html></html>');
    const { index, added } = await updateImageIndex(model, folder, null);
    expect(added).toBe(4);
    expect(names(index)).toEqual(['0.png', '1.png']);
    expect(index.unreadable.map(({ name, reason }) => [name, reason])).toEqual([
      ['empty.png', expect.stringMatching(/empty/)],
      ['page.jpg', expect.stringMatching(/web page/)],
    ]);
    expect((await updateImageIndex(model, folder, index)).added).toBe(0);
  });

  test('that was cancelled goes on where it was', async () => {
    const model = models.get('late')!;
    const folder = await folderOf('cancelled', 40);
    const cancel = new AbortController();
    const onProgress = (done: number): void => {
      if (done > 0) cancel.abort();
    };
    await expect(
      updateImageIndex(model, folder, null, { signal: cancel.signal, onProgress }),
    ).rejects.toThrow(/aborted/);
    const kept = (await openImageIndex(model, folder))!;
    expect(kept.files).toHaveLength(32);
    const { added, index } = await updateImageIndex(model, folder, kept);
    expect(added).toBe(8);
    expect(index).toEqual((await updateImageIndex(model, folder, null)).index);
  });

  test('of another step of the run is not taken', async () => {
    const model = models.get('late')!;
    const folder = await folderOf('step', 2);
    await updateImageIndex(model, folder, null);
    expect(await openImageIndex(model, folder)).not.toBeNull();
    expect(await openImageIndex({ ...model, step: model.step + 1 }, folder)).toBeNull();
  });

  test('of a file that is cut off is made again', async () => {
    const model = models.get('late')!;
    const folder = await folderOf('cut', 2);
    await updateImageIndex(model, folder, null);
    const search = join(model.dir, 'search');
    for (const file of await readdir(search)) await writeFile(join(search, file), 'cut');
    expect(await openImageIndex(model, folder)).toBeNull();
  });

  test('of no folder says so', async () => {
    await expect(updateImageIndex(models.get('late')!, join(project.folder, 'none'), null)).rejects.toThrow(
      /^There is no folder .*none\. Name a folder that holds images\.$/,
    );
  });
});

describe.each(kinds)('a search with %s', (kind) => {
  test('finds each validation image where the evaluation ranks it', async () => {
    const model = models.get(kind)!;
    const validation = (await openValidation(model.config, model))!;
    const { pairs } = validation;
    const ranked = await rankValidation(model.embedder, validation, kind === 'late' ? 0 : 100);
    const folder = join(project.folder, `validation-${kind}`);
    await mkdir(folder);
    for (const pair of ranked.pairOfImage) {
      const key = pairs.imageKey(pair);
      await copyFile(join(project.folder, key), join(folder, key.replace('pictures/', '')));
    }
    const { index } = await updateImageIndex(model, folder, null);
    for (const [text, pair] of ranked.kept.entries()) {
      const { hits } = await imagesByWords(model, index, pairs.caption(pair), 100);
      const right = hits.find(({ name }) => `pictures/${name}` === pairs.imageKey(pair))!;
      // The evaluation counts ties against the model; regions in half precision may move a score in its last digits.
      const before = hits.filter(({ score }) => score >= right.score - 1e-3).length;
      const surely = hits.filter(({ score }) => score > right.score + 1e-3).length + 1;
      expect(ranked.ranks.text_to_image[text]).toBeGreaterThanOrEqual(surely);
      expect(ranked.ranks.text_to_image[text]).toBeLessThanOrEqual(before);
    }
    await validation.images.close();
    await pairs.close();
  });

  test('by an image finds that image first, and the captions that fit', async () => {
    const model = models.get(kind)!;
    const { index } = await updateImageIndex(model, join(project.folder, 'pictures'), null);
    const image = await imageVectors(model, join(project.folder, 'pictures', '7.png'));
    expect((await imagesByImage(model, index, image, 3)).hits[0]).toMatchObject({ name: '7.png' });
    const captions = await openCaptionIndex(model);
    const { hits, of } = await captionsByImage(model, captions, image, 5);
    expect(of).toBe(captions.captions.length);
    expect(hits).toHaveLength(5);
    // The other way round each caption has the same score with this image.
    const { hits: back } = await imagesByWords(model, index, hits[0]!.caption, 100);
    expect(back.find(({ name }) => name === '7.png')!.score).toBeCloseTo(hits[0]!.score, 2);
  });

  test('shows what held-out captions find, the right image marked', async () => {
    const model = models.get(kind)!;
    const { searches, captions, images } = await heldOutSearches(model, 6, 5);
    expect(searches).toHaveLength(6);
    expect(images).toBeLessThanOrEqual(captions);
    for (const { rank, hits } of searches) {
      expect(hits).toHaveLength(5);
      const place = hits.findIndex(({ isRight }) => isRight);
      // Equal scores count against the model in its rank, so it may stand before that.
      expect(place < 0 ? 6 : place + 1).toBeLessThanOrEqual(Math.max(rank, 6));
      if (rank <= 5) expect(place).toBeGreaterThanOrEqual(0);
      if (rank === 1) expect(place).toBe(0);
    }
  });

  test('lists wrong pairs with the worst rank first', async () => {
    const model = models.get(kind)!;
    const { pairs, captions } = await wrongPairs(model, 5);
    const validation = (await openValidation(model.config, model))!;
    expect(captions).toBe(validation.indices.length);
    await validation.pairs.close();
    const ranks = pairs.map(({ rank }) => rank);
    expect(ranks).toEqual([...ranks].sort((a, b) => b - a));
    expect(Math.min(...ranks)).toBeGreaterThan(1);
    expect(pairs[0]!.thumbnail).toMatch(/^data:image\/webp;base64,/);
    for (const { image, found } of pairs) expect(found.image).not.toBe(image);
  });
});

test('regions that are not kept are computed again, with the same scores', async () => {
  const model = models.get('cross_attention')!;
  const { index } = await updateImageIndex(model, join(project.folder, 'pictures'), null);
  const words = 'red and red above blue and blue';
  const kept = await imagesByWords(model, index, words, 40);
  const anew = await imagesByWords(model, { ...index, regions: null }, words, 40);
  const scores = new Map(anew.hits.map(({ name, score }) => [name, score]));
  for (const { name, score } of kept.hits) expect(scores.get(name)).toBeCloseTo(score, 2);
});

test('no words say so', async () => {
  const model = models.get('late')!;
  const { index } = await updateImageIndex(model, join(project.folder, 'pictures'), null);
  await expect(imagesByWords(model, index, ' ', 3)).rejects.toThrow(/no words/);
});

test('each word of a caption shares its attention out among the regions of an image', async () => {
  const ask = { image: join(project.folder, 'pictures', '7.png'), caption: 'red above' };
  const { words, side, picture } = await wordAttention(models.get('cross_attention')!, ask);
  expect(words.map(({ text }) => text)).toEqual(['[CLS]', 'red', 'above', '[SEP]']);
  for (const { shares } of words)
    for (const layer of shares) {
      expect(layer).toHaveLength(side * side);
      expect(layer.reduce((sum, share) => sum + share)).toBeCloseTo(1, 5);
    }
  expect(picture).toMatch(/^data:image\/webp;base64,/);
  await expect(wordAttention(models.get('late')!, ask)).rejects.toThrow(/cross_attention/);
});

test('a map has the validation images and captions, with a column’s values where one is asked for', async () => {
  const draw = embeddingMaps(models.get('late')!);
  const { points, pairs, sampled, explained, columns } = await draw({ method: 'pca', column: null }, {});
  const captions = points.filter(({ kind }) => kind === 'caption');
  expect([pairs, sampled]).toEqual([captions.length, captions.length]);
  expect(points.every(({ value }) => value === null)).toBe(true);
  expect(explained![0]).toBeGreaterThanOrEqual(explained![1]);
  expect(explained![0] + explained![1]).toBeLessThanOrEqual(1 + 1e-9);
  expect(columns).toEqual(['image', 'caption']);
  const again = await draw({ method: 'pca', column: 'caption' }, {});
  expect(again.points).toEqual(points.map((point) => ({ ...point, value: point.caption })));
});
