import { readdir } from 'node:fs/promises';
import { join, parse, resolve, sep } from 'node:path';

/** Whether a path names several files: `*`, `?`, `[...]`, `{a,b}`, `{000..012}`, or several paths joined by `::`. */
export function isPattern(path: string): boolean {
  return /[*?{[]|::/.test(path);
}

/** The files that a pattern fits, absolute and sorted. `**` stands for folders of any depth; hidden ones are left out. */
export async function expandPattern(pattern: string): Promise<string[]> {
  const found = new Set<string>();
  for (const part of pattern.split('::'))
    for (const plain of expandBraces(part))
      for (const file of await filesFitting(resolve(plain))) found.add(file);
  return [...found].sort();
}

/** `a{1..3}` -> a1, a2, a3; `{x,y}` -> x, y; leading zeros stay. At most 100,000. */
export function expandBraces(pattern: string): string[] {
  const brace = /\{([^{}]*)\}/.exec(pattern);
  if (!brace) return [pattern];
  const range = /^(\d+)\.\.(\d+)$/.exec(brace[1]!);
  const choices = range ? numbers(range[1]!, range[2]!) : brace[1]!.split(',');
  const before = pattern.slice(0, brace.index);
  const after = pattern.slice(brace.index + brace[0].length);
  const expanded: string[] = [];
  for (const choice of choices) {
    for (const one of expandBraces(before + choice + after)) expanded.push(one);
    if (expanded.length >= 100_000) break;
  }
  return expanded.slice(0, 100_000);
}

function numbers(first: string, last: string): string[] {
  const count = Math.min(Math.max(Number(last) - Number(first) + 1, 0), 100_000);
  const width = first.startsWith('0') ? first.length : 0;
  return Array.from({ length: count }, (_, i) => String(Number(first) + i).padStart(width, '0'));
}

async function filesFitting(path: string): Promise<string[]> {
  const { root } = parse(path);
  let places = [root];
  const segments = path.slice(root.length).split(sep);
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    const next: string[] = [];
    for (const place of places) {
      if (segment === '**') next.push(place, ...(await foldersBelow(place)));
      else if (!isLast && !/[*?[]/.test(segment)) next.push(join(place, segment));
      else next.push(...(await entriesFitting(place, segment, isLast)));
    }
    places = next;
  }
  return places;
}

async function entriesFitting(folder: string, segment: string, files: boolean): Promise<string[]> {
  const expression = expressionOf(segment);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter(
      (entry) => !entry.name.startsWith('.') && entry.isDirectory() !== files && expression.test(entry.name),
    )
    .map((entry) => join(folder, entry.name));
}

function expressionOf(segment: string): RegExp {
  const literal = segment.replace(/[.+^$()|\\{}]/g, '\\$&');
  const source = literal.replaceAll('*', '.*').replaceAll('?', '.').replaceAll('[!', '[^');
  try {
    return new RegExp(`^${source}$`);
  } catch {
    // A bracket that is not closed is a letter of the name.
    return new RegExp(`^${source.replaceAll('[', '\\[')}$`);
  }
}

async function foldersBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  const paths = folders.map((entry) => join(folder, entry.name));
  return [...paths, ...(await Promise.all(paths.map(foldersBelow))).flat()];
}
