import { readdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import pLimit from 'p-limit';
import { isAddress } from './readers/file-images.ts';
import type { StringTable } from './columns/string-table.ts';

/** Images asked for one by one when their folder's list does not have them (a file system may not tell upper from lower case). */
const singleLooks = 1000;

/**
 * The ids of images that are not there, with the reason. Each folder is listed once instead of asking for every file.
 * @param keys paths from the root, with forward slashes
 */
export async function missingImages(
  keys: StringTable,
  root: string,
  signal?: AbortSignal,
): Promise<Map<number, string>> {
  const folders = new Map<string, Set<string> | null>();
  const missing: number[] = [];
  for (let id = 0; id < keys.count; id++) {
    const key = keys.get(id);
    const slash = key.lastIndexOf('/');
    const folder = key.slice(0, slash + 1);
    let names = folders.get(folder);
    if (names === undefined) {
      signal?.throwIfAborted();
      names = await namesIn(resolve(root, folder));
      folders.set(folder, names);
    }
    if (!names?.has(key.slice(slash + 1))) missing.push(id);
  }
  const there = await lookedAt(missing, (id) => resolve(root, keys.get(id)));
  return new Map(missing.filter((id) => !there.has(id)).map((id) => [id, reason(keys.get(id))]));
}

function reason(key: string): string {
  if (isAddress(key)) return `an address, not a file: ${key}`;
  return `image not found: ${key}`;
}

async function namesIn(folder: string): Promise<Set<string> | null> {
  try {
    return new Set(await readdir(folder));
  } catch {
    // No such folder, or no right to list it: single looks decide.
    return null;
  }
}

/** The ids whose files are there after all. Gives up when none of the first 1,000 is. */
async function lookedAt(ids: number[], path: (id: number) => string): Promise<Set<number>> {
  const limit = pLimit(16);
  const there = new Set<number>();
  for (let from = 0; from < ids.length; from += singleLooks) {
    await Promise.all(
      ids.slice(from, from + singleLooks).map((id) =>
        limit(async () => {
          const isFile = await stat(path(id)).then(
            (found) => found.isFile(),
            () => false,
          );
          if (isFile) there.add(id);
        }),
      ),
    );
    if (there.size === 0) break;
  }
  return there;
}
