import { EventEmitter } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunConfig } from '../../../src/experiment/config.ts';
import type { PreparingEvent } from '../../../src/protocol/events.ts';
import { latestCheckpoint } from '../../../src/store/checkpoints.ts';
import { readEvents } from '../../../src/store/events.ts';
import { readRunFile } from '../../../src/store/run-folder.ts';
import { trainRun } from '../../../src/trainer/run.ts';
import { smallProject, type SmallProject } from '../small-run.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/frozen');

let project: SmallProject;
beforeAll(async () => void (project = await smallProject(40)));
afterAll(() => project.remove());
beforeEach(() => rmSync(join(project.folder, 'cache'), { recursive: true, force: true }));

const kinds = ['late', 'cross_attention', 'early'] as const;

/** A run whose image encoder is frozen, and its text encoder too unless told otherwise; nothing is augmented. */
function frozenConfig(kind: (typeof kinds)[number], change?: (config: RunConfig) => void): RunConfig {
  return project.config((config) => {
    config.model.fusion.kind = kind;
    config.model.image_encoder.train = 'frozen';
    config.model.text_encoder.train = 'frozen';
    config.data.augment = { crop: null, flip: 0, swap_left_right: true, drop_word: 0 };
    config.data.features = { views: 1, dtype: 'fp32' };
    change?.(config);
  });
}

function exported(config: RunConfig): void {
  config.model.image_encoder = {
    name: 'auto',
    weights: join(fixtures, 'clip'),
    dtype: null,
    train: 'frozen',
  };
  const { pooling, dropout } = config.model.text_encoder;
  config.model.text_encoder = {
    name: 'auto',
    weights: join(fixtures, 'clip'),
    dtype: null,
    train: 'frozen',
    pooling,
    dropout,
  };
}

async function run(config: RunConfig): Promise<string> {
  const dir = await project.createRun(config);
  await trainRun(dir, new EventEmitter());
  const { status, reason } = await readRunFile(dir);
  expect([status, reason]).toEqual(['finished', null]);
  return dir;
}

async function losses(dir: string, name = 'train/loss'): Promise<number[]> {
  return (await readEvents(dir)).flatMap((event) =>
    (event.kind === 'step' || event.kind === 'eval') && name in event.metrics ? [event.metrics[name]!] : [],
  );
}

const preparing = async (dir: string): Promise<PreparingEvent[]> =>
  (await readEvents(dir)).filter((event) => event.kind === 'preparing');

const notesOf = async (dir: string, code: string): Promise<string[]> =>
  (await readEvents(dir)).flatMap((event) =>
    event.kind === 'note' && event.code === code ? [event.message] : [],
  );

describe.each(kinds)('%s over frozen encoders of ours', (kind) => {
  // At rate 0 an encoder is as frozen, except for batch norm and dropout, which the small text encoder has none of.
  it('learns from kept features as from text that is encoded at each step', async () => {
    const kept = await run(frozenConfig(kind));
    const live = await run(
      frozenConfig(kind, (config) => {
        config.model.text_encoder.train = 'full';
        config.optimizer.learning_rate.text = 0;
        config.optimizer.weight_decay = 0;
        config.optimizer.clip_by = 'branch';
      }),
    );
    const right = await losses(live);
    const got = await losses(kept);
    expect(got.length).toBe(6);
    // The first loss is before any update: there the two differ in nothing but where states come from.
    expect(Math.abs(got[0]! - right[0]!)).toBeLessThan(1e-5);
    const validation = await losses(kept, 'val/loss');
    expect(validation.length).toBe(2);
  });

  it('computes each feature once, for later runs with other seeds too', async () => {
    const first = await run(frozenConfig(kind));
    // 40 images and their different captions.
    const done = (await preparing(first)).filter(({ done, total }) => done === total);
    expect(done.map(({ what }) => what)).toEqual(['text_features', 'image_features']);
    expect(done[1]!.total).toBe(40);
    expect(await notesOf(first, 'features')).toEqual([
      expect.stringMatching(
        /^Features of 40 images and \d+ captions \(as they are, without augmentation\) are computed once and kept in .*: \d.*[kM]B\.$/,
      ),
    ]);
    const files = readdirSync(join(project.folder, 'cache/features'), { recursive: true }).length;
    const second = await run(frozenConfig(kind, (config) => void (config.seed = 7)));
    // Encoders from weights are the same for every seed; one that starts at random is not.
    expect((await preparing(second)).filter(({ what }) => what === 'text_features')).toEqual([]);
    expect(
      readdirSync(join(project.folder, 'cache/features'), { recursive: true }).length,
    ).toBeGreaterThanOrEqual(files);
    const third = await run(frozenConfig(kind));
    expect(await preparing(third)).toEqual([]);
    expect(await losses(third)).toEqual(await losses(first));
  });
});

