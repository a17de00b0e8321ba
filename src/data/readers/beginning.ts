import { basename } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { HumanError } from '../../protocol/human-error.ts';
import { firstBytesLength, lookAtFirstBytes } from '../../text/first-bytes.ts';
import { damaged, openForReading } from './file-errors.ts';
import { said } from '../../text/say.ts';

export interface Beginning {
  /** The first bytes, after unpacking. */
  bytes: Buffer;
  /** Whether the file is compressed by gzip, which its readers unpack. */
  isPacked: boolean;
}

/**
 * The beginning of a list or shard as its readers see it. A HumanError (`bad_file`) says what the file is when none of them reads such
 * a file.
 */
export async function beginningOf(file: string): Promise<Beginning> {
  const written = await firstBytesOf(file);
  const isPacked = isGzip(written);
  const bytes = isPacked ? unpackedStart(file, written) : written;
  const found = lookAtFirstBytes(bytes);
  // An empty list is told by its reader, which knows what should be in it.
  if (found && found.kind !== 'empty')
    throw new HumanError(
      said('{0} is {1}{2}.', basename(file), isPacked ? said('compressed (gzip) and ') : '', found.what),
      found.todo,
      'bad_file',
    );
  return { bytes, isPacked };
}

/** Whether a file begins as gzip does. */
export function isGzip(start: Uint8Array): boolean {
  return lookAtFirstBytes(start)?.kind === 'gzip';
}

async function firstBytesOf(file: string): Promise<Buffer> {
  const handle = await openForReading(file);
  try {
    const start = Buffer.alloc(firstBytesLength);
    const { bytesRead } = await handle.read(start, 0, start.length, 0);
    return start.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function unpackedStart(file: string, packed: Buffer): Buffer {
  try {
    return gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, firstBytesLength);
  } catch (error) {
    throw damaged(file, error);
  }
}
