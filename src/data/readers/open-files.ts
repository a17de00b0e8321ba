import { open, stat, type FileHandle } from 'node:fs/promises';
import { LRUCache } from 'lru-cache';

export interface OpenFiles {
  get(file: string): Promise<FileHandle>;
  /** Size and time of change, asked once while the file is known. */
  stamp(file: string): Promise<string>;
  close(): Promise<void>;
}

/** Keeps at most `limit` files open for reading, closing the one that was used longest ago (its pending reads end first). */
export function openFiles(limit: number): OpenFiles {
  let closing: Promise<unknown> = Promise.resolve();
  const handles = new LRUCache<string, Promise<FileHandle>>({
    max: limit,
    memoMethod: (file) => open(file, 'r'),
    dispose: (handle) => {
      const closed = handle.then(
        (opened) => opened.close(),
        () => {}, // who asked for it has the error
      );
      closing = Promise.all([closing, closed]);
    },
  });
  const stamps = new Map<string, Promise<string>>();
  return {
    get: (file) => handles.memo(file),
    stamp(file) {
      const known = stamps.get(file);
      if (known) return known;
      const asked = stat(file, { bigint: true }).then(({ size, mtimeNs }) => `${size}\n${mtimeNs}`);
      stamps.set(file, asked);
      return asked;
    },
    async close() {
      handles.clear();
      stamps.clear();
      await closing;
    },
  };
}
