/** Everything in a tar stands in blocks of this size. */
export const blockBytes = 512;

/** What a header says of its member. */
export interface TarFields {
  name: string;
  link: string;
  length: number;
  /** `0` for a file, `1` a hard link, `2` a symbolic one, `x`, `L` and `K` for what is said of the next member. */
  type: string;
}

export function archiveFields(header: Buffer): TarFields {
  return {
    name: nameOf(header),
    link: textUpToZero(header.subarray(157, 257)),
    length: numberAt(header, 124, 12),
    type: String.fromCharCode(header[156]! || 48),
  };
}

/** Whether a block is a header: its checksum fits. */
export function isHeader(block: Buffer): boolean {
  let sum = 0;
  for (let i = 0; i < blockBytes; i++) sum += i >= 148 && i < 156 ? 32 : block[i]!;
  return sum === numberAt(block, 148, 8);
}

export function textUpToZero(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

/** What pax records (`30 path=name\n`) say of the next member. */
export function paxRecords(records: Buffer): { name?: string; link?: string; size?: number } {
  const found: { name?: string; link?: string; size?: number } = {};
  for (let at = 0; at < records.length;) {
    const space = records.indexOf(32, at);
    const length = Number(records.toString('latin1', at, space));
    if (space < 0 || !(length > 0)) break;
    const record = records.toString('utf8', space + 1, at + length - 1);
    if (record.startsWith('path=')) found.name = record.slice(5);
    if (record.startsWith('linkpath=')) found.link = record.slice(9);
    if (/^size=\d+$/.test(record)) found.size = Number(record.slice(5));
    at += length;
  }
  return found;
}

function nameOf(header: Buffer): string {
  const name = textUpToZero(header.subarray(0, 100));
  const isUstar = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? textUpToZero(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Octal digits, or GNU's base 256 for sizes from 8 GiB. */
function numberAt(header: Buffer, at: number, length: number): number {
  if (header[at]! & 0x80) {
    let value = 0;
    for (let i = at + 1; i < at + length; i++) value = value * 256 + header[i]!;
    return value;
  }
  return parseInt(textUpToZero(header.subarray(at, at + length)).trim() || '0', 8);
}
