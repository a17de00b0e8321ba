import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pngOf } from '../../src/data/images/images.ts';
import { openFinishedModel, type FinishedModel } from '../../src/inference/finished-model.ts';
import { measure } from '../../src/inference/measure.ts';
import { zeroShot } from '../../src/inference/zero-shot.ts';
import { appendEvaluation, readEvaluations } from '../../src/store/evaluations.ts';
import { readEvents } from '../../src/store/events.ts';
import { trainRun } from '../../src/trainer/run.ts';
import { openValidation } from '../../src/trainer/training-data.ts';
import { smallProject, type SmallProject } from '../trainer/small-run.ts';

let project: SmallProject;
let model: FinishedModel;

beforeAll(async () => {
  project = await smallProject(30);
  const dir = await project.createRun(project.config());
  await trainRun(dir);
  model = await openFinishedModel(dir);
}, 60_000);

afterAll(async () => {
  model.dispose();
  await project.remove();
});

test('the validation pairs as a list of their own have the figures that training wrote down', async () => {
  const { pairs, indices, images } = (await openValidation(model.config, model))!;
  const rows = Array.from(indices, (pair) => `${pairs.imageKey(pair)},"${pairs.caption(pair)}"`);
  const data = join(project.folder, 'held-out.csv');
  await writeFile(data, ['image,caption', ...rows].join('\n'));
  await images.close();
  await pairs.close();
  const found = await measure(model, { data });
  const events = await readEvents(model.dir);
  const told = events.find((event) => event.kind === 'eval' && event.step === model.step)!;
  if (told.kind !== 'eval') throw new Error('no evaluation');
  for (const [name, value] of Object.entries(told.metrics))
    expect(found.metrics[name], name).toBeCloseTo(value, 5);
  expect(found).toMatchObject({
    images: indices.length,
    captions: indices.length,
    left_out: 0,
    chance: told.chance,
  });
});

/** Looks at colours as a perfect model would: vectors of red, green and blue. */
function colourModel(): FinishedModel {
  const axis = ['red', 'green', 'blue'].map((word) => model.tokenizer.encode(word, 3)[1]!);
  return {
    ...model,
    embedder: {
      ...model.embedder,
      async images(pixels, side) {
        const count = pixels.length / (side * side * 3);
        const pooled = new Float32Array(count * 3);
        for (let image = 0; image < count; image++) {
          const start = image * side * side * 3;
          const first = [...pixels.subarray(start, start + 3)];
          pooled[image * 3 + first.indexOf(Math.max(...first))] = 1;
        }
        return { count, dim: 3, pooled, regions: null };
      },
      async texts(captions) {
        const pooled = new Float32Array(captions.length * 3);
        captions.forEach((ids, at) => {
          for (const id of ids) if (axis.includes(id)) pooled[at * 3 + axis.indexOf(id)] = 1;
        });
        return { count: captions.length, dim: 3, pooled, tokens: null };
      },
    },
  };
}

async function colouredList(): Promise<string> {
  const rows: [string, string][] = [
    ['red', 'red'],
    ['red', ' Red '],
    ['green', 'red'], // mislabelled
    ['green', 'green'],
    ['blue', 'blue'],
    ['blue', 'a thing without label'],
  ];
  const colours = { red: [255, 0, 0], green: [0, 255, 0], blue: [0, 0, 255] };
  for (const [at, [colour]] of rows.entries()) {
    const pixels = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => colours[colour as 'red'][i % 3]!);
    await writeFile(join(project.folder, `${at}.png`), await pngOf(pixels, 16));
  }
  const list = join(project.folder, 'coloured.csv');
  await writeFile(list, ['image,caption', ...rows.map(([, label], at) => `${at}.png,${label}`)].join('\n'));
  return list;
}

test('images are sorted by labels: shares, chance and what is taken for what', async () => {
  const data = await colouredList();
  const ask = { data, labels: ['red', 'green', 'blue'], templates: ['{}', 'and {} above'] };
  const found = await zeroShot(colourModel(), ask);
  expect(found).toMatchObject({ kind: 'zero_shot', images: 5, left_out: 1 });
  // Four of five come first; all are among the first five of three.
  expect(found.metrics).toEqual({ 'zero_shot/top1': 0.8, 'zero_shot/top5': 1 });
  expect(found.chance['zero_shot/top1']!.mean).toBeCloseTo(1 / 3, 12);
  expect(found.chance['zero_shot/top5']!.mean).toBe(1);
  expect(found.confusion).toEqual([
    [0, 0, 2],
    [0, 1, 1],
    [1, 1, 1],
    [2, 2, 1],
  ]);
});

test.each([
  [['red'], ['{}'], 'few_labels'],
  [['red', 'Red'], ['{}'], 'repeated_label'],
  [['red', 'green'], ['a photo'], 'bad_template'],
  [['yellow', 'pink'], ['{}'], 'no_labels'],
])('labels %j with templates %j: %s', async (labels, templates, code) => {
  const data = await colouredList();
  await expect(zeroShot(colourModel(), { data, labels, templates })).rejects.toMatchObject({ code });
});

test('what was measured is kept, and a torn line loses itself alone', async () => {
  const data = await colouredList();
  const found = await zeroShot(colourModel(), { data, labels: ['red', 'green'], templates: ['{}'] });
  await appendEvaluation(model.dir, found);
  await writeFile(join(model.dir, 'evaluations.jsonl'), '{"kind":"retr', { flag: 'a' });
  const lossless = { ...found, metrics: { ...found.metrics, 'val/loss': Infinity } };
  await appendEvaluation(model.dir, lossless);
  expect(await readEvaluations(model.dir)).toEqual([found, lossless]);
});
