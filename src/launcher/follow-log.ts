import { open } from 'node:fs/promises';
import { isMissing } from '../text/system-errors.ts';
import { withoutColours } from './trainer-log.ts';

/** What a log has more of. */
export interface LogNews {
  text: string;
  /** The text stands for all that was said before: the log was begun anew, or this is the first of it. */
  isWhole: boolean;
}

/** The end of a log that is shown at first: its beginning may be megabytes ago. */
const firstBytes = 64 * 1024;

/** Reads a log as it grows: each call gives what came since the last one; null when nothing did. */
export function followLog(file: string): () => Promise<LogNews | null> {
  let offset = -1;
  let decoder = new TextDecoder();
  return async () => {
    let handle;
    try {
      handle = await open(file, 'r');
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
    try {
      const { size } = await handle.stat();
      const isWhole = offset < 0 || size < offset;
      if (isWhole) {
        offset = Math.max(0, size - firstBytes);
        decoder = new TextDecoder();
      }
      if (size === offset) return isWhole ? { text: '', isWhole } : null;
      const { buffer, bytesRead } = await handle.read({
        buffer: Buffer.alloc(Math.min(size - offset, 4 * firstBytes)),
        position: offset,
      });
      const isCut = isWhole && offset > 0;
      offset += bytesRead;
      const text = decoder.decode(buffer.subarray(0, bytesRead), { stream: true });
      // The first line of the end is half a line, and may begin within a letter.
      return { text: withoutColours(isCut ? text.slice(text.indexOf('\n') + 1) : text), isWhole };
    } finally {
      await handle.close();
    }
  };
}
