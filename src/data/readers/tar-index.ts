import type { FileHandle } from 'node:fs/promises';

/** A file inside a tar: its bytes are `length` bytes at `offset` of the archive. */
export interface TarMember {
  name: string;
  offset: number;
  length: number;
}

export interface TarIndex {
  members: TarMember[];
  /** What is wrong with the end of the archive, and which member it cut; null when it ends as it should. */
  cut: { reason: string; member: string | null } | null;
}

const block = 512;
const windowBytes = 1 << 16;

/**
 * Lists the files of a tar (ustar, GNU and pax names) by jumping from header to header: the images themselves are not read.
 * Throws when the first header is none.
 */
export async function indexTar(handle: FileHandle, size: number): Promise<TarIndex> {
  const members: TarMember[] = [];
  const read = windowReader(handle, size);
  let longName: string | null = null;
  let at = 0;
  for (;;) {
    if (at + block > size) {
      const isWhole = at === size && longName === null;
      return { members, cut: isWhole ? null : { reason: 'it ends early', member: longName } };
    }
    const header = await read(at, block);
    if (header.every((byte) => byte === 0)) return { members, cut: null };
    if (!checksumFits(header)) {
      if (at === 0) throw new Error('no tar archive');
      return { members, cut: { reason: `it is damaged at byte ${at}`, member: null } };
    }
    const length = numberAt(header, 124, 12);
    const type = String.fromCharCode(header[156]! || 48);
    const name: string = longName ?? nameOf(header);
    const offset = at + block;
    const end = offset + Math.ceil(length / block) * block;
    if (end > size) return { members, cut: { reason: 'it ends early', member: name } };
    if (type === 'L') longName = text(await read(offset, length));
    else if (type === 'x') longName = paxPath(await read(offset, length)) ?? longName;
    else {
      if (type === '0' || type === '7') members.push({ name, offset, length });
      longName = null;
    }
    at = end;
  }
}

/** Reads small pieces through a window of 64 KiB, so that headers close together cost one read. */
function windowReader(handle: FileHandle, size: number): (at: number, length: number) => Promise<Buffer> {
  let window = Buffer.alloc(0);
  let start = 0;
  return async (at, length) => {
    if (at < start || at + length > start + window.length) {
      const wanted = Math.min(Math.max(length, windowBytes), size - at);
      const buffer = Buffer.allocUnsafe(wanted);
      const { bytesRead } = await handle.read(buffer, 0, wanted, at);
      window = buffer.subarray(0, bytesRead);
      start = at;
    }
    return window.subarray(at - start, at - start + length);
  };
}

function nameOf(header: Buffer): string {
  const name = text(header.subarray(0, 100));
  const isUstar = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? text(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Text up to the first zero byte. */
function text(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

/** Octal digits, or GNU's base 256 for sizes from 8 GiB. */
function numberAt(header: Buffer, at: number, length: number): number {
  if (header[at]! & 0x80) {
    let value = 0;
    for (let i = at + 1; i < at + length; i++) value = value * 256 + header[i]!;
    return value;
  }
  return parseInt(text(header.subarray(at, at + length)).trim() || '0', 8);
}

function checksumFits(header: Buffer): boolean {
  let sum = 0;
  for (let i = 0; i < block; i++) sum += i >= 148 && i < 156 ? 32 : header[i]!;
  return sum === numberAt(header, 148, 8);
}

/** The path among pax records (`30 path=name\n`), if there is one. */
function paxPath(records: Buffer): string | null {
  let at = 0;
  let path: string | null = null;
  while (at < records.length) {
    const space = records.indexOf(32, at);
    const length = Number(records.toString('latin1', at, space));
    if (space < 0 || !(length > 0)) break;
    const record = records.toString('utf8', space + 1, at + length - 1);
    if (record.startsWith('path=')) path = record.slice(5);
    at += length;
  }
  return path;
}
