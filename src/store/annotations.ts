import { open, readFile } from 'node:fs/promises';
import { asHuman } from './files.ts';
import { isMissing } from '../text/system-errors.ts';
import type { Annotation, RunFile } from '../protocol/run.ts';
import { layout } from './layout.ts';

/** What a person said of a run. Kept apart from run.json, so that no window ever fights with the trainer over that file. */
type Annotations = Partial<Pick<RunFile, 'title' | 'note' | 'starred' | 'tags' | 'colour'>>;

/** Changes the fields given; the others stay, also when two windows do this at the same moment. */
export async function annotateRun(dir: string, change: Annotation): Promise<void> {
  const file = layout.annotations(dir);
  try {
    const handle = await open(file, 'a+');
    try {
      const { size } = await handle.stat();
      const { buffer } = size
        ? await handle.read(Buffer.alloc(1), 0, 1, size - 1)
        : { buffer: Buffer.from('\n') };
      // A torn last line of someone who was killed must not swallow ours.
      await handle.appendFile(`${buffer[0] === 10 ? '' : '\n'}${JSON.stringify(change)}\n`);
      await handle.datasync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw asHuman(error, file);
  }
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
  for (const line of text.split('\n')) {
    if (line === '') continue;
    let change: unknown;
    try {
      change = JSON.parse(line);
    } catch {
      continue; // Torn.
    }
    if (change === null || typeof change !== 'object') continue;
    const { title, note, starred, colour, tag, untag } = change as Record<string, unknown>;
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
  }
  return merged;
}

const words = (list: unknown): string[] =>
  Array.isArray(list) ? list.filter((each): each is string => typeof each === 'string' && each !== '') : [];
