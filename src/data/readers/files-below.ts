import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileError } from './file-errors.ts';

export interface BelowOptions {
  /** Folders above a file, the root among them; without it any number. */
  depth?: number;
  signal?: AbortSignal | undefined;
}

/**
 * Paths of the files below a folder, from it, with forward slashes, in a fixed order. Names that begin with a dot are left out. Links to
 * folders are followed, each real folder once and under its own name where it has one; a link to a folder above would take in all of
 * what the root lies in, and is left out.
 */
export async function filesBelow(root: string, options: BelowOptions = {}): Promise<string[]> {
  const { depth = Infinity, signal } = options;
  const found: string[] = [];
  const visited = new Set<string>();
  const links: Place[] = [];

  const visit = async ({ path, level }: Place): Promise<void> => {
    signal?.throwIfAborted();
    const folder = join(root, path);
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      throw fileError(folder, error);
    });
    visited.add(await realpath(folder));
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const inside = { path: path === '' ? entry.name : `${path}/${entry.name}`, level: level + 1 };
      const isLink = entry.isSymbolicLink();
      if (isLink ? await isFolder(join(root, inside.path)) : entry.isDirectory()) {
        if (inside.level >= depth) continue;
        if (isLink) links.push(inside);
        else await visit(inside);
      } else found.push(inside.path);
    }
  };
  await visit({ path: '', level: 0 });
  const top = await realpath(root);
  // What is behind a link may hold links again: the list grows while it is gone through.
  for (const link of links) {
    const target = await realpath(join(root, link.path));
    const isAbove = top.startsWith(target.endsWith(sep) ? target : target + sep);
    if (!isAbove && !visited.has(target)) await visit(link);
  }
  return found.sort();
}

interface Place {
  path: string;
  level: number;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
