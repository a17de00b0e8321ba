import { open, type FileHandle } from 'node:fs/promises';
import { systemError } from '../../text/system-errors.ts';
import { encodeEntries, type IndexEntry } from './cache-index.ts';
import { textOf } from '../../text/say.ts';

export interface CacheWriter {
  /** Appends a record (or, without pixels, only an entry) and resolves with its number when both are written. */
  add(entry: IndexEntry, pixels: Uint8Array | null): Promise<number | null>;
  problem(): string | null;
  close(): Promise<void>;
}

interface Waiting {
  entry: IndexEntry;
  pixels: Uint8Array | null;
  done: (record: number | null) => void;
  failed: (error: Error) => void;
}

/**
 * Appends to `<path>.pixels` and then to `<path>.index`, whatever waits at once, so that an entry never stands for pixels that are not yet
 * written. The files are made when the first record comes: a run that finds everything in the cache leaves none.
 */
export function cacheWriter(path: string, recordBytes: number): CacheWriter {
  let waiting: Waiting[] = [];
  let working: Promise<void> | null = null;
  let handles: { pixels: FileHandle; index: FileHandle } | null = null;
  let records = 0;
  let indexEnd = 0;
  let problem: string | null = null;

  const writeDown = async (batch: Waiting[]): Promise<void> => {
    handles ??= { pixels: await open(`${path}.pixels`, 'w'), index: await open(`${path}.index`, 'w') };
    const withPixels = batch.filter(({ pixels }) => pixels !== null);
    const pixels = withPixels.map((one) => one.pixels!);
    if (pixels.length > 0) await writeAll(handles.pixels, pixels, records * recordBytes);
    let next = records;
    const entries = batch.map(({ entry, pixels }) => ({ ...entry, record: pixels ? next++ : null }));
    const bytes = encodeEntries(entries);
    await writeAll(handles.index, [bytes], indexEnd);
    records = next;
    indexEnd += bytes.length;
    for (const [i, { done }] of batch.entries()) done(entries[i]!.record);
  };

  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, 256);
      waiting = waiting.slice(256);
      try {
        if (problem !== null) throw new Error(problem);
        await writeDown(batch);
      } catch (error) {
        problem ??= textOf(systemError(error)?.reason ?? (error as Error).message);
        for (const { failed } of batch) failed(error as Error);
      }
    }
  };

  return {
    add(entry, pixels) {
      return new Promise((done, failed) => {
        waiting.push({ entry, pixels, done, failed });
        working ??= work().finally(() => (working = null));
      });
    },
    problem: () => problem,
    async close() {
      await working;
      await handles?.pixels.close();
      await handles?.index.close();
      handles = null;
    },
  };
}

/** A disk that fills up takes a part without a word, and refuses the rest with the reason. */
async function writeAll(file: FileHandle, parts: Uint8Array[], position: number): Promise<void> {
  let { bytesWritten: written } = await file.writev(parts, position);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (written === length) return;
  const bytes = Buffer.concat(parts);
  while (written < length)
    written += (await file.write(bytes, written, length - written, position + written)).bytesWritten;
}
