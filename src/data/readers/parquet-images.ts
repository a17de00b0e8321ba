import { open, rm, stat, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { systemError } from '../../text/system-errors.ts';
import type { IntColumn } from '../columns/int-column.ts';
import { MachineFault } from '../machine-fault.ts';
import type { ImageSource } from '../pair-set.ts';
import { randomAccess } from './random-access.ts';

export interface ParquetPlaces {
  files: string[];
  groups: { file: number; rowStart: number; rowEnd: number }[];
  /** By image: its row group and the row inside it. */
  groupOf: IntColumn;
  rowOf: IntColumn;
}

/**
 * Images whose bytes lie in a Parquet column. A row can only be reached by decoding its whole row group, and training asks for rows in
 * random order; so a group is decoded once, when its first image is asked for, and its images are laid down in one temporary file.
 * Memory: one row group while it is decoded, and 16 bytes an image.
 */
export function parquetImages(places: ParquetPlaces, column: string): ImageSource {
  const groupOf = places.groupOf.finish();
  const rowOf = places.rowOf.finish();
  const spilled = new Map<number, Promise<Float64Array>>();
  let scratch: Promise<FileHandle> | null = null;
  let end = 0;
  let queue: Promise<unknown> = Promise.resolve();

  /** Where each row's image of the group ends in the scratch file, after where the first begins. */
  const spill = async (group: number): Promise<Float64Array> => {
    const { file, rowStart, rowEnd } = places.groups[group]!;
    const source = await randomAccess(places.files[file]!);
    try {
      const metadata = await parquetMetadataAsync(source);
      const options = {
        file: source,
        metadata,
        columns: [column],
        rowStart,
        rowEnd,
        compressors,
        utf8: false,
      };
      const rows = await parquetReadObjects(options);
      scratch ??= scratchFile();
      const handle = await scratch;
      const ends = new Float64Array(rows.length + 1);
      ends[0] = end;
      for (const [index, row] of rows.entries()) {
        const bytes = bytesOf(row[column]);
        await writeWhole(handle, bytes, end);
        end += bytes.length;
        ends[index + 1] = end;
      }
      return ends;
    } finally {
      await source.close();
    }
  };

  return {
    async load(imageId) {
      const group = groupOf[imageId]!;
      let ends = spilled.get(group);
      if (!ends) {
        // One after the other: two groups in memory at once would be twice the memory.
        ends = queue.then(() => spill(group));
        queue = ends.catch(() => undefined);
        spilled.set(group, ends);
      }
      const places = await ends;
      const row = rowOf[imageId]!;
      const bytes = Buffer.allocUnsafe(places[row + 1]! - places[row]!);
      const handle = await scratch!;
      await handle.read(bytes, 0, bytes.length, places[row]);
      return bytes;
    },
    async stamp(imageId) {
      const { file } = places.groups[groupOf[imageId]!]!;
      const { size, mtimeNs } = await stat(places.files[file]!, { bigint: true });
      return `${places.files[file]!}\n${size}\n${mtimeNs}\n${column}\n${groupOf[imageId]!}\n${rowOf[imageId]!}`;
    },
    async close() {
      const handle = await scratch?.catch(() => null);
      scratch = null;
      spilled.clear();
      end = 0;
      await handle?.close();
    },
    bytes: 8 * groupOf.length,
  };
}

/** A file without a name where the system allows it: it is gone when the process is. */
async function scratchFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `tandem-images-${randomUUID()}`);
  try {
    const handle = await open(path, 'w+');
    await rm(path).catch(() => undefined);
    return handle;
  } catch (error) {
    throw noScratch(error);
  }
}

/** A write may take only a part, on a disk that is nearly full. */
async function writeWhole(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  try {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  } catch (error) {
    throw noScratch(error);
  }
}

function noScratch(error: unknown): MachineFault {
  const reason = systemError(error)?.reason ?? (error as Error).message;
  return new MachineFault(
    `Images of a Parquet file cannot be laid down in ${tmpdir()}: ${reason}.`,
    'Set TMPDIR to a folder with room for them.',
    'no_scratch',
  );
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'object' && value !== null && 'bytes' in value) return bytesOf(value.bytes);
  return new Uint8Array(0);
}