it('frozen encoders are in no checkpoint, and a resumed run goes on as if it had not stopped', async () => {
  const whole = await run(frozenConfig('cross_attention'));
  const dir = await project.createRun(frozenConfig('cross_attention'));
  const signals = new EventEmitter();
  const ended = trainRun(dir, signals);
  while ((await losses(dir).catch(() => [])).length < 2)
    await new Promise((resolve) => setTimeout(resolve, 2));
  signals.emit('SIGTERM');
  await ended;
  const { model } = (await latestCheckpoint(dir))!;
  expect(Object.keys(model).filter((name) => /_encoder\./.test(name))).toEqual([]);
  if ((await readRunFile(dir)).status === 'stopped') await trainRun(dir, new EventEmitter());
  expect(await losses(dir)).toEqual(await losses(whole));
});

describe.each(kinds)('%s over encoders of others', (kind) => {
  it('trains and evaluates, at the size of image and the length of caption that they take', async () => {
    const dir = await run(frozenConfig(kind, exported));
    expect((await losses(dir)).every(Number.isFinite)).toBe(true);
    expect((await losses(dir, 'val/recall@1')).length).toBe(2);
    expect(await notesOf(dir, 'weights')).toEqual([
      `Images are 32 pixels wide, as ${join(fixtures, 'clip')} takes them; data.image_size is not used.`,
    ]);
  });
});

it('views are augmented versions that epochs take in turn', async () => {
  const config = frozenConfig('late', (one) => {
    one.data.augment = { crop: [0.5, 0.9], flip: 0.5, swap_left_right: true, drop_word: 0 };
    one.data.features = { views: 3, dtype: 'fp16' };
    one.train.steps = 8;
  });
  const dir = await run(config);
  const [, images] = (await preparing(dir)).filter(({ done, total }) => done === total);
  // Three of each training image and the plain one of each validation image: 60% and 40% or so of 40.
  const { train_pairs: train, val_pairs: val } = (await readEvents(dir)).find(
    (event) => event.kind === 'started',
  )!;
  expect(images!.total).toBe(3 * train + val);
  expect(await notesOf(dir, 'features')).toEqual([expect.stringContaining('3 augmented versions of each')]);
});

describe('features on the disk', () => {
  const features = () => join(project.folder, 'cache/features');
  const pixelFiles = () =>
    readdirSync(features(), { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.pixels'))
      .map((file) => join(features(), file));

  it('that are damaged or cut are computed again', async () => {
    const first = await run(frozenConfig('late'));
    for (const file of pixelFiles()) {
      const bytes = readFileSync(file);
      bytes.fill(0xff, 0, 40);
      writeFileSync(file, bytes);
      truncateSync(file, Math.floor(bytes.length / 2));
    }
    expect(await losses(await run(frozenConfig('late')))).toEqual(await losses(first));
  });

  it('of another file of weights are others', async () => {
    await run(frozenConfig('late'));
    const before = new Set(readdirSync(features()));
    const other = join(project.folder, 'other');
    cpSync(join(project.folder, 'text-encoder'), other, { recursive: true });
    const file = join(other, 'model.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    await run(frozenConfig('late', (config) => void (config.model.text_encoder.weights = other)));
    expect(readdirSync(features()).filter((name) => !before.has(name))).toEqual([
      expect.stringMatching(/^text-/),
    ]);
  });

  it('are kept for the run alone where there is no cache', async () => {
    await run(frozenConfig('late', (config) => void (config.data.cache_dir = null)));
    expect(existsSync(features())).toBe(false);
  });
});
