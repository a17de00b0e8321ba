import { open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { systemError } from '../../text/system-errors.ts';
import { MachineFault } from '../machine-fault.ts';
import { readFully } from './read-fully.ts';
import { said, type Said } from '../../text/say.ts';

/** A temporary file for what can only be reached by unpacking all that is before it; bytes are put at its end. */
export interface Scratch {
  /** Where the bytes begin. */
  append(bytes: Uint8Array): Promise<number>;
  read(into: Uint8Array, position: number): Promise<void>;
  /** Gives the room back; what is appended later goes into a new file. */
  close(): Promise<void>;
}

/** Makes the file when something is first put into it. Its writer waits for one `append` before the next. */
export function scratchFile(what: Said): Scratch {
  let file: Promise<FileHandle> | null = null;
  let end = 0;
  return {
    async append(bytes) {
      const start = end;
      try {
        file ??= namelessFile();
        const handle = await file;
        // A write may take only a part, on a disk that is nearly full.
        for (let done = 0; done < bytes.length;) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, start + done);
          done += bytesWritten;
        }
      } catch (error) {
        throw noScratch(what, error);
      }
      end += bytes.length;
      return start;
    },
    async read(into, position) {
      await readFully(await file!, into, position);
    },
    async close() {
      const handle = await file?.catch(() => null);
      file = null;
      end = 0;
      await handle?.close();
    },
  };
}

/** A file without a name where the system allows it: it is gone when the process is. */
async function namelessFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `tandem-images-${randomUUID()}`);
  const handle = await open(path, 'w+');
  await rm(path).catch(() => undefined);
  return handle;
}

function noScratch(what: Said, error: unknown): MachineFault {
  const reason = systemError(error)?.reason ?? (error as Error).message;
  return new MachineFault(
    said('{0} cannot be laid down in {1}: {2}.', what, tmpdir(), reason),
    said('Set TMPDIR to a folder with room for them.'),
    'no_scratch',
  );
}
