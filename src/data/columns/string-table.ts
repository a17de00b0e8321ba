import type { Hash } from 'node:crypto';
import { t } from '../../text/say.ts';

/**
 * Strings kept once each, as UTF-8 in one buffer: an id is 4 bytes, a string its text plus 4 bytes. While the table grows
 * there is also a hash table of 8 to 32 bytes a string, which `finish` drops.
 */
export class StringTable {
  private text = Buffer.allocUnsafe(1 << 16);
  /** Where string i ends in `text`; it starts where the one before ends. */
  private ends = new Uint32Array(1 << 10);
  private slots: Int32Array | null = new Int32Array(1 << 11).fill(-1);
  private size = 0;

  get count(): number {
    return this.size;
  }

  /** Bytes that the table keeps. */
  get bytes(): number {
    return this.text.length + this.ends.byteLength + (this.slots?.byteLength ?? 0);
  }

  /** The id of the string, in order of first appearance: 0, 1, 2... */
  intern(value: string): number {
    const slots = this.slots;
    if (!slots) throw new Error('The table of strings is finished.');
    const start = this.start(this.size);
    this.reserve(start + value.length * 3);
    const end = this.write(value, start);
    let slot = this.hash(start, end) & (slots.length - 1);
    for (let id = slots[slot]!; id >= 0; id = slots[slot]!) {
      if (this.equals(id, start, end)) return id;
      slot = (slot + 1) & (slots.length - 1);
    }
    if (this.size === this.ends.length) this.ends = grown(this.ends);
    slots[slot] = this.size;
    this.ends[this.size] = end;
    if (++this.size * 2 > slots.length) this.rehash();
    return this.size - 1;
  }

  get(id: number): string {
    return this.text.toString('utf8', this.start(id), this.ends[id]);
  }

  /** Puts all strings and their order into a hash. */
  hashInto(hash: Hash): void {
    hash.update(this.text.subarray(0, this.start(this.size)));
    hash.update(this.ends.subarray(0, this.size));
  }

  /** No more strings come: gives back the memory that only growing needed. */
  finish(): void {
    this.slots = null;
    this.text = Buffer.from(this.text.subarray(0, this.start(this.size)));
    this.ends = this.ends.slice(0, this.size);
  }

  private start(id: number): number {
    return id === 0 ? 0 : this.ends[id - 1]!;
  }

  /** Writes the string at `start` as UTF-8 and returns its end. Most text is ASCII, which a loop writes faster than a call. */
  private write(value: string, start: number): number {
    const { text } = this;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) return start + text.write(value, start);
      text[start + i] = code;
    }
    return start + value.length;
  }

  private reserve(bytes: number): void {
    if (bytes <= this.text.length) return;
    if (bytes > 0xffff_ffff) throw new Error(t('More than 4 GiB of text.'));
    const larger = Buffer.allocUnsafe(Math.min(Math.max(bytes, this.text.length * 2), 0xffff_ffff));
    this.text.copy(larger);
    this.text = larger;
  }

  private hash(start: number, end: number): number {
    let hash = 0x811c_9dc5;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ this.text[i]!, 0x0100_0193);
    return (hash ^ (hash >>> 15)) >>> 0;
  }

  private equals(id: number, start: number, end: number): boolean {
    const other = this.start(id);
    if (this.ends[id]! - other !== end - start) return false;
    for (let i = start, j = other; i < end; i++, j++) if (this.text[i] !== this.text[j]) return false;
    return true;
  }

  private rehash(): void {
    const slots = new Int32Array(this.slots!.length * 4).fill(-1);
    for (let id = 0; id < this.size; id++) {
      let slot = this.hash(this.start(id), this.ends[id]!) & (slots.length - 1);
      while (slots[slot]! >= 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = id;
    }
    this.slots = slots;
  }
}

function grown(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(column.length * 2);
  larger.set(column);
  return larger;
}
