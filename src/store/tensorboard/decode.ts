import { ProtoCursor } from './proto-cursor.ts';
import { scalarTensor } from './tensor.ts';

/** What a decoder finds. Steps as numbers, times in Unix ms. */
export interface EventSink {
  scalar(tag: TagPoints, step: number, time: number, value: number): void;
  /** The writer says that it starts at `step`: what was written of that step and later is void. */
  start(step: number, time: number): void;
}

/** One tag of one file, as its decoder knows it. */
export interface TagPoints {
  name: string;
  /** UTF-8. */
  bytes: Uint8Array;
  /** Plugin that the first record named; null when none did. */
  plugin: string | null;
  /** The tag that stood after this one last time: most files repeat their tags in one order. */
  next: TagPoints | null;
}

export interface Decoder {
  /** Decodes the Event message in `bytes[start, end)` of the buffer last given to `use`. RangeError when it is malformed. */
  event(start: number, end: number): void;
  /** The buffer that the next events stand in. */
  use(buffer: Buffer): void;
}

/**
 * Reads the messages of tensorflow/core/util/event.proto by hand: six million of them have to pass in about a second.
 * Scalars are `simple_value`, or tensors with one number whose tag was said to be a scalar (or nothing was said).
 */
export function createDecoder<Tag extends TagPoints>(
  makeTag: (name: string, bytes: Uint8Array) => Tag,
  sink: { scalar(tag: Tag, step: number, time: number, value: number): void; start: EventSink['start'] },
): Decoder {
  const tags = new Map<string, Tag>();
  let last: Tag | null = null;
  const cursor = new ProtoCursor();

  function event(start: number, end: number): void {
    let time = 0;
    let step = 0;
    let summaryStart = -1;
    let summaryEnd = -1;
    let status = 0;
    cursor.at = start;
    while (cursor.at < end) {
      const key = cursor.varint();
      if (key === 9) {
        time = cursor.view.getFloat64(cursor.at, true) * 1000;
        cursor.at += 8;
      } else if (key === 16) step = cursor.signed();
      else if (key === 42) {
        const limit = cursor.endOfField(end);
        // A message may come in pieces; what is in this one is read before the next.
        if (summaryStart >= 0) summary(summaryStart, summaryEnd, step, time);
        summaryStart = cursor.at;
        summaryEnd = cursor.at = limit;
      } else if (key === 58) status = sessionStatus(cursor.endOfField(end));
      else cursor.skip(key, end);
    }
    if (cursor.at !== end) throw new RangeError('a field is longer than its message');
    if (status === 1) sink.start(step, time);
    if (summaryStart >= 0) summary(summaryStart, summaryEnd, step, time);
  }

  function sessionStatus(end: number): number {
    let status = 0;
    while (cursor.at < end) {
      const key = cursor.varint();
      if (key === 8) status = cursor.varint();
      else cursor.skip(key, end);
    }
    return status;
  }

  function summary(start: number, end: number, step: number, time: number): void {
    cursor.at = start;
    while (cursor.at < end) {
      const key = cursor.varint();
      if (key === 10) summaryValue(cursor.endOfField(end), step, time);
      else cursor.skip(key, end);
    }
  }

  function summaryValue(end: number, step: number, time: number): void {
    let tagStart = 0;
    let tagEnd = 0;
    let value = 0;
    let found = false;
    let tensorStart = -1;
    let tensorEnd = 0;
    let plugin: string | null = null;
    while (cursor.at < end) {
      const key = cursor.varint();
      if (key === 10) {
        tagEnd = cursor.endOfField(end);
        tagStart = cursor.at;
        cursor.at = tagEnd;
      } else if (key === 21) {
        value = cursor.view.getFloat32(cursor.at, true);
        cursor.at += 4;
        found = true;
      } else if (key === 66) {
        tensorEnd = cursor.endOfField(end);
        tensorStart = cursor.at;
        cursor.at = tensorEnd;
      } else if (key === 74) plugin = pluginName(cursor.endOfField(end));
      else cursor.skip(key, end);
    }
    if (cursor.at > end) throw new RangeError('a field is longer than its message');
    if (!found && tensorStart < 0) return;
    const tag = tagAt(tagStart, tagEnd);
    tag.plugin ??= plugin;
    if (!found && (tag.plugin === null || tag.plugin === 'scalars')) {
      const number = scalarTensor(cursor, tensorStart, tensorEnd);
      cursor.at = end;
      if (number === undefined) return;
      value = number;
      found = true;
    }
    if (found) sink.scalar(tag, step, time, value);
  }

  function pluginName(end: number): string | null {
    let name: string | null = null;
    while (cursor.at < end) {
      const key = cursor.varint();
      if (key !== 10) {
        cursor.skip(key, end);
        continue;
      }
      const dataEnd = cursor.endOfField(end);
      while (cursor.at < dataEnd) {
        const inner = cursor.varint();
        if (inner === 10) {
          const nameEnd = cursor.endOfField(dataEnd);
          name = cursor.bytes.toString('utf8', cursor.at, nameEnd);
          cursor.at = nameEnd;
        } else cursor.skip(inner, dataEnd);
      }
    }
    return name;
  }

  function tagAt(start: number, end: number): Tag {
    const guess = last?.next as Tag | null | undefined;
    if (guess && sameBytes(guess.bytes, start, end)) return (last = guess);
    const name = cursor.bytes.toString('utf8', start, end);
    let tag = tags.get(name);
    if (!tag) tags.set(name, (tag = makeTag(name, Uint8Array.from(cursor.bytes.subarray(start, end)))));
    if (last) last.next = tag;
    return (last = tag);
  }

  function sameBytes(known: Uint8Array, start: number, end: number): boolean {
    if (known.length !== end - start) return false;
    for (let i = 0; i < known.length; i++) if (known[i] !== cursor.bytes[start + i]) return false;
    return true;
  }

  return { event, use: (buffer) => cursor.use(buffer) };
}
