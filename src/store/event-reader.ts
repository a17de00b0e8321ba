import { open, stat, type FileHandle } from 'node:fs/promises';
import { asHuman } from './files.ts';
import { isMissing } from '../text/system-errors.ts';

/** Hands on whole lines of a growing file, by byte offset. */
export interface LineTail {
  /**
   * Reads what was appended and calls `onLines` with buffers that end after a newline and the share of the file that is read
   * with them; the buffer is used again afterwards.
   * Answers whether anything came. A torn last line is left for the next call. `onRestart` comes first when the file is
   * another one than last time or shorter than what was read: all earlier lines are void.
   */
  read(
    onLines: (lines: Buffer, share: number) => void,
    onRestart: () => void,
    signal?: AbortSignal,
  ): Promise<boolean>;
  /** Bytes read so far: always the start of a line. */
  offset: number;
}

const chunkBytes = 1 << 22;

/** A tail that starts at `offset`, which must be the start of a line. */
export function tailLines(file: string, offset = 0): LineTail {
  let inode: number | null = null;
  const tail: LineTail = {
    offset,
    async read(onLines, onRestart, signal) {
      const handle = await openOrNull(file);
      if (!handle) return false;
      try {
        const { size, ino } = await handle.stat();
        if (size < tail.offset || (inode !== null && ino !== inode)) {
          tail.offset = 0;
          onRestart();
        }
        inode = ino;
        return await readFrom(handle, size, onLines, signal);
      } finally {
        await handle.close();
      }
    },
  };

  async function readFrom(
    handle: FileHandle,
    size: number,
    onLines: (lines: Buffer, share: number) => void,
    signal?: AbortSignal,
  ): Promise<boolean> {
    let buffer = Buffer.allocUnsafe(Math.max(1, Math.min(chunkBytes, size - tail.offset)));
    let filled = 0;
    let any = false;
    while (tail.offset + filled < size && !signal?.aborted) {
      // A line longer than the buffer: make it larger until the line's end is in it.
      if (filled === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, tail.offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
      const end = buffer.subarray(0, filled).lastIndexOf(10) + 1;
      if (end === 0) continue;
      tail.offset += end;
      any = true;
      onLines(buffer.subarray(0, end), tail.offset / size);
      buffer.copyWithin(0, end, filled);
      filled -= end;
    }
    return any;
  }
  return tail;
}

async function openOrNull(file: string): Promise<FileHandle | null> {
  try {
    // Most calls find nothing new: looking costs less than opening, and a folder that never gets the file costs nothing.
    await stat(file);
    return await open(file, 'r');
  } catch (error) {
    if (isMissing(error)) return null;
    throw asHuman(error, file);
  }
}
