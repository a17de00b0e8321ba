import { stat } from 'node:fs/promises';
import { parquetMetadataAsync } from 'hyparquet';
import type { IntColumn } from '../columns/int-column.ts';
import type { ImageSource } from '../pair-set.ts';
import { byLibrary } from './file-errors.ts';
import { readRowGroup } from './parquet-rows.ts';
import { randomAccess } from './random-access.ts';
import { scratchFile } from './scratch.ts';
import { said, t } from '../../text/say.ts';

export interface ParquetPlaces {
  files: string[];
  /** Row groups of all files. */
  groups: { file: number; group: number }[];
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
  const scratch = scratchFile(said('Images of a Parquet file'));
  let queue: Promise<unknown> = Promise.resolve();

  /** Where the image of each row of the group begins in the scratch file, and where the last one ends. */
  const spill = async (place: number): Promise<Float64Array> => {
    const { file: index, group } = places.groups[place]!;
    const path = places.files[index]!;
    const file = await randomAccess(path);
    try {
      const metadata = await byLibrary(path, () => parquetMetadataAsync(file));
      const rows = await readRowGroup({ file, path, metadata, group, columns: [column], utf8: false });
      const starts = new Float64Array(rows.length + 1);
      for (const [row, value] of rows.entries()) {
        const bytes = bytesOf(value[column]);
        starts[row] = await scratch.append(bytes);
        starts[row + 1] = starts[row]! + bytes.length;
      }
      return starts;
    } finally {
      await file.close();
    }
  };

  return {
    async load(imageId) {
      const group = groupOf[imageId]!;
      let found = spilled.get(group);
      if (!found) {
        // One after the other: two groups in memory at once would be twice the memory.
        found = queue.then(() => spill(group));
        queue = found.catch(() => undefined);
        spilled.set(group, found);
      }
      const starts = await found;
      const row = rowOf[imageId]!;
      const bytes = Buffer.allocUnsafe(starts[row + 1]! - starts[row]!);
      if (bytes.length === 0) throw new Error(t('its row has no bytes in {0}', column));
      await scratch.read(bytes, starts[row]!);
      return bytes;
    },
    async stamp(imageId) {
      const { file } = places.groups[groupOf[imageId]!]!;
      const { size, mtimeNs } = await stat(places.files[file]!, { bigint: true });
      return `${places.files[file]!}\n${size}\n${mtimeNs}\n${column}\n${groupOf[imageId]!}\n${rowOf[imageId]!}`;
    },
    async close() {
      await queue;
      spilled.clear();
      await scratch.close();
    },
    bytes: 8 * groupOf.length,
  };
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'object' && value !== null && 'bytes' in value) return bytesOf(value.bytes);
  return new Uint8Array(0);
}
