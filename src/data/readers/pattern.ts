import { basename, posix, resolve } from 'node:path';
import picomatch from 'picomatch';
import { filesBelow } from './files-below.ts';
import { refuseSeveralParts } from './parts.ts';

/** Whether a path names several files: `*`, `?`, `[...]`, `{a,b}`, `{000..012}`, or several paths joined by `::`. */
export function isPattern(path: string): boolean {
  return /[*?{[]|::/.test(path);
}

/**
 * The files that a pattern names, absolute and sorted. `**` stands for folders of any depth; hidden ones are left out. A name without
 * `*`, `?` or `[` is a file whether it is there or not: a shard that is missing is told when it is opened.
 */
export async function expandPattern(pattern: string): Promise<string[]> {
  const found = new Set<string>();
  for (const part of pattern.split('::'))
    for (const plain of expandBraces(part))
      for (const file of await filesFitting(resolve(plain).replaceAll('\\', '/'))) found.add(file);
  return [...found].sort();
}

async function filesFitting(path: string): Promise<string[]> {
  if (!/[*?[]/.test(path)) return [resolve(path)];
  const options = { noextglob: true, nonegate: true, nobrace: true };
  const { base, glob } = picomatch.scan(path, options);
  if (glob === '') return [resolve(path)];
  const depth = glob.includes('**') ? Infinity : glob.split('/').length;
  const names = await filesBelow(base || '/', { depth });
  const fits = picomatch(glob, options);
  const fitting = names.filter((name) => fits(name));
  refuseSeveralParts(fitting, basename(base) || '/', false);
  return fitting.map((name) => resolve(posix.join(base || '/', name)));
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
