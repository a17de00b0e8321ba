import { posix } from 'node:path';
import { HumanError } from '../../protocol/human-error.ts';
import { listed } from '../../text/words.ts';
import { said } from '../../text/say.ts';

/** What data sets are divided into, as files and folders are called for it. */
const partNames: [string, RegExp][] = [
  ['train', /(?<![a-z])train(?:ing)?(?![a-z])/i],
  ['validation', /(?<![a-z])(?:val|valid|validation|dev)(?![a-z])/i],
  ['test', /(?<![a-z])test(?:ing)?(?![a-z])/i],
];

/**
 * Refuses to read files of several parts of a data set as one: test images would be trained on without a word.
 * @param paths from the folder, with forward slashes; what is asked for without naming each
 * @param shown how the folder is called in messages
 */
export function refuseSeveralParts(paths: readonly string[], shown: string, byFolder: boolean): void {
  const examples = new Map<string, string>();
  for (const path of paths) {
    const part = partOf(byFolder ? posix.dirname(path) : path);
    if (part && !examples.has(part.name)) examples.set(part.name, patternOf(path, part, byFolder));
  }
  if (examples.size < 2) return;
  const names = partNames.map(([name]) => name).filter((name) => examples.has(name));
  const [first, second] = names.map((name) => posix.join(shown, examples.get(name)!));
  throw new HumanError(
    said(
      '{0} holds {1} called {2}, which would be read as one set.',
      shown,
      byFolder ? said('folders') : said('files'),
      listed(names),
    ),
    said('Name one in data.pairs, such as {0}, and another in data.val, such as {1}.', first!, second!),
    'several_parts',
  );
}

interface Part {
  name: string;
  /** Which segment of the path says so, and where its word ends in it. */
  segment: number;
  end: number;
}

/** The part that a path belongs to: what its file's name says, or else the folder next to it. */
function partOf(path: string): Part | null {
  const segments = path.split('/');
  for (let segment = segments.length - 1; segment >= 0; segment--)
    for (const [name, word] of partNames) {
      const match = word.exec(segments[segment]!);
      if (match) return { name, segment, end: match.index + match[0].length };
    }
  return null;
}

/** What fits the files of the part: its folder, or `train*.parquet`. */
function patternOf(path: string, { segment, end }: Part, byFolder: boolean): string {
  const segments = path.split('/');
  const before = segments.slice(0, segment);
  if (byFolder) return [...before, segments[segment]].join('/');
  if (segment < segments.length - 1) return [...before, segments[segment], '*'].join('/') + suffixOf(path);
  return [...before, segments[segment]!.slice(0, end) + '*'].join('/') + suffixOf(path);
}

const suffixOf = (path: string): string => /(?:\.tar\.gz|\.[^.]+)$/.exec(path)?.[0] ?? '';
