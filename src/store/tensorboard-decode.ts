import { half } from './tensors.ts';

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
  let bytes: Buffer = Buffer.alloc(0);
  let view = new DataView(bytes.buffer);
  /** Where the next byte is read. */
  let at = 0;

  function use(buffer: Buffer): void {
    if (bytes === buffer) return;
    bytes = buffer;
    view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  /** Unsigned; exact up to 2^53. */
  function varint(): number {
    let byte = bytes[at++]!;
    if (byte < 128) return byte;
    let value = byte & 127;
    let shift = 7;
    do {
      byte = bytes[at++]!;
      // Bits above 28 by multiplication: shifts work on 32 bits.
      value = shift < 28 ? value | ((byte & 127) << shift) : value + (byte & 127) * 2 ** shift;
      shift += 7;
    } while (byte > 127 && shift < 70);
    return value;
  }

  /** An int64: negative numbers are written as 2^64 minus their size. */
  function signed(): number {
    const start = at;
    const value = varint();
    if (value < 2 ** 53) return value;
    at = start;
    let exact = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      exact |= BigInt(byte & 127) << shift;
      if (byte < 128 || shift > 63n) return Number(BigInt.asIntN(64, exact));
    }
  }

  /** The end of a length-delimited field that starts here. */
  function endOfField(limit: number): number {
    const length = varint();
    if (at + length > limit) throw new RangeError('a field is longer than its message');
    return at + length;
  }

  function skip(key: number, limit: number): void {
    switch (key & 7) {
      case 0:
        varint();
        break;
      case 1:
        at += 8;
        break;
      case 2:
        at = endOfField(limit);
        break;
      case 5:
        at += 4;
        break;
      default:
        throw new RangeError('no such wire type');
    }
    if (at > limit) throw new RangeError('a field is longer than its message');
  }

  function event(start: number, end: number): void {
    let time = 0;
    let step = 0;
    let summaryStart = -1;
    let summaryEnd = -1;
    let status = 0;
    at = start;
    while (at < end) {
      const key = varint();
      if (key === 9) {
        time = view.getFloat64(at, true) * 1000;
        at += 8;
      } else if (key === 16) step = signed();
      else if (key === 42) {
        const limit = endOfField(end);
        // A message may come in pieces; what is in this one is read before the next.
        if (summaryStart >= 0) summary(summaryStart, summaryEnd, step, time);
        summaryStart = at;
        summaryEnd = at = limit;
      } else if (key === 58) status = sessionStatus(endOfField(end));
      else skip(key, end);
    }
    if (at !== end) throw new RangeError('a field is longer than its message');
    if (status === 1) sink.start(step, time);
    if (summaryStart >= 0) summary(summaryStart, summaryEnd, step, time);
  }

  function sessionStatus(end: number): number {
    let status = 0;
    while (at < end) {
      const key = varint();
      if (key === 8) status = varint();
      else skip(key, end);
    }
    return status;
  }

  function summary(start: number, end: number, step: number, time: number): void {
    at = start;
    while (at < end) {
      const key = varint();
      if (key === 10) summaryValue(endOfField(end), step, time);
      else skip(key, end);
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
    while (at < end) {
      const key = varint();
      if (key === 10) {
        tagEnd = endOfField(end);
        tagStart = at;
        at = tagEnd;
      } else if (key === 21) {
        value = view.getFloat32(at, true);
        at += 4;
        found = true;
      } else if (key === 66) {
        tensorEnd = endOfField(end);
        tensorStart = at;
        at = tensorEnd;
      } else if (key === 74) plugin = pluginName(endOfField(end));
      else skip(key, end);
    }
    if (at > end) throw new RangeError('a field is longer than its message');
    if (!found && tensorStart < 0) return;
    const tag = tagAt(tagStart, tagEnd);
    tag.plugin ??= plugin;
    if (!found && (tag.plugin === null || tag.plugin === 'scalars')) {
      const number = scalarTensor(tensorStart, tensorEnd);
      at = end;
      if (number === undefined) return;
      value = number;
      found = true;
    }
    if (found) sink.scalar(tag, step, time, value);
  }

  function pluginName(end: number): string | null {
    let name: string | null = null;
    while (at < end) {
      const key = varint();
      if (key !== 10) {
        skip(key, end);
        continue;
      }
      const dataEnd = endOfField(end);
      while (at < dataEnd) {
        const inner = varint();
        if (inner === 10) {
          const nameEnd = endOfField(dataEnd);
          name = bytes.toString('utf8', at, nameEnd);
          at = nameEnd;
        } else skip(inner, dataEnd);
      }
    }
    return name;
  }

  /** The number in a TensorProto of one element; undefined for other shapes and for what is no number. */
  function scalarTensor(start: number, end: number): number | undefined {
    let type = 0;
    let content: [start: number, end: number] | null = null;
    let value: number | undefined;
    let count = 0;
    at = start;
    while (at < end) {
      const key = varint();
      const packed = (key & 7) === 2;
      if (key === 8) type = varint();
      else if (key === 18) {
        if (elementsOf(endOfField(end)) !== 1) return undefined;
      } else if (key === 34) {
        const contentEnd = endOfField(end);
        content = [at, contentEnd];
        at = contentEnd;
      } else if (isNumberField(key >> 3)) {
        const limit = packed ? endOfField(end) : at + 1;
        while (at < limit) {
          value = numberOf(key >> 3, type);
          count++;
        }
      } else skip(key, end);
    }
    if (content) return contentNumber(type, content[0], content[1]);
    // A tensor of zeros may leave its only value out.
    return count === 0 && (type === 1 || type === 2) ? 0 : count === 1 ? value : undefined;
  }

  function numberOf(field: number, type: number): number {
    if (field === 5) return view.getFloat32((at += 4) - 4, true);
    if (field === 6) return view.getFloat64((at += 8) - 8, true);
    if (field === 13) return fromHalf(type, varint());
    if (field === 7 || field === 10) return signed();
    return varint();
  }

  function contentNumber(type: number, start: number, end: number): number | undefined {
    const size = end - start;
    if (type === 1 && size === 4) return view.getFloat32(start, true);
    if (type === 2 && size === 8) return view.getFloat64(start, true);
    if (type === 3 && size === 4) return view.getInt32(start, true);
    if (type === 9 && size === 8) return Number(view.getBigInt64(start, true));
    if ((type === 14 || type === 19) && size === 2) return fromHalf(type, view.getUint16(start, true));
    return undefined;
  }

  function elementsOf(end: number): number {
    let elements = 1;
    while (at < end) {
      const key = varint();
      if (key !== 18) {
        skip(key, end);
        continue;
      }
      const dimEnd = endOfField(end);
      let size = 0;
      while (at < dimEnd) {
        const inner = varint();
        if (inner === 8) size = signed();
        else skip(inner, dimEnd);
      }
      elements *= size;
    }
    return elements;
  }

  function tagAt(start: number, end: number): Tag {
    const guess = last?.next as Tag | null | undefined;
    if (guess && sameBytes(guess.bytes, start, end)) return (last = guess);
    const name = bytes.toString('utf8', start, end);
    let tag = tags.get(name);
    if (!tag) tags.set(name, (tag = makeTag(name, Uint8Array.from(bytes.subarray(start, end)))));
    if (last) last.next = tag;
    return (last = tag);
  }

  function sameBytes(known: Uint8Array, start: number, end: number): boolean {
    if (known.length !== end - start) return false;
    for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false;
    return true;
  }

  return { event, use };
}

/** float_val, double_val, int_val, int64_val, bool_val, half_val, uint32_val, uint64_val. */
const isNumberField = (field: number): boolean =>
  (field >= 5 && field <= 7) || field === 10 || field === 11 || field === 13 || field === 16 || field === 17;

/** 14 is bfloat16, the upper half of a 32-bit float; 19 is IEEE half. */
function fromHalf(type: number, bits: number): number {
  if (type !== 14) return half(bits);
  scratch.setUint32(0, bits * 65536);
  return scratch.getFloat32(0);
}
const scratch = new DataView(new ArrayBuffer(4));
