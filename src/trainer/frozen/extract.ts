import { statfs } from 'node:fs/promises';
import pLimit from 'p-limit';
import type { FeatureTask } from '../../data/frozen-inputs.ts';
import { hash32 } from '../../text/hash.ts';
import type { PreparingEvent } from '../../protocol/events.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { durationLeft } from '../../text/duration-left.ts';
import { byteSize, counted } from '../../text/numbers.ts';
import type { Training } from '../training.ts';
import { said, textOf } from '../../text/say.ts';
import { saidList, saidPlural } from '../../text/words.ts';

type Side = FeatureTask['side'];

/** Inputs that are looked up at once. */
const lookedUpAtOnce = 64;
/** Two batches, so that one is decoded while another is computed; a stop waits for what is begun. */
const madeAtOnce: Readonly<Record<Side, number>> = { text: 64, image: 32 };
/** How often it is said how far it is. */
const sayEveryMs = 2000;

/**
 * Computes and keeps all features that frozen encoders make of a run's data and that are not kept yet. What an interrupted or another run
 * has computed is there already. false when it was stopped. HumanError when the disk has no room for them.
 */
export async function extractFeatures(run: Training, shouldStop: () => boolean): Promise<boolean> {
  const { frozen } = run;
  if (!frozen) return true;
  const missing = await missingFeatures(run, shouldStop);
  if (missing === null) return false;
  const bytes = missing.reduce((sum, task) => sum + task.bytes, 0);
  if (missing.length === 0) return true;
  for (const message of frozen.notes())
    run.journal.note({ step: run.progress.step, severity: 'warning', code: 'features_again', message });
  await checkRoom(frozen.folder, bytes);
  saySize(run, missing, bytes);
  for (const side of ['text', 'image'] as const) {
    const tasks = turned(missing.filter((task) => task.side === side));
    if (!(await makeAll(run, side, tasks, shouldStop))) return false;
    await frozen.rest();
  }
  return true;
}

/** null when it was stopped. */
async function missingFeatures({ data }: Training, shouldStop: () => boolean): Promise<FeatureTask[] | null> {
  const missing: FeatureTask[] = [];
  let some: FeatureTask[] = [];
  const lookUp = async (): Promise<void> => {
    const kept = await Promise.all(some.map((task) => task.isKept()));
    missing.push(...some.filter((_, at) => !kept[at]));
    some = [];
  };
  const { train, validation } = data;
  for (const tasks of [train.features(), validation?.images.features(validation.indices) ?? []])
    for (const task of tasks) {
      some.push(task);
      if (some.length < lookedUpAtOnce) continue;
      await lookUp();
      if (shouldStop()) return null;
    }
  await lookUp();
  return missing;
}

/** Features that do not fit are told before the first is written. */
async function checkRoom(folder: string, bytes: number): Promise<void> {
  // A folder that could not be made, or a system that cannot tell: then writing shows it.
  const disk = await statfs(folder).catch(() => null);
  if (!disk || bytes <= disk.bavail * disk.bsize) return;
  throw new HumanError(
    said(
      'The features of the frozen encoders take {0}, and the disk of {1} has {2} free.',
      byteSize(bytes),
      folder,
      byteSize(disk.bavail * disk.bsize),
    ),
    said(
      'Make room, or choose a smaller kind: model.fusion.kind late keeps one vector each, data.features.dtype fp16 halves them, fewer data.features.views are fewer.',
    ),
    'disk_full',
  );
}

function saySize({ journal, config, progress }: Training, missing: FeatureTask[], bytes: number): void {
  const count = (side: Side) => missing.filter((task) => task.side === side).length;
  const parts = [
    ...(count('image') > 0 ? [saidPlural(count('image'), '{0} image', '{0} images')] : []),
    ...(count('text') > 0 ? [saidPlural(count('text'), '{0} caption', '{0} captions')] : []),
  ];
  const { views } = config.data.features;
  const where = config.data.cache_dir ?? said('a temporary folder, since data.cache_dir is null');
  const versions =
    views > 1
      ? said('{0} augmented versions of each (data.features.views)', views)
      : said('as they are, without augmentation');
  const message = said(
    'Features of {0} ({1}) are computed once and kept in {2}: {3}.',
    saidList(parts),
    versions,
    where,
    byteSize(bytes),
  );
  console.log(textOf(message));
  journal.note({ step: progress.step, severity: 'info', code: 'features', message });
}

/** The list from a place of chance on: runs that start together find each other's features before they have made all of them. */
function turned(tasks: FeatureTask[]): FeatureTask[] {
  const start = hash32('features', process.pid, Date.now()) % Math.max(1, tasks.length);
  return [...tasks.slice(start), ...tasks.slice(0, start)];
}

async function makeAll(
  { frozen, journal, progress }: Training,
  side: Side,
  tasks: FeatureTask[],
  shouldStop: () => boolean,
): Promise<boolean> {
  const total = tasks.length;
  if (total === 0) return true;
  const allBytes = tasks.reduce((sum, task) => sum + task.bytes, 0);
  const what: PreparingEvent['what'] = side === 'image' ? 'image_features' : 'text_features';
  const leftMs = durationLeft();
  let done = 0;
  let saidAt = -Infinity;
  let madeBytes = 0;
  let isStopped = false;
  const failures: unknown[] = [];
  const say = async (): Promise<void> => {
    const now = performance.now();
    if (now - saidAt < sayEveryMs && done < total) return;
    saidAt = now;
    await journal.preparing({ step: progress.step, what, done, total, left_ms: leftMs(done, total) });
  };
  const limit = pLimit(madeAtOnce[side]);
  await say();
  await Promise.all(
    tasks.map((task) =>
      limit(async () => {
        if (isStopped || failures.length > 0) return;
        isStopped = shouldStop();
        if (isStopped) return;
        try {
          await task.make();
          const problem = frozen!.problem();
          if (problem !== null) throw notKept(problem, done, total, allBytes - madeBytes);
          done++;
          madeBytes += task.bytes;
          await say();
        } catch (error) {
          failures.push(error);
        }
      }),
    ),
  );
  if (failures.length > 0) throw failures[0];
  return !isStopped;
}

function notKept(problem: string, done: number, total: number, bytes: number): HumanError {
  return new HumanError(
    said(
      'Features cannot be kept on the disk: {0}. {1} of {2} are there and stay valid; the others take {3}.',
      problem,
      counted(done),
      counted(total),
      byteSize(bytes),
    ),
    said(
      'Make room or set data.cache_dir to a folder that may be written, then resume the run: it goes on where it was.',
    ),
    'disk_full',
  );
}
