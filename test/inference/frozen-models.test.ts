import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunConfig } from '../../src/experiment/config.ts';
import { handlersOf, type ModelHandlers } from '../../src/inference/calls.ts';
import { checkOnnx } from '../../src/inference/export/check-onnx.ts';
import { openFinishedModel, type FinishedModel } from '../../src/inference/finished-model.ts';
import { readEvents } from '../../src/store/events.ts';
import { readSafetensors } from '../../src/store/safetensors.ts';
import { trainRun } from '../../src/trainer/run.ts';
import { openValidation } from '../../src/trainer/training-data.ts';
import { modelConfig } from '../trainer/tiny.ts';
import { smallProject, type SmallProject } from '../trainer/small-run.ts';

const fixtures = join(import.meta.dirname, '../fixtures/frozen');
const auto = (name: string) =>
  ({ name: 'auto', weights: join(fixtures, name), dtype: null, train: 'frozen' }) as const;

const changes: Record<string, (config: RunConfig) => void> = {
  'frozen encoders of ours': ({ model }) => {
    model.image_encoder.train = 'frozen';
    model.text_encoder.train = 'frozen';
  },
  'encoders of others': ({ model }) => {
    Object.assign(model.image_encoder, auto('clip'));
    Object.assign(model.text_encoder, auto('clip'));
  },
  'one of others and one that learns': ({ model }) => {
    Object.assign(model.image_encoder, auto('dinov2'));
  },
};

let project: SmallProject;
beforeAll(async () => void (project = await smallProject(24)));
afterAll(() => project.remove());

const cases = [
  ['late', 'frozen encoders of ours'],
  ['late', 'one of others and one that learns'],
  ['cross_attention', 'encoders of others'],
  ['early', 'frozen encoders of ours'],
  ['early', 'encoders of others'],
] as const;

describe.each(cases)('a finished model of %s with %s', (kind, name) => {
  let model: FinishedModel;
  let ask: ModelHandlers;
  const pictures = () => join(project.folder, 'pictures');

  beforeAll(async () => {
    const dir = await project.createRun(
      project.config((config) => {
        config.model.fusion = modelConfig(kind, 1, 32).fusion;
        config.data.features = { views: 1, dtype: 'fp32' };
        config.train.steps = 3;
        changes[name]!(config);
      }),
    );
    expect(await trainRun(dir, new EventEmitter())).toBe('finished');
    model = await openFinishedModel(dir);
    ask = handlersOf(model);
  }, 60_000);
  afterAll(() => model.dispose());

  it('finds images by words and by an image, and captions', async () => {
    const { images, unreadable } = await ask.index({ folder: pictures() }, {});
    expect([images, unreadable]).toEqual([24, []]);
    const words = 'red and green above blue and white';
    const found = await ask.words({ words, folder: pictures(), top: 24 }, {});
    expect(new Set(found.hits.map((hit) => hit.name)).size).toBe(24);
    expect(new Set(found.hits.map(({ score }) => score)).size).toBeGreaterThan(20);
    // What is found first by an image is that image.
    const image = join(pictures(), '7.png');
    const near = await ask.image({ image, folder: pictures(), top: 3 }, {});
    expect(near.images!.hits[0]).toMatchObject({ name: '7.png' });
    expect(near.images!.hits[0]!.similarity).toBeCloseTo(1, 3);
    expect(near.captions.hits).toHaveLength(3);
  });

  it('has on the validation pairs the figures that training wrote down', async () => {
    const { pairs, indices, images } = (await openValidation(model.config, model))!;
    const rows = Array.from(indices, (pair) => `${pairs.imageKey(pair)},"${pairs.caption(pair)}"`);
    await images.close();
    await pairs.close();
    const data = join(project.folder, 'held-out.csv');
    writeFileSync(data, ['image,caption', ...rows].join('\n'));
    const found = await ask.measure({ data, image_root: project.folder }, {});
    const told = (await readEvents(model.dir)).find(
      (event) => event.kind === 'eval' && event.step === model.step,
    );
    if (told?.kind !== 'eval') throw new Error('no evaluation');
    for (const [metric, value] of Object.entries(told.metrics))
      expect(found.metrics[metric], metric).toBeCloseTo(value, 4);
  });

  it('sorts by labels, shows its held-out and wrong pairs, and draws a map', async () => {
    const data = join(project.folder, 'labelled.csv');
    const rows = Array.from({ length: 8 }, (_, at) => `pictures/${at}.png,${at % 2 ? 'red' : 'blue'}`);
    writeFileSync(data, ['image,caption', ...rows].join('\n'));
    const asked = { data, labels: ['red', 'blue', 'green'], templates: ['{}', '{} and {}'] };
    const sorted = await ask.zeroShot(asked, {});
    expect([sorted.images, sorted.captions]).toEqual([8, 6]);
    expect(sorted.confusion!.reduce((sum, [, , images]) => sum + images, 0)).toBe(8);
    const heldOut = await ask.heldOut({ count: 2, top: 3 }, {});
    expect(heldOut.searches.map(({ hits }) => hits.length)).toEqual([3, 3]);
    const wrong = await ask.wrongPairs({ top: 4 }, {});
    expect(wrong.captions).toBe(heldOut.captions);
    const map = await ask.map({ method: 'pca', column: null }, {});
    expect(map.points.length).toBe(heldOut.captions + heldOut.images);
  });

  it('shows where words look, where the fusion knows', async () => {
    const looking = ask.attention({ image: join(pictures(), '7.png'), caption: 'red and white' }, {});
    if (kind !== 'cross_attention') return expect(looking).rejects.toMatchObject({ code: 'no_attention' });
    for (const { shares } of (await looking).words)
      for (const layer of shares) expect(layer.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 4);
  });

  it('is exported in each form', async () => {
    const folder = (format: string): string => join(model.dir, `out-${format}`);
    await ask.export({ format: 'onnx', folder: folder('onnx') }, {});
    expect(await checkOnnx(model, folder('onnx'))).toBeLessThan(1e-5);
    const { files } = await ask.export({ format: 'safetensors', folder: folder('safetensors') }, {});
    const head = await readSafetensors(join(folder('safetensors'), 'head.safetensors'));
    expect(head.tensors['image_projection.weight']!.data).toEqual(model.arrays['image_projection.weight']);
    const isOfOthers = model.exported.image !== null;
    const names = files.map((file) => file.name);
    expect(names.includes('image_encoder/model.safetensors')).toBe(!isOfOthers);
    expect(names.some((file) => /^image_encoder\/onnx\/.*\.onnx$/.test(file))).toBe(isOfOthers);
    const drawn = await ask.export({ format: 'projector', folder: folder('projector') }, {});
    expect(drawn.files.map((file) => file.name)).toContain('vectors.tsv');
  });
});
