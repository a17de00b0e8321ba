import { signal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { t } from '../../src/text/say.ts';
import { question } from './explore-model.ts';

/** Small pictures by path, as far as they came; empty for one that cannot be read. */
const pictures = signal<ReadonlyMap<string, string>>(new Map());
const asked = new Set<string>();

/** Beyond these the oldest are forgotten: 5 kB each. */
const mostKept = 2_000;
/** So many come in one answer: the first are drawn before the last are read. */
const atOnce = 8;

/** Asks for the small pictures of files that are not there yet. */
export function useThumbnails(paths: readonly string[]): void {
  useEffect(() => void load(paths), [paths.join('\n')]);
}

async function load(paths: readonly string[]): Promise<void> {
  const wanted = paths.filter((path) => !asked.has(path));
  for (const path of wanted) asked.add(path);
  for (let start = 0; start < wanted.length; start += atOnce) {
    const part = wanted.slice(start, start + atOnce);
    const found = await question('thumbnails', { images: part });
    if (!found) {
      for (const path of wanted.slice(start)) asked.delete(path);
      return;
    }
    const all = [...pictures.value, ...part.map((path, at) => [path, found[at]!] as const)];
    for (const [path] of all.slice(0, -mostKept)) asked.delete(path);
    pictures.value = new Map(all.slice(-mostKept));
  }
}

/** The picture of a file: a grey square until it is there. */
export function Thumbnail({ path, alt }: { path: string; alt: string }): VNode {
  return <Picture source={pictures.value.get(path)} alt={alt} />;
}

export function Picture({ source, alt }: { source: string | undefined; alt: string }): VNode {
  if (source === '') return <span class="thumbnail muted">{t('cannot be read')}</span>;
  return source ? <img class="thumbnail" src={source} alt={alt} /> : <span class="thumbnail" />;
}
