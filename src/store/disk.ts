import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, isMissing } from '../text/system-errors.ts';

/** Bytes of all files in a folder, or of a file; links count as what they are themselves. 0 when there is nothing. */
export async function bytesIn(path: string): Promise<number> {
  const stats = await orNothing(lstat(path));
  if (!stats?.isDirectory()) return stats?.size ?? 0;
  const names = (await orNothing(readdir(path))) ?? [];
  let bytes = 0;
  // One after the other: a million cached images must not be looked at all at once.
  for (const name of names) bytes += await bytesIn(join(path, name));
  return bytes;
}

/** What went away meanwhile, or may not be looked at, takes no room that could be told. */
async function orNothing<Value>(promise: Promise<Value>): Promise<Value | null> {
  try {
    return await promise;
  } catch (error) {
    if (isMissing(error) || errorCode(error) === 'EACCES') return null;
    throw error;
  }
}
