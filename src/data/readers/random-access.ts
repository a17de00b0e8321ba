import type { AsyncBuffer } from 'hyparquet';
import { openForReading } from './file-errors.ts';
import { readFully } from './read-fully.ts';
import { t } from '../../text/say.ts';

/** A file as hyparquet reads it: any slice, at any time, until closed. */
export async function randomAccess(path: string): Promise<AsyncBuffer & { close(): Promise<void> }> {
  const handle = await openForReading(path);
  const { size: byteLength } = await handle.stat();
  return {
    byteLength,
    async slice(start, end = byteLength) {
      if (start < 0 || end < start || end > byteLength)
        throw new Error(t('it has no bytes {0} to {1}', start, end));
      const bytes = new Uint8Array(end - start);
      await readFully(handle, bytes, start);
      return bytes.buffer;
    },
    close: () => handle.close(),
  };
}
