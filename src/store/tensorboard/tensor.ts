import type { ProtoCursor } from './proto-cursor.ts';
import { half } from '../tensors.ts';

/** The number in a TensorProto of one element; undefined for other shapes and for what is no number. */
export function scalarTensor(cursor: ProtoCursor, start: number, end: number): number | undefined {
  let type = 0;
  let content: [start: number, end: number] | null = null;
  let value: number | undefined;
  let count = 0;
  cursor.at = start;
  while (cursor.at < end) {
    const key = cursor.varint();
    const packed = (key & 7) === 2;
    if (key === 8) type = cursor.varint();
    else if (key === 18) {
      if (elementsOf(cursor, cursor.endOfField(end)) !== 1) return undefined;
    } else if (key === 34) {
      const contentEnd = cursor.endOfField(end);
      content = [cursor.at, contentEnd];
      cursor.at = contentEnd;
    } else if (isNumberField(key >> 3)) {
      const limit = packed ? cursor.endOfField(end) : cursor.at + 1;
      while (cursor.at < limit) {
        value = numberOf(cursor, key >> 3, type);
        count++;
      }
    } else cursor.skip(key, end);
  }
  if (content) return contentNumber(cursor, type, content[0], content[1]);
  // A tensor of zeros may leave its only value out.
  return count === 0 && (type === 1 || type === 2) ? 0 : count === 1 ? value : undefined;
}

function numberOf(cursor: ProtoCursor, field: number, type: number): number {
  if (field === 5) return cursor.view.getFloat32((cursor.at += 4) - 4, true);
  if (field === 6) return cursor.view.getFloat64((cursor.at += 8) - 8, true);
  if (field === 13) return fromHalf(type, cursor.varint());
  if (field === 7 || field === 10) return cursor.signed();
  return cursor.varint();
}

function contentNumber(cursor: ProtoCursor, type: number, start: number, end: number): number | undefined {
  const size = end - start;
  if (type === 1 && size === 4) return cursor.view.getFloat32(start, true);
  if (type === 2 && size === 8) return cursor.view.getFloat64(start, true);
  if (type === 3 && size === 4) return cursor.view.getInt32(start, true);
  if (type === 9 && size === 8) return Number(cursor.view.getBigInt64(start, true));
  if ((type === 14 || type === 19) && size === 2) return fromHalf(type, cursor.view.getUint16(start, true));
  return undefined;
}

function elementsOf(cursor: ProtoCursor, end: number): number {
  let elements = 1;
  while (cursor.at < end) {
    const key = cursor.varint();
    if (key !== 18) {
      cursor.skip(key, end);
      continue;
    }
    const dimEnd = cursor.endOfField(end);
    let size = 0;
    while (cursor.at < dimEnd) {
      const inner = cursor.varint();
      if (inner === 8) size = cursor.signed();
      else cursor.skip(inner, dimEnd);
    }
    elements *= size;
  }
  return elements;
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
