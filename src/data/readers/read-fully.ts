import type { FileHandle } from 'node:fs/promises';
import { t } from '../../text/say.ts';

/** A read may give less than was asked for; a file that was cut meanwhile gives nothing. */
export async function readFully(handle: FileHandle, into: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await handle.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) throw new Error(t('the file is shorter than when it was first read'));
    done += bytesRead;
  }
}
