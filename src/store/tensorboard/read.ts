import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HumanError } from '../../protocol/human-error.ts';
import { emptyRunState, type RunState } from '../../protocol/state.ts';
import { asHuman } from '../files.ts';
import { counted } from '../../text/numbers.ts';
import { isMissing } from '../../text/system-errors.ts';
import { dropFrom, openEventFile, type EventFile, type FileSeries } from './file.ts';
import { createTagLanes, type TagLanes } from './lanes.ts';
import { said, t } from '../../text/say.ts';

/** A folder of TensorBoard event files that any program wrote, as one run. */
export interface TensorBoardLog {
  /** Reads what was appended to any of its files; answers whether anything came. HumanError when the folder is not there. */
  update(): Promise<boolean>;
  /** The same object always; its curves are replaced or grow at `update`. */
  state: RunState;
}

/**
 * Opens a folder of event files (not those in folders below, which are runs of their own). Nothing is read before `update`.
 *
 * - A record that is not whole yet is waited for. One that is damaged ends the reading of its file, with a note.
 * - A restart takes back the steps that were written anew: all tags when the file says START, else the tag that goes back.
 * - Files that follow each other are one curve; a tag that two files write at the same time becomes `tag` and `tag (2)`.
 */
export function openTensorBoardLog(folder: string): TensorBoardLog {
  const files = new Map<string, EventFile>();
  const lanes = new Map<string, TagLanes>();
  const state = emptyRunState();

  async function update(): Promise<boolean> {
    const changed: EventFile[] = [];
    const present = new Set<string>();
    for (const name of await eventFileNames(folder)) {
      const path = join(folder, name);
      const stats = await stat(path).catch((error: unknown) => {
        if (isMissing(error)) return null;
        throw asHuman(error, path);
      });
      if (!stats) continue;
      present.add(path);
      const file = files.get(path) ?? openEventFile(path);
      files.set(path, file);
      if (await file.read(stats.size, stats.ino)) changed.push(file);
    }
    const gone = [...files.values()].filter((file) => !present.has(file.path));
    for (const { path } of gone) files.delete(path);
    if (!changed.length && !gone.length) {
      if (files.size) sayNotes([...files.values()]);
      return false;
    }
    takeUp([...changed, ...gone]);
    return true;
  }

  function takeUp(changed: EventFile[]): void {
    const ordered = [...files.values()].sort((a, b) => byName.compare(a.path, b.path));
    const tags = new Set(changed.flatMap((file) => [...file.series.keys()]));
    for (const name of applyStatedRestarts(ordered)) tags.add(name);
    for (const name of lanes.keys()) if (!ordered.some((file) => file.series.has(name))) tags.add(name);
    for (const name of tags) {
      const holders = ordered.map((file) => file.series.get(name)).filter((series) => series !== undefined);
      putCurves(name, holders);
    }
    for (const { length, steps, times } of state.series.values())
      if (length > 0) {
        state.step = Math.max(state.step, steps[length - 1]!);
        state.time = Math.max(state.time, times[length - 1]!);
      }
    putMarks(ordered);
    sayNotes(ordered);
  }

  function sayNotes(ordered: EventFile[]): void {
    state.notes = ordered.filter((file) => file.damage !== null).map(damageNote);
    if (!state.series.size && ordered.length) state.notes.push(noScalarsNote(ordered));
  }

  function putCurves(name: string, holders: FileSeries[]): void {
    const tagLanes = lanes.get(name) ?? createTagLanes();
    lanes.set(name, tagLanes);
    const curves = tagLanes.update(holders);
    curves.forEach((series, index) => state.series.set(laneName(name, index), series));
    for (let index = curves.length; state.series.delete(laneName(name, index)); index++);
    if (!curves.length) lanes.delete(name);
  }

  function putMarks(ordered: EventFile[]): void {
    const restarts = [
      ...ordered.flatMap((file) => file.restarts),
      ...[...lanes.values()].flatMap((tagLanes) => tagLanes.restarts),
    ];
    const known = new Set(state.marks.map((mark) => mark.step));
    for (const { step, time } of restarts.sort((a, b) => a.time - b.time)) {
      if (known.has(step)) continue;
      known.add(step);
      state.marks.push({ kind: 'resumed', step, time, text: t('restarted at step {0}', step) });
    }
  }

  return { update, state };
}

/** Names of the event files in a folder, in the order in which they were begun; HumanError when it cannot be listed. */
async function eventFileNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter(isEventFile).sort(byName.compare);
  } catch (error) {
    if (!isMissing(error)) throw asHuman(error, folder);
    throw new HumanError(said('The folder {0} was not found.', folder), said('Check the path.'), 'not_found');
  }
}

/** Numbers in names count as such: of the files that a process begins in one second, the tenth comes after the second. */
const byName = new Intl.Collator('en', { numeric: true });

/** TensorBoard's own rule, without the profiler's empty marker files. */
export function isEventFile(name: string): boolean {
  return name.includes('tfevents') && !name.endsWith('.profile-empty');
}

/**
 * What one file says of a restart holds for the others too: points written before it, from its step on, are void.
 * Answers the tags that lost points.
 */
function applyStatedRestarts(files: EventFile[]): Set<string> {
  const touched = new Set<string>();
  for (const { restarts } of files)
    for (const { isStated, step, time } of restarts) {
      if (!isStated) continue;
      for (const file of files)
        for (const tag of file.series.values()) {
          const { rewrites } = tag;
          if (file.restarts !== restarts) dropFrom(tag, step, time);
          if (tag.rewrites !== rewrites) touched.add(tag.name);
        }
    }
  return touched;
}

const laneName = (tag: string, index: number): string => (index === 0 ? tag : `${tag} (${index + 1})`);

/** Graphs, images and texts are logged too: an empty plot needs its reason. */
function noScalarsNote(files: EventFile[]): RunState['notes'][number] {
  const others = [...new Set(files.flatMap((file) => [...file.series.values()].map(({ plugin }) => plugin)))];
  const named = others.filter((plugin) => plugin !== null && plugin !== 'scalars');
  return {
    severity: 'info',
    code: 'no_scalars',
    message: named.length
      ? t(
          'This log has no scalar values, only what belongs to {0}: there is nothing to plot.',
          named.join(', '),
        )
      : t('This log has no scalar values so far: there is nothing to plot.'),
    items: files.map((file) => file.path),
    step: 0,
  };
}

function bytesLeft({ size, offset }: EventFile): string {
  return size - offset === 1
    ? t('1 byte of this file is')
    : t('{0} bytes of this file are', counted(size - offset));
}

function damageNote(file: EventFile): RunState['notes'][number] {
  return {
    severity: 'warning',
    code: 'damaged_log',
    message: t(
      '{0} is damaged ({1}): {2} not read.',
      basename(file.path),
      file.damage ?? '',
      bytesLeft(file),
    ),
    items: [file.path],
    step: 0,
  };
}
