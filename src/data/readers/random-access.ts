import type { AsyncBuffer } from 'hyparquet';
import { openForReading } from './file-errors.ts';

/** A file as hyparquet reads it: any slice, at any time, until closed. */
export async function randomAccess(path: string): Promise<AsyncBuffer & { close(): Promise<void> }> {
  const handle = await openForReading(path);
  const { size: byteLength } = await handle.stat();
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const bytes = new Uint8Array(end - start);
      await handle.read(bytes, 0, bytes.length, start);
      return bytes.buffer;
    },
    close: () => handle.close(),
  };
}
