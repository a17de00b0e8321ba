import { EventEmitter } from 'node:events';
import { copyFile, cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunConfig } from '../../src/experiment/config.ts';
import { latestCheckpoint } from '../../src/store/checkpoints.ts';
import { readEvents } from '../../src/store/events.ts';
import { readRunFile, requestStop, updateRunFile } from '../../src/store/run-folder.ts';
import { readPairs } from '../../src/data/pairs.ts';
import { splitPairs } from '../../src/data/split.ts';
import { trainRun } from '../../src/trainer/run.ts';
import { digestOf, measurements } from './run-results.ts';
import { smallProject, type SmallProject } from './small-run.ts';

let project: SmallProject;
beforeAll(async () => void (project = await smallProject()));
afterAll(() => project.remove());

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Trains in this process; signals go to an emitter of the test's own. */
const trainHere = (dir: string, signals = new EventEmitter()) => trainRun(dir, signals);

/** Trains up to a step, or a little further, and stops. */
async function trainUntilStep(dir: string, step: number): Promise<void> {
  const signals = new EventEmitter();
  const ended = trainRun(dir, signals);
  await until(async () =>
    (await readEvents(dir)).some((event) => event.kind === 'step' && event.step >= step),
  );
  signals.emit('SIGTERM');
  expect(await ended).toBe('stopped');
}

/** `broken.csv`: the pairs with two pictures more that are none, one for each side of the split. */
async function brokenPictures(folder: string): Promise<{ train: string; val: string }> {
  const rows = await readFile(join(folder, 'pairs.csv'), 'utf8');
  const names = Array.from({ length: 40 }, (_, i) => `broken-${i}.png`);
  for (const name of names) await writeFile(join(folder, 'pictures', name), 'no picture');
  const file = join(folder, 'broken.csv');
  const write = (some: string[]) =>
    writeFile(file, rows + some.map((name) => `pictures/${name},${name}\n`).join(''));
  await write(names);
  const pairs = await readPairs({ ...project.config().data, pairs: file });
  const split = splitPairs(pairs, { val_fraction: 0.3, seed: 3 });
  const brokenOf = (side: Int32Array): string =>
    names.find((name) => side.some((pair) => pairs.caption(pair) === name))!;
  const found = { train: brokenOf(split.train), val: brokenOf(split.val) };
  await write([found.train, found.val]);
  return found;
}

