import { createHash } from 'node:crypto';
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Series } from '../protocol/series.ts';
import { emptyRunState, type RunState } from '../protocol/state.ts';
import { toJson, toNumber } from '../protocol/numbers.ts';
import { errorCode, isMissing } from '../text/system-errors.ts';

/**
 * A copy of a run's columns as of some byte of its events file, so that a run of a million steps opens by reading 64 MB of
 * numbers instead of 300 MB of text. Only ever a copy: it may be deleted at any time, and is not believed when the text
 * before that byte is not the one it was made from.
 *
 * Layout: magic (8 bytes), length of the header (u32, little endian), header (JSON), padding to 8, columns of doubles.
 * Columns that several series share are stored once. The file's length and the header's digest must be right.
 */
const magic = Buffer.from('TDMCURV2');

interface Header {
  /** Bytes of the events file that are in here. */
  offset: number;
  fingerprint: string;
  state: Omit<RunState, 'series'>;
  series: {
    name: string;
    superseded: number;
    length: number;
    columns: [steps: number, times: number, values: number];
  }[];
  /** Numbers in each stored column. */
  columns: number[];
}

/** What the cache holds, if it belongs to this events file as it is now; else null. */
export async function readCurveCache(
  cacheFile: string,
  eventsFile: string,
): Promise<{ state: RunState; offset: number } | null> {
  const handle = await openOrNull(cacheFile);
  if (!handle) return null;
  try {
    const found = await readHeader(handle);
    if (!found) return null;
    const { header, start } = found;
    if ((await fingerprintOf(eventsFile, header.offset)) !== header.fingerprint) return null;
    const columns: Float64Array[] = [];
    let at = start;
    for (const length of header.columns) {
      const column = new Float64Array(length);
      if (!(await readFully(handle, new Uint8Array(column.buffer), at))) return null;
      columns.push(column);
      at += column.byteLength;
    }
    return { state: stateOf(header, columns), offset: header.offset };
  } finally {
    await handle.close();
  }
}

/** Writes the cache aside and renames it. A disk that is full or read-only is no failure: the cache is then just not there. */
export async function writeCurveCache(
  cacheFile: string,
  eventsFile: string,
  state: RunState,
  offset: number,
): Promise<boolean> {
  const fingerprint = await fingerprintOf(eventsFile, offset);
  if (fingerprint === null) return false;
  const aside = join(dirname(cacheFile), `.${basename(cacheFile)}.${process.pid}.${(asides++).toString(36)}`);
  // Everything is taken here, before the first wait: the state goes on growing meanwhile, but never in these first points.
  const { header, columns } = layOut(state, offset, fingerprint);
  try {
    const handle = await open(aside, 'w');
    try {
      await handle.write(encodeHeader(header));
      for (const column of columns)
        await handle.write(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
    } finally {
      await handle.close();
    }
    await rename(aside, cacheFile);
    return true;
  } catch {
    await rm(aside, { force: true }).catch(() => undefined);
    return false;
  }
}
let asides = 0;

function layOut(
  state: RunState,
  offset: number,
  fingerprint: string,
): { header: Header; columns: Float64Array[] } {
  const columns: Float64Array[] = [];
  const place = (column: Float64Array, length: number): number => {
    const trimmed = column.subarray(0, length);
    const same = columns.findIndex((other) => other.length === length && sameNumbers(other, trimmed));
    return same >= 0 ? same : columns.push(trimmed) - 1;
  };
  const series = [...state.series].map(([name, { superseded, length, steps, times, values }]) => ({
    name,
    superseded,
    length,
    columns: [place(steps, length), place(times, length), place(values, length)] as [number, number, number],
  }));
  const { marks, notes, findings, started, preparing, ended, step, time, skippedSteps, chance } = state;
  const rest = { marks, notes, findings, started, preparing, ended, step, time, skippedSteps, chance };
  return {
    header: { offset, fingerprint, state: rest, series, columns: columns.map((column) => column.length) },
    columns,
  };
}

function stateOf(header: Header, columns: Float64Array[]): RunState {
  const state: RunState = { ...emptyRunState(), ...header.state };
  const owned = new Set<number>();
  for (const { name, superseded, length, columns: places } of header.series) {
    const [steps, times, values] = places.map((place) => columns[place]!) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const series: Series = { length, steps, times, values, superseded };
    // A column that is another's too must not be written through this series.
    if (places.slice(0, 2).some((place) => owned.has(place))) series.shared = true;
    if (owned.has(places[2])) series.values = values.slice();
    for (const place of places) owned.add(place);
    state.series.set(name, series);
  }
  return state;
}

function encodeHeader(header: Header): Buffer {
  const json = Buffer.from(toJson(header));
  const digest = createHash('sha256').update(json).digest();
  const length = magic.length + 4 + 32 + json.length;
  const bytes = Buffer.alloc(Math.ceil(length / 8) * 8, ' ');
  magic.copy(bytes);
  bytes.writeUInt32LE(bytes.length - 44, 8);
  digest.copy(bytes, 12);
  json.copy(bytes, 44);
  return bytes;
}

async function readHeader(handle: FileHandle): Promise<{ header: Header; start: number } | null> {
  const { size } = await handle.stat();
  const prefix = Buffer.alloc(44);
  if (!(await readFully(handle, prefix, 0)) || !prefix.subarray(0, 8).equals(magic)) return null;
  const length = prefix.readUInt32LE(8);
  if (44 + length > size) return null;
  const text = Buffer.alloc(length);
  if (!(await readFully(handle, text, 44))) return null;
  const json = text.toString('utf8').trimEnd();
  if (!createHash('sha256').update(json).digest().equals(prefix.subarray(12))) return null;
  const header = JSON.parse(json, (_key, value: unknown) =>
    typeof value === 'string' ? (toNumber(value) ?? value) : value,
  ) as Header;
  const bytes = header.columns.reduce((sum, column) => sum + 8 * column, 0);
  return size === 44 + length + bytes ? { header, start: 44 + length } : null;
}

/** Tells whether the first `offset` bytes are those that were read: their number, the first and the last few thousand. */
async function fingerprintOf(file: string, offset: number): Promise<string | null> {
  const handle = await openOrNull(file);
  if (!handle) return null;
  try {
    if ((await handle.stat()).size < offset) return null;
    const hash = createHash('sha256').update(String(offset));
    const piece = Buffer.alloc(Math.min(4096, offset));
    for (const position of [0, offset - piece.length]) {
      if (!(await readFully(handle, piece, position))) return null;
      hash.update(piece);
    }
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}

async function openOrNull(file: string): Promise<FileHandle | null> {
  try {
    await stat(file);
    return await open(file, 'r');
  } catch (error) {
    if (isMissing(error) || errorCode(error) === 'EACCES') return null;
    throw error;
  }
}

async function readFully(handle: FileHandle, into: Uint8Array, position: number): Promise<boolean> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await handle.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) return false;
    done += bytesRead;
  }
  return true;
}

function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  if (a.buffer === b.buffer && a.byteOffset === b.byteOffset) return true;
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  );
}
