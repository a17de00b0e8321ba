import { open } from 'node:fs/promises';
import { createColumns, pushPoint, reserve, type Series } from '../../protocol/series.ts';
import { maskedCrc32c } from './crc32c.ts';
import { createDecoder, type TagPoints } from './decode.ts';
import { t } from '../../text/say.ts';

/** The points of one tag in one file, in order of steps. */
export interface FileSeries extends TagPoints {
  series: Series;
  /** Grows when points were taken back: whoever copied the columns has to copy them anew. */
  rewrites: number;
  /** Unix ms of the first and last record, those taken back included. */
  firstTime: number;
  lastTime: number;
}

/** A restart that a file tells of, in words or by a step that goes back. */
export interface Restart {
  /** First step that was written anew. */
  step: number;
  time: number;
  /** Said with SessionLog START: it holds for all tags and files; else for the tag where the step went back. */
  isStated: boolean;
}

/** One event file, read as it grows. */
export interface EventFile {
  path: string;
  series: Map<string, FileSeries>;
  restarts: Restart[];
  /** Why reading stopped for good before the file's end; null while all is well. */
  damage: string | null;
  /** Bytes that were understood. */
  offset: number;
  /** Bytes that the file had when it was last read. */
  size: number;
  /** Reads what was appended, given the file's size now; answers whether anything came. A torn record is left for next time. */
  read(size: number, inode: number): Promise<boolean>;
}

const chunkBytes = 1 << 22;
/** TensorBoard files hold graphs and images, but no record of this size: such a length is damage. */
const longestRecord = 2 ** 30;

export function openEventFile(path: string): EventFile {
  let inode = 0;
  let damagedAtSize = -1;
  /** Bytes behind the record being decoded. */
  let decoded = 0;
  let decoder = newDecoder();
  const file: EventFile = { path, series: new Map(), restarts: [], damage: null, offset: 0, size: 0, read };
  return file;

  function newDecoder(): ReturnType<typeof createDecoder> {
    return createDecoder<FileSeries>(
      (name, bytes) => {
        const tag: FileSeries = {
          name,
          bytes,
          plugin: null,
          next: null,
          series: createColumns(),
          rewrites: 0,
          firstTime: NaN,
          lastTime: -Infinity,
        };
        file.series.set(name, tag);
        return tag;
      },
      { scalar, start },
    );
  }

  function scalar(tag: FileSeries, step: number, time: number, value: number): void {
    const { series } = tag;
    if (series.length === 0) {
      if (Number.isNaN(tag.firstTime)) tag.firstTime = time;
    } else if (step < series.steps[series.length - 1]!) {
      dropFrom(tag, step);
      file.restarts.push({ step, time, isStated: false });
    }
    if (time > tag.lastTime) tag.lastTime = time;
    if (series.length === series.steps.length) reserve(series, expectedLength(series.length));
    pushPoint(series, step, time, value);
  }

  /** How long a series that has this many points at this place of the file will be at its end; memory that is copied once is cheap. */
  function expectedLength(length: number): number {
    const share = decoded / file.size;
    return length < 1024 || share === 0
      ? 2 * length
      : Math.ceil(Math.min(length / share, 16 * length) * 1.05);
  }

  function start(step: number, time: number): void {
    for (const tag of file.series.values()) dropFrom(tag, step);
    file.restarts.push({ step, time, isStated: true });
  }

  async function read(size: number, inodeNow: number): Promise<boolean> {
    const replaced = size < file.offset || (inode !== 0 && inodeNow !== inode);
    inode = inodeNow;
    if (replaced) {
      file.series.clear();
      file.restarts.length = 0;
      file.offset = 0;
      damagedAtSize = -1;
      decoder = newDecoder();
    }
    // Damage may be a write that is under way: looked at again when there is more, else believed.
    if (size === file.offset || size === damagedAtSize) return replaced;
    const before = file.offset;
    file.size = size;
    file.damage = await readRecords(size);
    damagedAtSize = file.damage === null ? -1 : size;
    return replaced || file.offset > before || file.damage !== null;
  }

  /** Decodes whole records from `file.offset` on; answers what is wrong with the next one, if it is not just torn. */
  async function readRecords(size: number): Promise<string | null> {
    const handle = await open(path, 'r');
    try {
      let buffer = Buffer.allocUnsafe(Math.min(chunkBytes, size - file.offset));
      let filled = 0;
      for (;;) {
        const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, file.offset + filled);
        filled += bytesRead;
        const { used, wants, damage } = decodeChunk(buffer, filled);
        file.offset += used;
        if (damage !== null) return t('{0} at byte {1}', damage, file.offset);
        if (bytesRead === 0) return null;
        buffer.copyWithin(0, used, filled);
        filled -= used;
        // Not all of a long record can be there yet: no buffer is made for what may never come.
        if (wants > buffer.length) {
          if (file.offset + wants > size) return null;
          buffer = Buffer.concat([buffer.subarray(0, filled)], wants + 65536);
        }
      }
    } finally {
      await handle.close();
    }
  }

  function decodeChunk(
    buffer: Buffer,
    filled: number,
  ): { used: number; wants: number; damage: string | null } {
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    decoder.use(buffer);
    let at = 0;
    while (at + 12 <= filled) {
      const length = view.getUint32(at, true);
      const data = at + 12;
      const end = data + length;
      if (end + 4 > filled) {
        // Only now does the length's own CRC matter: a wrong length must not be waited for.
        if (maskedCrc32c(buffer, at, at + 8) !== view.getUint32(at + 8, true))
          return { used: at, wants: 0, damage: t('a record with a wrong length') };
        if (length > longestRecord || view.getUint32(at + 4, true) !== 0)
          return { used: at, wants: 0, damage: t('a record of more than 1 GiB') };
        return { used: at, wants: length + 16, damage: null };
      }
      if (maskedCrc32c(buffer, data, end) !== view.getUint32(end, true))
        return { used: at, wants: 0, damage: t('a record with a wrong checksum') };
      decoded = file.offset + at;
      try {
        decoder.event(data, end);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        return { used: at, wants: 0, damage: t('a record that is no TensorBoard event') };
      }
      at = end + 4;
    }
    return { used: at, wants: 0, damage: null };
  }
}

/** Takes back the last points from `step` on (of those older than `before`). */
export function dropFrom(tag: FileSeries, step: number, before = Infinity): void {
  const { series } = tag;
  let length = series.length;
  while (length > 0 && series.steps[length - 1]! >= step && series.times[length - 1]! < before) length--;
  if (length === series.length) return;
  series.superseded += series.length - length;
  series.length = length;
  tag.rewrites++;
}
