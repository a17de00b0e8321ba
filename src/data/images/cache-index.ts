import type { Key } from '../columns/key-table.ts';

/** An entry of a cache's index file. */
export interface IndexEntry {
  /** Path, size and time of the image's file, hashed. */
  stamp: Key;
  /** Its bytes, hashed. */
  content: Key;
  /** Number of the record in the pixels file of the same name; null: some file has one for this content. */
  record: number | null;
  /** `checkSum` of the record's pixels. */
  check: number;
}

export const entryBytes = 36;
const noRecord = 0xffff_ffff;

/** Nine little-endian words: stamp, content, record, check, and a check sum of these eight. */
export function encodeEntries(entries: IndexEntry[]): Buffer {
  const bytes = Buffer.alloc(entries.length * entryBytes);
  for (const [index, { stamp, content, record, check }] of entries.entries()) {
    const words = [...stamp, ...content, record ?? noRecord, check];
    const start = index * entryBytes;
    for (const [word, value] of words.entries()) bytes.writeUInt32LE(value, start + word * 4);
    bytes.writeUInt32LE(checkSum(bytes.subarray(start, start + 32)), start + 32);
  }
  return bytes;
}

/** The whole and undamaged entries in the bytes. */
export function decodeEntries(bytes: Buffer): IndexEntry[] {
  const entries: IndexEntry[] = [];
  for (let start = 0; start + entryBytes <= bytes.length; start += entryBytes) {
    const word = (index: number): number => bytes.readUInt32LE(start + index * 4);
    if (word(8) !== checkSum(bytes.subarray(start, start + 32))) continue;
    const record = word(6) === noRecord ? null : word(6);
    entries.push({
      stamp: [word(0), word(1), word(2)],
      content: [word(3), word(4), word(5)],
      record,
      check: word(7),
    });
  }
  return entries;
}

/** A 32-bit check sum of bytes, four at a time: finds torn and overwritten records, not forgeries. */
export function checkSum(bytes: Uint8Array): number {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2);
  let sum = 0x9e37_79b9 ^ bytes.length;
  for (let i = 0; i < words.length; i++) {
    sum = Math.imul(sum ^ words[i]!, 0x85eb_ca6b);
    sum ^= sum >>> 15;
  }
  for (let i = words.length * 4; i < aligned.length; i++) sum = Math.imul(sum ^ aligned[i]!, 0xc2b2_ae35);
  return (sum ^ (sum >>> 13)) >>> 0;
}
