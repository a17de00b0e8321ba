import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Tokenizer } from '@huggingface/tokenizers';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkOnnx } from '../../src/inference/export/check-onnx.ts';
import { exportFinished } from '../../src/inference/export/export.ts';
import { transformersName } from '../../src/inference/export/hugging-face-names.ts';
import { openFinishedModel, type FinishedModel } from '../../src/inference/finished-model.ts';
import { updateImageIndex } from '../../src/inference/image-index.ts';
import { imagesByWords } from '../../src/inference/search.ts';
import type { ExportAsk } from '../../src/protocol/inference.ts';
import { readSafetensors } from '../../src/store/safetensors.ts';
import { resnetParameters, resnetShapes } from '../../src/trainer/model/resnet.ts';
import { trainRun } from '../../src/trainer/run.ts';
import { imageName } from '../../src/trainer/weights/names.ts';
import { modelConfig } from '../trainer/tiny.ts';
import { smallProject, type SmallProject } from '../trainer/small-run.ts';

let project: SmallProject;
let place: string;
const models = new Map<string, FinishedModel>();
const kinds = ['late', 'cross_attention'] as const;

beforeAll(async () => {
  project = await smallProject(20);
  // Below the repository, so that what the README imports is found.
  const beside = fileURLToPath(new URL('../../dist-test', import.meta.url));
  await mkdir(beside, { recursive: true });
  place = await mkdtemp(join(beside, 'export-'));
  for (const kind of kinds) {
    const dir = await project.createRun(
      project.config((config) => {
        config.model.fusion = modelConfig(kind, 1, 32).fusion;
        config.train.steps = 2;
      }),
    );
    await trainRun(dir);
    models.set(kind, await openFinishedModel(dir));
  }
}, 120_000);

afterAll(async () => {
  for (const model of models.values()) model.dispose();
  await rm(place, { recursive: true });
  await project.remove();
});

async function exported(model: FinishedModel, format: ExportAsk['format']): Promise<string> {
  const folder = await mkdtemp(join(place, `${format}-`));
  await exportFinished(model, { format, folder });
  return folder;
}

/** Runs the README's JavaScript, and gives what it prints. */
async function readmeRun(folder: string): Promise<string> {
  const readme = await readFile(join(folder, 'README.md'), 'utf8');
  await writeFile(join(folder, 'run.mjs'), /```js\n(.*?)```/s.exec(readme)![1]!);
  return (await promisify(execFile)(process.execPath, ['run.mjs'], { cwd: folder })).stdout.trim();
}

test.each(kinds)(
  'the lines of JavaScript beside the ONNX files of %s give the score of a search',
  async (kind) => {
    const model = models.get(kind)!;
    const folder = await exported(model, 'onnx');
    const pictures = join(project.folder, `one-${kind}`);
    await mkdir(pictures);
    // Of the model's own size: JavaScript's resize is another.
    await sharp(join(project.folder, 'pictures', '3.png'))
      .resize(16, 16)
      .png()
      .toFile(join(pictures, 'x.png'));
    await cp(join(pictures, 'x.png'), join(folder, 'x.png'));
    const { index } = await updateImageIndex(model, pictures, null);
    const { hits } = await imagesByWords(model, index, 'a red apple', 1);
    // Regions are kept in half precision.
    expect(Number(await readmeRun(folder))).toBeCloseTo(hits[0]!.score, 3);
  },
);

test('the lines of JavaScript cut the middle out where an encoder of others wants that', async () => {
  const dir = await project.createRun(
    project.config((config) => {
      const weights = join(import.meta.dirname, '../fixtures/frozen/dinov2'); // of 40 pixels the 32 in the middle
      Object.assign(config.model.image_encoder, { name: 'auto', weights, train: 'frozen' });
      config.train.steps = 1;
    }),
  );
  await trainRun(dir);
  const model = await openFinishedModel(dir);
  const folder = await exported(model, 'onnx');
  const pictures = join(project.folder, 'one-cut');
  await mkdir(pictures);
  for (const place of [pictures, folder])
    await cp(join(project.folder, 'pictures', '3.png'), join(place, 'x.png'));
  const { index } = await updateImageIndex(model, pictures, null);
  const { hits } = await imagesByWords(model, index, 'a red apple', 1);
  model.dispose();
  expect(Number(await readmeRun(folder))).toBeCloseTo(hits[0]!.score, 5);
});

test('the tokenizer beside it gives the ids that the model was trained with', async () => {
  const model = models.get('late')!;
  const folder = await exported(model, 'onnx');
  const json = async (name: string): Promise<object> =>
    JSON.parse(await readFile(join(folder, name), 'utf8')) as object;
  const tokenizer = new Tokenizer(await json('tokenizer.json'), await json('tokenizer_config.json'));
  for (const caption of ['Red and green above BLUE and white', 'réd, unknown 红 words!', ''])
    expect(tokenizer.encode(caption).ids).toEqual([...model.tokenizer.encode(caption, 100)]);
  expect(await readFile(join(folder, 'vocab.txt'), 'utf8')).toBe(
    await readFile(join(project.folder, 'text-encoder', 'vocab.txt'), 'utf8'),
  );
});

