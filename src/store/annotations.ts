import { readFile } from 'node:fs/promises';
import { isMissing } from '../text/system-errors.ts';
import type { Annotation, RunFile } from '../protocol/run.ts';
import { appendJsonLine, readJsonLines } from './json-lines.ts';
import { layout } from './layout.ts';
import { launcherSchema, runJobSchema } from './run-schema.ts';

/**
 * What a person said of a run, and the job that it was submitted as. Kept apart from run.json, so that no window ever fights with the trainer
 * over that file.
 */
type Annotations = Partial<
  Pick<RunFile, 'title' | 'note' | 'starred' | 'tags' | 'colour' | 'job' | 'remote'>
>;

/** Changes the fields given; the others stay, also when two windows do this at the same moment. */
export function annotateRun(dir: string, change: Annotation): Promise<void> {
  return appendJsonLine(layout.annotations(dir), change);
}

/** All changes put together, later ones over earlier ones; unreadable lines are passed over. */
export async function readAnnotations(dir: string): Promise<Annotations> {
  try {
    return mergeAnnotations(await readFile(layout.annotations(dir), 'utf8'));
  } catch (error) {
    if (isMissing(error)) return {};
    throw error;
  }
}

export function mergeAnnotations(text: string): Annotations {
  const merged: Annotations = {};
  for (const change of readJsonLines(text)) {
    if (change === null || typeof change !== 'object') continue;
    const { title, note, starred, colour, tag, untag, job, remote } = change as Record<string, unknown>;
    if (title === null || typeof title === 'string') merged.title = title;
    if (note === null || typeof note === 'string') merged.note = note;
    if (typeof starred === 'boolean') merged.starred = starred;
    if (colour === null || (typeof colour === 'string' && /^#[0-9a-f]{6}$/i.test(colour)))
      merged.colour = colour;
    // One by one: of two windows that tag a run at the same moment none takes back what the other said.
    const [added, removed] = [words(tag), words(untag)];
    if (added.length + removed.length)
      merged.tags = [...new Set([...(merged.tags ?? []), ...added])].filter(
        (each) => !removed.includes(each),
      );
    if (job === null) merged.job = null;
    else if (job !== undefined) merged.job = runJobSchema.safeParse(job).data ?? merged.job ?? null;
    if (remote !== undefined) merged.remote = launcherSchema.safeParse(remote).data ?? null;
  }
  return merged;
}

const words = (list: unknown): string[] =>
  Array.isArray(list) ? list.filter((each): each is string => typeof each === 'string' && each !== '') : [];
