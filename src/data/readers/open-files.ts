import { open, stat, type FileHandle } from 'node:fs/promises';

export interface OpenFiles {
  get(file: string): Promise<FileHandle>;
  /** Size and time of change, asked once while the file is known. */
  stamp(file: string): Promise<string>;
  close(): Promise<void>;
}

/** Keeps at most `limit` files open for reading, closing the one that was used longest ago (its pending reads end first). */
export function openFiles(limit: number): OpenFiles {
  const handles = new Map<string, Promise<FileHandle>>();
  const stamps = new Map<string, Promise<string>>();
  const close = async (handle: Promise<FileHandle>): Promise<void> => {
    const opened = await handle.catch(() => null);
    await opened?.close();
  };
  return {
    get(file) {
      const handle = handles.get(file) ?? open(file, 'r');
      handles.delete(file);
      handles.set(file, handle);
      if (handles.size > limit) {
        const [oldest, unused] = handles.entries().next().value!;
        handles.delete(oldest);
        void close(unused);
      }
      return handle;
    },
    stamp(file) {
      const known = stamps.get(file);
      if (known) return known;
      const asked = stat(file, { bigint: true }).then(({ size, mtimeNs }) => `${size}\n${mtimeNs}`);
      stamps.set(file, asked);
      return asked;
    },
    async close() {
      const all = [...handles.values()];
      handles.clear();
      stamps.clear();
      await Promise.all(all.map(close));
    },
  };
}