test('weights are a folder per encoder and a head, each array once and as it was trained', async () => {
  const model = models.get('cross_attention')!;
  const folder = await exported(model, 'safetensors');
  const found = new Map<string, Float32Array>();
  for (const [file, prefix] of [
    ['image_encoder/model.safetensors', 'image_encoder.'],
    ['text_encoder/model.safetensors', 'text_encoder.'],
    ['head.safetensors', ''],
  ] as const) {
    const { tensors, metadata } = await readSafetensors(join(folder, file));
    expect(metadata).toEqual({ format: 'pt' });
    for (const [name, { data }] of Object.entries(tensors)) found.set(prefix + name, data as Float32Array);
  }
  expect([...found.keys()].sort()).toEqual(model.model.parameters.map(({ name }) => name).sort());
  for (const [name, data] of found) expect(data, name).toEqual(model.arrays[name]);
  const config = JSON.parse(await readFile(join(folder, 'text_encoder/config.json'), 'utf8')) as object;
  expect(config).toMatchObject({
    model_type: 'bert',
    vocab_size: 11,
    hidden_size: 128,
    num_hidden_layers: 2,
  });
});

// What transformers 5 calls them is checked by test/reference/export.py; here that loading takes them back.
describe('transformers’ names of a residual network', () => {
  test.each(['resnet18', 'resnet50'] as const)('%s', (name) => {
    const names = resnetParameters(resnetShapes[name], '').map((spec) => spec.name);
    expect(names.map((each) => imageName(transformersName(each)))).toEqual(names);
    expect(new Set(names.map(transformersName)).size).toBe(names.length);
    expect(names.filter((each) => transformersName(each) === each)).toEqual([]);
  });
});

test('the projector has a row and a picture for each validation image, and a row for each caption', async () => {
  const model = models.get('late')!;
  const folder = await exported(model, 'projector');
  const rows = (await readFile(join(folder, 'metadata.tsv'), 'utf8')).trim().split('\n').slice(1);
  const vectors = (await readFile(join(folder, 'vectors.tsv'), 'utf8')).trim().split('\n');
  expect(vectors).toHaveLength(rows.length);
  expect(new Set(vectors.map((row) => row.split('\t').length))).toEqual(new Set([32]));
  const images = rows.filter((row) => row.startsWith('image\t')).length;
  expect(rows.filter((row) => row.startsWith('caption\t'))).toHaveLength(rows.length - images);
  const { width, height } = await sharp(join(folder, 'sprite.png')).metadata();
  expect(width).toBe(64 * Math.ceil(Math.sqrt(rows.length)));
  expect(height).toBe(width);
  // The first tile is the first image: its colours, not the white ground.
  const [, , first] = rows[0]!.split('\t');
  const tile = await sharp(join(folder, 'sprite.png'))
    .extract({ left: 0, top: 0, width: 64, height: 64 })
    .resize(1, 1)
    .raw()
    .toBuffer();
  const picture = await sharp(join(project.folder, first!)).removeAlpha().resize(1, 1).raw().toBuffer();
  for (const channel of [0, 1, 2]) expect(Math.abs(tile[channel]! - picture[channel]!)).toBeLessThan(6);
  expect(await readmeRun(folder)).toMatch(/ above .* -> pictures\/\d+\.png$/);
});

test('a CLIP that did not learn is the CLIP that it started from: one folder, names, sizes and tokenizer', async () => {
  const start = join(import.meta.dirname, '../fixtures/trainer/clip');
  const dir = await project.createRun(
    project.config((config) => {
      config.data.image_size = 32;
      config.model.weights = start;
      config.model.fusion = modelConfig('late', 1, 8).fusion;
      for (const side of ['image_encoder', 'text_encoder'] as const)
        Object.assign(config.model[side], { name: 'clip', weights: null, train: 'frozen' });
      config.optimizer.learning_rate = { image: 0, text: 0, fusion: 0, scale: 0 };
      config.loss = { ...config.loss, loaded: true, learn_temperature: false };
      config.train.steps = 1;
    }),
  );
  await trainRun(dir);
  const model = await openFinishedModel(dir);
  const folder = join(await exported(model, 'safetensors'), 'clip');
  // Fewer positions than most captions have tokens: the files are recorded with shorter ones.
  expect(await checkOnnx(model, await exported(model, 'onnx'))).toBeLessThan(1e-5);
  model.dispose();
  const [written, given] = await Promise.all(
    [folder, start].map((one) => readSafetensors(join(one, 'model.safetensors'))),
  );
  expect(written!.tensors).toEqual(given!.tensors);
  const json = async (place: string, name: string): Promise<Record<string, Record<string, unknown>>> =>
    JSON.parse(await readFile(join(place, name), 'utf8')) as Record<string, Record<string, unknown>>;
  const [config, wanted] = await Promise.all([folder, start].map((one) => json(one, 'config.json')));
  expect([config!.model_type, config!.projection_dim]).toEqual(['clip', 8]);
  for (const part of ['text_config', 'vision_config']) {
    // For weights that start at random; and the tokenizer's own pad is another than transformers' default, which the fixture has.
    const { initializer_factor: _, pad_token_id: __, ...rest } = wanted![part]!;
    expect(config![part]).toMatchObject(rest);
  }
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    expect(await json(folder, name)).toEqual(await json(start, name));
});
