import { readdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import pLimit from 'p-limit';
import { unreplaced } from '../text/paths.ts';
import { shortened } from '../text/words.ts';
import { machineFault } from './machine-fault.ts';
import { nearlyNamed, type Nearly } from './nearly-named.ts';
import { isAddress } from './readers/file-images.ts';
import type { StringTable } from './columns/string-table.ts';
import { t, said } from '../text/say.ts';

/** Images asked for one by one when their folder's list does not have them (a file system may not tell upper from lower case). */
const singleLooks = 1000;

export interface Presence {
  /** The images that are not there, by id. */
  missing: Map<number, Absence>;
  /** The files of images whose names the disk keeps in another form of Unicode than the list; absolute. */
  places: Map<number, string>;
}

/** Why an image is not there. */
export interface Absence {
  reason: string;
  /** What is there instead, or what of its path nobody replaces; null where nothing is known. */
  hint: string | null;
}

/**
 * Looks which images are there. Each folder is listed once instead of asking for every file.
 * @param keys paths from the root, with forward slashes
 */
export async function lookForImages(
  keys: StringTable,
  root: string,
  signal?: AbortSignal,
): Promise<Presence> {
  const folders = new Map<string, Set<string> | null>();
  const absent: number[] = [];
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
    if (!names?.has(key.slice(slash + 1))) absent.push(id);
  }
  const there = await lookedAt(absent, (id) => resolve(root, keys.get(id)));
  const nearly = nearlyNamed(root, namesIn);
  const presence: Presence = { missing: new Map(), places: new Map() };
  for (const id of absent) {
    if (there.has(id)) continue;
    signal?.throwIfAborted();
    const key = keys.get(id);
    const near = isAddress(key) ? null : await nearly(key);
    if (near?.differs === 'form') presence.places.set(id, resolve(root, near.path));
    else presence.missing.set(id, absence(key, near));
  }
  return presence;
}

function absence(key: string, near: Nearly | null): Absence {
  const named = shortened(key, 100);
  if (isAddress(key)) return { reason: t('an address, not a file: {0}', named), hint: null };
  const hint = near
    ? t('{0} is there: {1}', shortened(near.path, 100), differences()[near.differs])
    : unreplaced(key);
  return { reason: t('image not found: {0}{1}', named, hint ? t(' ({0})', hint) : ''), hint };
}

const differences = (): Record<Nearly['differs'], string> => ({
  form: t('its letters are stored in another form'),
  case: t('upper and lower case count'),
  suffix: t('the list leaves out its suffix'),
});

async function namesIn(folder: string): Promise<Set<string> | null> {
  try {
    return new Set(await readdir(folder));
  } catch (error) {
    const fault = machineFault(error, said('The folder {0} cannot be listed', folder));
    if (fault) throw fault;
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
            (error: unknown) => {
              const fault = machineFault(error, said('{0} cannot be looked at', path(id)));
              if (fault) throw fault;
              return false;
            },
          );
          if (isFile) there.add(id);
        }),
      ),
    );
    if (there.size === 0) break;
  }
  return there;
}
