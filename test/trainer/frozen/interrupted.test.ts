import { execFileSync, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync, readdirSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { RunConfig } from '../../../src/experiment/config.ts';
import { entryBytes } from '../../../src/data/images/cache-index.ts';
import type { RunEvent } from '../../../src/protocol/events.ts';
import { readEvents } from '../../../src/store/events.ts';
import { readRunFile } from '../../../src/store/run-folder.ts';
import { trainRun } from '../../../src/trainer/run.ts';
import { buildPrograms, programs } from '../../launcher/programs.ts';
import { needs } from '../../needs.ts';
import { smallDisk } from '../small-disk.ts';
import { smallProject, type SmallProject } from '../small-run.ts';

const views = 6;

const small = smallDisk('4m');
const disk = small.path;

let project: SmallProject;
/** Losses of a run that nothing interrupted, and how many features of images it made. */
let whole: { losses: number[]; images: number };

beforeAll(async () => {
  project = await smallProject(60);
  await buildPrograms();
  const dir = await project.createRun(config());
  expect(await trainRun(dir, new EventEmitter())).toBe('finished');
  whole = { losses: await losses(dir), images: await madeImages(dir) };
  expect(whole.images).toBeGreaterThan(200);
}, 120_000);
afterAll(async () => {
  await project.remove();
  small.remove();
});
beforeEach(() => rmSync(join(project.folder, 'cache'), { recursive: true, force: true }));

function config(change?: (config: RunConfig) => void): RunConfig {
  return project.config((one) => {
    one.model.image_encoder.train = 'frozen';
    one.data.augment = { crop: [0.5, 0.9], flip: 0.5, swap_left_right: true, drop_word: 0 };
    one.data.features = { views, dtype: 'fp16' };
    change?.(one);
  });
}

const eventsOf = async (dir: string): Promise<RunEvent[]> => readEvents(dir).catch(() => []);
const losses = async (dir: string): Promise<number[]> =>
  (await eventsOf(dir)).flatMap((event) => (event.kind === 'step' ? [event.metrics['train/loss']!] : []));
/** As many as the last trainer of a run had to make. */
async function madeImages(dir: string): Promise<number> {
  const events = await eventsOf(dir);
  const last = events.findLastIndex(({ kind }) => kind === 'started');
  const made = events.slice(last).flatMap((event) => (event.kind === 'preparing' ? [event] : []));
  return made.find(({ what }) => what === 'image_features')?.total ?? 0;
}
const notesOf = async (dir: string, code: string): Promise<string[]> =>
  (await eventsOf(dir)).flatMap((event) =>
    event.kind === 'note' && event.code === code ? [event.message] : [],
  );

/** Bytes of the index files of kept features: an entry stands there when its record does. */
const features = () => join(project.folder, 'cache/features');
function keptImages(folder = features()): number {
  if (!existsSync(folder)) return 0;
  const files = (readdirSync(folder, { recursive: true }) as string[]).filter((file) =>
    /image.*\.index$/.test(file),
  );
  return files.reduce((sum, file) => sum + Math.floor(statSync(join(folder, file)).size / entryBytes), 0);
}

it('killed in the middle, the next trainer computes only the rest, and learns the same', async () => {
  const dir = await project.createRun(config());
  const trainer = spawn(process.execPath, [programs.trainer, dir], { stdio: 'ignore' });
  const exited = once(trainer, 'exit');
  while (keptImages() === 0 && trainer.exitCode === null) await sleep(1);
  trainer.kill('SIGKILL');
  await exited;
  const kept = keptImages();
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(whole.images);
  expect(await trainRun(dir, new EventEmitter())).toBe('finished');
  expect(await madeImages(dir)).toBe(whole.images - kept);
  expect(await losses(dir)).toEqual(whole.losses);
});

it('stopped in the middle, it keeps what it has and goes on from there', async () => {
  const dir = await project.createRun(config());
  const signals = new EventEmitter();
  const ended = trainRun(dir, signals);
  while (keptImages() === 0) await sleep(1);
  signals.emit('SIGTERM');
  expect(await ended).toBe('stopped');
  const kept = keptImages();
  expect(kept).toBeLessThan(whole.images);
  expect(await losses(dir)).toEqual([]);
  expect(await trainRun(dir, new EventEmitter())).toBe('finished');
  expect(await madeImages(dir)).toBe(whole.images - kept);
  expect(await losses(dir)).toEqual(whole.losses);
});

it('features whose file was cut are said and computed again', async () => {
  expect(await trainRun(await project.createRun(config()), new EventEmitter())).toBe('finished');
  const file = (readdirSync(features(), { recursive: true }) as string[]).find((one) =>
    /image.*\.pixels$/.test(one),
  )!;
  const { size } = statSync(join(features(), file));
  const record = size / whole.images;
  truncateSync(join(features(), file), size - 10.5 * record);
  const dir = await project.createRun(config());
  expect(await trainRun(dir, new EventEmitter())).toBe('finished');
  expect(await madeImages(dir)).toBe(11);
  expect(await notesOf(dir, 'features_again')).toEqual([
    expect.stringMatching(
      /^Features are computed again: of 11 in .*image-[0-9a-f]+-v1 the file was cut short\.$/,
    ),
  ]);
  expect(await losses(dir)).toEqual(whole.losses);
});

it('features of another version of Tandem are said and computed again', async () => {
  expect(await trainRun(await project.createRun(config()), new EventEmitter())).toBe('finished');
  const [name] = readdirSync(features()).filter((one) => one.startsWith('image-'));
  const old = join(features(), name!.replace(/-v1$/, '-v0'));
  renameSync(join(features(), name!), old);
  const dir = await project.createRun(config());
  expect(await trainRun(dir, new EventEmitter())).toBe('finished');
  expect(await madeImages(dir)).toBe(whole.images);
  expect(await notesOf(dir, 'features_again')).toEqual([
    `Features are computed again: those in ${old} are of another version of Tandem. tandem cache --clear removes them.`,
  ]);
});

// A disk that is full for real is the point: 4 MB, of which nearly all is taken.
it.runIf(needs(small.isOwn, 'the right to mount a file system'))(
  'a full disk is told, and what fits stays valid',
  async () => {
    const onDisk = (one: RunConfig): void => void (one.data.cache_dir = join(disk, 'cache'));
    // More than the disk has is told before the first is written.
    const large = await project.createRun(
      config((one) => {
        onDisk(one);
        one.data.features = { views: 1000, dtype: 'fp32' };
      }),
    );
    expect(await trainRun(large, new EventEmitter())).toBe('failed');
    expect((await readRunFile(large)).reason).toMatch(
      /^The features of the frozen encoders take \d.* MB, and the disk of .* has \d.* MB free\. Make room/,
    );
    expect(keptImages(join(disk, 'cache'))).toBe(0);

    // Filled by another program meanwhile.
    const dir = await project.createRun(config(onDisk));
    const ended = trainRun(dir, new EventEmitter());
    while (keptImages(join(disk, 'cache')) === 0) await sleep(1);
    const filler = join(disk, 'filler');
    try {
      execFileSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k'], { stdio: 'ignore' });
    } catch {
      // It ends where the disk does.
    }
    expect(await ended).toBe('failed');
    const kept = keptImages(join(disk, 'cache'));
    expect((await readRunFile(dir)).reason).toMatch(
      /^Features cannot be kept on the disk: the disk is full\. \d+ of \d+ are there and stay valid; the others take \d.* [kM]B\. Make room or set data\.cache_dir/,
    );
    expect(kept).toBeLessThan(whole.images);
    rmSync(filler);
    expect(await trainRun(dir, new EventEmitter())).toBe('finished');
    expect(await madeImages(dir)).toBe(whole.images - kept);
    expect(await losses(dir)).toEqual(whole.losses);
  },
);
