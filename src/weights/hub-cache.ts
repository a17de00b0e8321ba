import { copyFile, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { errorCode, isMissing } from '../text/system-errors.ts';
import { hubCacheFolder } from './hub-settings.ts';

/**
 * A model's folder in the cache, as Python's huggingface_hub lays it out: `blobs/<hash>` holds what files hold, `snapshots/<commit>/<path>`
 * links to it, and `refs/main` names the commit that was the newest when it was last asked.
 */
export interface ModelFolder {
  root: string;
  blob(hash: string): string;
  pointer(commit: string, path: string): string;
  /** A folder for whoever fetches a blob. */
  lock(hash: string): string;
  /** The commit of `refs/main` and the files that are there of it; null when there is none. */
  kept(): Promise<{ commit: string; files: Set<string> } | null>;
  /** Writes `refs/main`. */
  setNewest(commit: string): Promise<void>;
}

/** @param repo `owner/name` */
export function modelFolder(repo: string): ModelFolder {
  const cache = hubCacheFolder();
  const name = `models--${repo.replace('/', '--')}`;
  const root = join(cache, name);
  const ref = join(root, 'refs', 'main');
  const snapshot = (commit: string): string => join(root, 'snapshots', commit);
  return {
    root,
    blob: (hash) => join(root, 'blobs', hash),
    pointer: (commit, path) => join(snapshot(commit), ...path.split('/')),
    lock: (hash) => join(cache, '.locks', name, `${hash}.tandem`),
    async kept() {
      const commit = await readFile(ref, 'utf8').catch(() => null); // not there, or not ours to read
      if (commit === null) return null;
      const folder = snapshot(commit.trim());
      const entries = await readdir(folder, { recursive: true }).catch(() => []);
      // A link may outlive what it leads to.
      const files = entries.filter((path) => existsSync(join(folder, path)));
      return { commit: commit.trim(), files: new Set(files.map((path) => path.replaceAll('\\', '/'))) };
    },
    async setNewest(commit) {
      try {
        await mkdir(dirname(ref), { recursive: true });
        await writeFile(ref, commit);
      } catch (error) {
        // A cache that others filled may be read-only: what is in it can be used all the same.
        if (!['EROFS', 'EACCES', 'EPERM'].includes(errorCode(error))) throw error;
      }
    },
  };
}

/** Lets a file of a commit lead to a blob. Where the system makes no links the blob itself is moved there, or copied where others may need it. */
export async function pointTo(blob: string, pointer: string, isNew: boolean): Promise<void> {
  await mkdir(dirname(pointer), { recursive: true });
  // A link that led to a blob which is gone.
  if (!existsSync(pointer)) await rm(pointer, { force: true });
  try {
    await symlink(relative(dirname(pointer), blob), pointer);
  } catch (error) {
    if (errorCode(error) === 'EEXIST' && existsSync(pointer)) return;
    if (!['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP', 'UNKNOWN'].includes(errorCode(error))) throw error;
    if (!isNew) return copyFile(blob, pointer);
    await rename(blob, pointer).catch((failure: unknown) => {
      // Another process has moved it meanwhile.
      if (!isMissing(failure) || !existsSync(pointer)) throw failure;
    });
  }
}
