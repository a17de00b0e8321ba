import { resolve } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { FinishedModel } from './finished-model.ts';
import {
  openImageIndex,
  updateImageIndex,
  type ImageIndex,
  type IndexChange,
  type IndexOptions,
} from './image-index.ts';

/** The indexes of the folders that are searched. */
export interface Folders {
  /** The index as it stands; made first where there is none yet. */
  get(folder: string, options: IndexOptions): Promise<ImageIndex>;
  /** Brings the index up to date. Of one folder only one update goes on at a time. */
  update(folder: string, options: IndexOptions): Promise<IndexChange>;
}

/** Indexes that stay in memory: 100 MB each for 100,000 images of 256 numbers. */
const mostOpen = 3;

export function openFolders(model: FinishedModel): Folders {
  const open = new LRUCache<string, ImageIndex>({ max: mostOpen });
  const updating = new Map<string, Promise<IndexChange>>();

  const known = async (folder: string): Promise<ImageIndex | null> => {
    const found = open.get(folder) ?? (await openImageIndex(model, folder));
    if (found) open.set(folder, found);
    return found;
  };

  const update = async (name: string, options: IndexOptions): Promise<IndexChange> => {
    const folder = resolve(name);
    // Whoever asks while another's update goes on may have seen a change that it missed.
    await updating.get(folder)?.catch(() => undefined);
    const change = known(folder).then((before) => updateImageIndex(model, folder, before, options));
    updating.set(folder, change);
    try {
      const done = await change;
      open.set(folder, done.index);
      return done;
    } catch (error) {
      open.delete(folder); // what was computed until then is on the disk
      throw error;
    } finally {
      if (updating.get(folder) === change) updating.delete(folder);
    }
  };

  return {
    update,
    async get(name, options) {
      const folder = resolve(name);
      return (await known(folder)) ?? (await update(folder, options)).index;
    },
  };
}
