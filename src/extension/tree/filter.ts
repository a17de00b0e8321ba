import { runLabel, type RunEntry } from '../runs/run-entry.ts';

/**
 * Whether a run passes a filter text: every word must be found in its name, id, experiment, note or settings.
 * `status:failed` and `starred` are words with a meaning, `-word` excludes, `"two words"` is one.
 */
export function makeFilter(text: string): (run: RunEntry) => boolean {
  const words = [...text.toLowerCase().matchAll(/(-?)(?:"([^"]*)"|(\S+))/g)].map(
    ([, minus, quoted, word]) => ({
      wanted: minus === '',
      word: quoted ?? word ?? '',
    }),
  );
  return (run) => words.every(({ wanted, word }) => matches(run, word) === wanted);
}

function matches(run: RunEntry, word: string): boolean {
  if (word === 'starred') return run.file.starred;
  if (word.startsWith('status:')) return run.status.startsWith(word.slice('status:'.length));
  return haystack(run).includes(word);
}

function haystack(run: RunEntry): string {
  const { id, experiment, title, note, settings, reason } = run.file;
  const set = Object.entries(settings).map(([path, value]) => `${path}=${String(value)}`);
  return [runLabel(run), id, experiment, title, note, reason, run.status, ...set].join('\n').toLowerCase();
}