describe('a run', () => {
  it('goes from its config to events, checkpoints and a summary', async () => {
    const dir = await project.createRun(project.config());
    expect(await trainHere(dir)).toBe('finished');
    const events = await readEvents(dir);
    expect(events.map(({ kind, step }) => `${kind} ${step}`)).toEqual([
      'started 0',
      'note 0', // what was loaded
      'step 1',
      'step 2',
      'step 3',
      'eval 3',
      'checkpoint 3',
      'step 4',
      'step 5',
      'step 6',
      'eval 6',
      'checkpoint 6',
      'ended 6',
    ]);
    const first = events[2]!;
    expect(first.kind === 'step' && Object.keys(first.metrics).sort()).toEqual([
      'train/clip_factor',
      'train/data_wait',
      'train/epoch',
      'train/grad_norm',
      'train/grad_norm/fusion',
      'train/grad_norm/image',
      'train/grad_norm/text',
      'train/learning_rate/fusion',
      'train/learning_rate/image',
      'train/learning_rate/text',
      'train/loss',
      'train/pairs_per_s',
      'train/temperature',
    ]);
    const file = await readRunFile(dir);
    expect(file).toMatchObject({ status: 'finished', step: 6, engine: { name: 'onnx', provider: 'cpu' } });
    // Pairs, sizes and times of the images, a sha256 each.
    expect(file.data).toMatch(/^[0-9a-f]{64}( [0-9a-f]{64}){2}$/);
    expect(Object.keys(file.summary)).toContain('val/text_to_image/recall@10');
    // Pairs to validate on, each with an image of its own: 10 of 21 candidates, 42 queries.
    expect(events[0]).toMatchObject({ val_pairs: 21 });
    const { count, chance } = file.summary['val/recall@10']!;
    expect(count).toBe(2);
    expect(chance!.mean).toBeCloseTo(10 / 21, 12);
    expect(chance!.deviation).toBeCloseTo(Math.sqrt(((10 / 21) * (11 / 21)) / 42), 12);
    expect(events.find(({ kind }) => kind === 'eval')).toMatchObject({
      chance: { 'val/recall@10': chance, 'val/loss': { mean: Math.log(8) } },
    });
  });

  it('counts the time that it trains, not the time that it waits', async () => {
    const dir = await project.createRun(project.config());
    expect((await readRunFile(dir)).trained_ms).toBe(0);
    // As if it had waited for an hour, and had trained for a minute before.
    await updateRunFile(dir, { created: Date.now() - 3_600_000, trained_ms: 60_000 });
    const began = Date.now();
    await trainHere(dir);
    const { trained_ms: trained } = await readRunFile(dir);
    const events = await readEvents(dir);
    expect(trained).toBeGreaterThanOrEqual(60_000 + events.at(-1)!.time - events[0]!.time - 1);
    expect(trained).toBeLessThanOrEqual(60_000 + Date.now() - began);
  });

  it('says the same with the same seed, and other things with another', async () => {
    const [a, b, c] = await Promise.all(
      [3, 3, 4].map((seed) => project.createRun(project.config((config) => (config.seed = seed)))),
    );
    for (const dir of [a, b, c]) await trainHere(dir!);
    expect(measurements(await readEvents(a!))).toEqual(measurements(await readEvents(b!)));
    expect(measurements(await readEvents(a!))).not.toEqual(measurements(await readEvents(c!)));
  });

  it('stopped and resumed is as if it had never been stopped, to the last bit', async () => {
    const change = (config: ReturnType<typeof project.config>) => {
      config.train.steps = 9;
      config.model.text_encoder.dropout = 0.1;
      config.loss.learn_temperature = true;
    };
    const whole = await project.createRun(project.config(change));
    await trainHere(whole);

    const parts = await project.createRun(project.config(change));
    const signals = new EventEmitter();
    const first = trainRun(parts, signals);
    await until(async () => (await readEvents(parts)).filter(({ kind }) => kind === 'step').length >= 2);
    signals.emit('SIGTERM');
    expect(await first).toBe('stopped');
    const between = await readRunFile(parts);
    expect(between.step).toBeLessThan(9);
    expect(await trainHere(parts)).toBe('finished');

    expect(measurements(await readEvents(parts))).toEqual(measurements(await readEvents(whole)));
    expect(digestOf((await latestCheckpoint(parts))!)).toEqual(digestOf((await latestCheckpoint(whole))!));
  });

  it('whose pairs were changed while it was stopped says so', async () => {
    const pairs = join(project.folder, 'changed.csv');
    await copyFile(join(project.folder, 'pairs.csv'), pairs);
    const dir = await project.createRun(
      project.config((config) => {
        config.data.pairs = pairs;
        config.train.steps = 12;
      }),
    );
    const changes = async () =>
      (await readEvents(dir)).filter((event) => event.kind === 'note' && event.code === 'data_changed');
    await trainUntilStep(dir, 2);
    await trainUntilStep(dir, 5);
    expect(await changes()).toEqual([]);
    await writeFile(pairs, (await readFile(pairs, 'utf8')).replace(' and ', ' beside '));
    expect(await trainHere(dir)).toBe('finished');
    expect(await changes()).toMatchObject([{ message: expect.stringContaining('their file was changed') }]);
  });

  it('whose images were replaced while it was stopped says so', async () => {
    const folder = join(project.folder, 'replaced');
    await cp(join(project.folder, 'pictures'), join(folder, 'pictures'), { recursive: true });
    const dir = await project.createRun(
      project.config((config) => {
        config.data.image_root = folder;
        config.train.steps = 12;
      }),
    );
    await trainUntilStep(dir, 2);
    await cp(join(folder, 'pictures/1.png'), join(folder, 'pictures/0.png'));
    expect(await trainHere(dir)).toBe('finished');
    const changes = (await readEvents(dir)).filter(
      (event) => event.kind === 'note' && event.code === 'data_changed',
    );
    expect(changes).toMatchObject([
      { message: expect.stringMatching(/^(Images were replaced|Files of images)/) },
    ]);
  });

  it('names pictures that cannot be decoded on either side, and why none are kept', async () => {
    const dir = await project.createRun(
      project.config((config) => {
        config.data.pairs = join(project.folder, 'broken.csv');
        config.data.max_bad_fraction = 0.5;
        // A file in the place of the folder.
        config.data.cache_dir = join(project.folder, 'pairs.csv');
        config.data.augment.crop = null;
      }),
    );
    const { train, val } = await brokenPictures(project.folder);
    expect(await trainHere(dir)).toBe('finished');
    const notes = (await readEvents(dir)).filter((event) => event.kind === 'note');
    const named = notes.filter(({ code }) => code === 'bad_pictures').at(-1)!.items!;
    expect(named.sort()).toEqual(
      [train, val].map((name) => `pictures/${name}: not an image of a known kind`).sort(),
    );
    expect(notes.filter(({ code }) => code === 'cache_problem')).toMatchObject([
      { severity: 'warning', message: expect.stringContaining('cannot be written') },
    ]);
  });

  it('stops when the folder asks for it', async () => {
    const dir = await project.createRun(project.config((config) => (config.train.steps = 10_000)));
    const ended = trainHere(dir);
    await until(async () => (await readEvents(dir)).some(({ kind }) => kind === 'step'));
    await requestStop(dir);
    expect(await ended).toBe('stopped');
    expect((await latestCheckpoint(dir))!.step).toBe((await readRunFile(dir)).step);
  });

  it('that was stopped while it waited stays so when its trainer comes', async () => {
    const dir = await project.createRun(project.config());
    await updateRunFile(dir, { status: 'stopped' });
    expect(await trainRun(dir, new EventEmitter(), { onlyQueued: true })).toBe('stopped');
    expect((await readRunFile(dir)).status).toBe('stopped');
    expect(await readEvents(dir)).toEqual([]);
  });

  it('that cannot begin says why', async () => {
    const dir = await project.createRun(
      project.config((config) => (config.data.pairs = '/nowhere/pairs.csv')),
    );
    expect(await trainHere(dir)).toBe('failed');
    expect((await readRunFile(dir)).reason).toContain('/nowhere/pairs.csv');
    expect((await readEvents(dir)).at(-1)).toMatchObject({ kind: 'ended', status: 'failed' });
  });

  it('whose pictures are missing in too large a part does not begin', async () => {
    const pairs = join(project.folder, 'missing.csv');
    const rows = (await readFile(join(project.folder, 'pairs.csv'), 'utf8')).split('\n');
    await writeFile(
      pairs,
      rows.map((row, i) => (i % 9 === 1 ? row.replace('pictures/', 'gone/') : row)).join('\n'),
    );
    const dir = await project.createRun(project.config((config) => (config.data.pairs = pairs)));
    expect(await trainHere(dir)).toBe('failed');
    expect((await readRunFile(dir)).reason).toMatch(
      /^7 of 60 images cannot be read, more than data\.max_bad_fraction \(0\.05\) allows \(missing\.csv:2: image not found: gone\/0\.png; /,
    );
  });

  // Only Linux tells a process its open files as a folder.
  it.runIf(process.platform === 'linux')('leaves no file open, however it ends', async () => {
    const openFiles = async () => (await readdir('/proc/self/fd')).length;
    const endings = {
      finished: (config: RunConfig) => void (config.train.steps = 2),
      failed: (config: RunConfig) => void (config.train.batch_size = 59),
      diverged: (config: RunConfig) => {
        config.optimizer.learning_rate.image = 1e30;
        config.optimizer.max_skips = 1;
      },
    };
    // The first of a process opens what stays: native libraries, the decoder's threads.
    await trainHere(await project.createRun(project.config(endings.finished)));
    for (const [ending, change] of Object.entries(endings)) {
      const before = await openFiles();
      const dir = await project.createRun(project.config(change));
      expect(await trainHere(dir)).toBe(ending);
      expect(await openFiles()).toBe(before);
    }
  });

  it('that diverges names the branch and the step', async () => {
    const dir = await project.createRun(
      project.config((config) => {
        config.optimizer.learning_rate = { image: 1e-3, text: 1e30, fusion: 1e-3, scale: 0 };
        config.optimizer.clip_norm = null;
        config.optimizer.max_skips = 2;
        config.train.steps = 10;
        config.eval.every = 10;
      }),
    );
    expect(await trainHere(dir)).toBe('diverged');
    const { reason, status } = await readRunFile(dir);
    expect(status).toBe('diverged');
    expect(reason).toMatch(/gradient of the text branch was not finite for 2 steps in a row, up to step \d+/);
    expect(reason).toMatch(/Lower optimizer\.learning_rate\.text/);
    expect((await readEvents(dir)).filter(({ kind }) => kind === 'skipped')).toHaveLength(2);
  });

  it('that diverges by its temperature names the temperature', async () => {
    const dir = await project.createRun(
      project.config((config) => {
        // 1 / 1e-45 is no 32-bit float: the first logits are infinite.
        config.loss.temperature = 1e-45;
        config.optimizer.max_skips = 2;
        config.train.steps = 4;
        config.eval.every = 4;
      }),
    );
    expect(await trainHere(dir)).toBe('diverged');
    const { reason } = await readRunFile(dir);
    expect(reason).toMatch(/Raise loss\.temperature: it is 1e-45, and 0\.1 is usual\.$/);
  });
});
