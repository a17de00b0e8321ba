import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HumanError } from '../protocol/human-error.ts';
import { toJson } from '../protocol/numbers.ts';
import { bytesIn } from './disk.ts';
import { asHuman, makeFolder, renameOver, syncFolder, writeAside } from './files.ts';
import { errorCode, isMissing } from '../text/system-errors.ts';
import { layout } from './layout.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import type { Tensors } from './tensors.ts';
import { said, t } from '../text/say.ts';

/** What a trainer needs to go on. `state` is its own: anything that JSON holds (NaN and infinities come back as strings). */
export interface CheckpointParts {
  model: Tensors;
  optimizer: Tensors;
  state: unknown;
}

export interface Checkpoint extends CheckpointParts {
  step: number;
  dir: string;
  /** Newer checkpoints that were passed over because they are damaged, in words; null when this is the newest. */
  note: string | null;
}

/** Beside `state` in state.json: what the files and the state itself must be, so that damage is noticed. */
interface Manifest {
  step: number;
  /** It was the best so far. Said here, so that no kill comes between a checkpoint and its being the best. */
  best?: true;
  /** The optimizer's state was removed: nothing goes on from here, the model is whole. */
  model_only?: true;
  sha256: Record<string, string>;
  state: unknown;
}

const parts = ['model.safetensors', 'optimizer.safetensors'] as const;

/**
 * Writes `checkpoints/step-<n>`: aside, to the disk, then renamed, so that a checkpoint is whole or not there.
 * With `best` it becomes the one that `bestCheckpoint` answers and `pruneCheckpoints` keeps. Returns its folder.
 */
export async function writeCheckpoint(
  dir: string,
  step: number,
  content: CheckpointParts,
  options: { best?: boolean } = {},
): Promise<string> {
  const folder = layout.checkpoints(dir);
  const aside = join(folder, `.writing-${step}`);
  const place = join(folder, `step-${step}`);
  try {
    await rm(aside, { recursive: true, force: true });
    await makeFolder(aside);
    const best = options.best ? ({ best: true } as const) : {};
    const manifest: Manifest = { step, ...best, sha256: {}, state: content.state };
    for (const name of parts) {
      const tensors = name === 'model.safetensors' ? content.model : content.optimizer;
      await writeSafetensors(join(aside, name), tensors, { format: 'pt', step: String(step) });
      manifest.sha256[name] = await digest(join(aside, name));
    }
    manifest.sha256['state'] = digestOfState(content.state);
    await writeFile(join(aside, 'state.json'), `${toJson(manifest)}\n`, { flush: true });
    await syncFolder(aside);
    await replaceFolder(aside, place);
    await syncFolder(folder);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw asHuman(error, place);
  }
  return place;
}

/** The newest whole checkpoint; damaged ones are passed over and named in its note. null when there is none at all. */
export async function latestCheckpoint(dir: string): Promise<Checkpoint | null> {
  const steps = await checkpointSteps(dir);
  const damaged: string[] = [];
  for (const step of steps) {
    try {
      const checkpoint = await readCheckpoint(dir, step);
      return {
        ...checkpoint,
        note: damaged.length ? t('{0} Going on from step {1}.', damaged.join(' '), step) : null,
      };
    } catch (error) {
      if (!(error instanceof HumanError)) throw error;
      damaged.push(t('The checkpoint of step {0} is damaged: {1}', step, error.what));
    }
  }
  if (!damaged.length) return null;
  throw new HumanError(
    damaged.join(' '),
    said('No whole checkpoint is left: start the run again.'),
    'broken_checkpoints',
  );
}

/** The checkpoint with the best value of the deciding metric; null when none was ever marked or it is gone. */
export async function bestCheckpoint(dir: string): Promise<Checkpoint | null> {
  const step = await bestStep(dir);
  if (step === null || !(await checkpointSteps(dir)).includes(step)) return null;
  return { ...(await readCheckpoint(dir, step)), note: null };
}

/** Steps that have a checkpoint, newest first. Costs one look at the folder. */
export async function checkpointSteps(dir: string): Promise<number[]> {
  try {
    const names = await readdir(layout.checkpoints(dir));
    return names
      .map((name) => Number(/^step-(0|[1-9]\d*)$/.exec(name)?.[1] ?? NaN))
      .filter((step) => Number.isSafeInteger(step))
      .sort((a, b) => b - a);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Deletes all but the newest `keep` and the best, and what a killed writer left half done. Never the last one. */
export async function pruneCheckpoints(dir: string, options: { keep: number }): Promise<void> {
  const folder = layout.checkpoints(dir);
  const best = await bestStep(dir);
  const old = (await checkpointSteps(dir)).slice(Math.max(1, options.keep)).filter((step) => step !== best);
  for (const step of old) await removeFolder(join(folder, `step-${step}`));
  for (const name of await readdir(folder).catch(() => []))
    if (/^\.(writing|old)-/.test(name)) await rm(join(folder, name), { recursive: true, force: true });
}

/**
 * Removes the optimizer's state from all checkpoints of a run that nothing goes on from any more: two thirds of their
 * size. The manifest is changed first, so that a kill leaves a file too many and not a damaged checkpoint.
 */
export async function dropOptimizerStates(dir: string): Promise<void> {
  for (const step of await checkpointSteps(dir)) {
    const place = join(layout.checkpoints(dir), `step-${step}`);
    const { sha256, ...manifest } = await readManifest(place);
    delete sha256[parts[1]];
    await writeAside(join(place, 'state.json'), `${toJson({ ...manifest, model_only: true, sha256 })}\n`);
    await rm(join(place, parts[1]), { force: true });
  }
}

/** Files that hold the optimizer's state, with their sizes in bytes. */
export async function optimizerStates(dir: string): Promise<{ file: string; bytes: number }[]> {
  const files = (await checkpointSteps(dir)).map((step) =>
    join(layout.checkpoints(dir), `step-${step}`, parts[1]),
  );
  const found = await Promise.all(files.map(async (file) => ({ file, bytes: await bytesIn(file) })));
  return found.filter(({ bytes }) => bytes > 0);
}

/** A run that goes on at `step` writes later steps anew: their checkpoints are void. */
export async function dropCheckpointsAfter(dir: string, step: number): Promise<void> {
  for (const later of (await checkpointSteps(dir)).filter((other) => other > step))
    await removeFolder(join(layout.checkpoints(dir), `step-${later}`));
}

async function readCheckpoint(dir: string, step: number): Promise<Omit<Checkpoint, 'note'>> {
  const place = join(layout.checkpoints(dir), `step-${step}`);
  const manifest = await readManifest(place);
  if (manifest.step !== step)
    throw new HumanError(
      said('its state is of step {0}, so its folder was copied or renamed.', manifest.step),
      said('Use another checkpoint.'),
      'broken_file',
    );
  const there = manifest.model_only ? parts.slice(0, 1) : parts;
  for (const name of there)
    if (manifest.sha256[name] !== (await digest(join(place, name)).catch(() => 'unreadable')))
      throw new HumanError(
        said('{0} is not what was written.', name),
        said('Use an earlier checkpoint.'),
        'broken_file',
      );
  const model = (await readSafetensors(join(place, parts[0]))).tensors;
  const optimizer = manifest.model_only ? {} : (await readSafetensors(join(place, parts[1]))).tensors;
  return { step, dir: place, model, optimizer, state: manifest.state };
}

async function readManifest(place: string): Promise<Manifest> {
  try {
    const manifest = JSON.parse(await readFile(join(place, 'state.json'), 'utf8')) as Manifest;
    const written = manifest.sha256?.['state'];
    // Checkpoints of the first version do not say what their state must be.
    if (manifest.sha256 && (written === undefined || written === digestOfState(manifest.state)))
      return manifest;
  } catch (error) {
    if (errorCode(error) && !isMissing(error)) throw asHuman(error, place);
  }
  throw new HumanError(
    said('state.json is missing, cut or not what was written.'),
    said('Use an earlier checkpoint.'),
    'broken_file',
  );
}

/** The newest that was the best when it was written. */
async function bestStep(dir: string): Promise<number | null> {
  for (const step of await checkpointSteps(dir)) {
    const manifest = await readManifest(join(layout.checkpoints(dir), `step-${step}`)).catch(nullIfBroken);
    if (manifest?.best && manifest.step === step) return step;
  }
  return markedStep(dir);
}

/** Earlier versions wrote the step of the best beside the checkpoints. */
async function markedStep(dir: string): Promise<number | null> {
  try {
    const { step } = JSON.parse(await readFile(join(layout.checkpoints(dir), 'best.json'), 'utf8')) as {
      step?: number;
    };
    return typeof step === 'number' ? step : null;
  } catch {
    return null; // None marked, or not readable: then nothing is known to be best.
  }
}

function nullIfBroken(error: unknown): null {
  if (error instanceof HumanError && error.code === 'broken_file') return null;
  throw error;
}

/** Renames over a folder that may be there (a step that is written again after a resume). */
async function replaceFolder(aside: string, place: string): Promise<void> {
  const old = join(place, '..', `.old-${Date.now().toString(36)}`);
  try {
    await renameOver(place, old);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  await renameOver(aside, place);
  await rm(old, { recursive: true, force: true });
}

/** Out of sight first: a kill between two of its files must not leave half a checkpoint under its name. */
async function removeFolder(place: string): Promise<void> {
  const old = join(place, '..', `.old-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`);
  await renameOver(place, old);
  await rm(old, { recursive: true, force: true });
}

/** JSON gives the same text again after it was read, so the text need not be kept. */
function digestOfState(state: unknown): string {
  return createHash('sha256')
    .update(toJson(state) ?? '')
    .digest('hex');
}

async function digest(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(piece as Buffer);
  return hash.digest('hex');
}
