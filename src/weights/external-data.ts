import { createReadStream } from 'node:fs';

/** How a tensor of an ONNX file says where its numbers lie: an entry with this key (field 1, so many letters), then its value (field 2). */
const location = Buffer.from('\x0a\x08location\x12', 'latin1');
const longestName = 255;

/**
 * Names of the files that an ONNX file says its numbers lie in, as they are called beside it; none where all are in the file itself. It is
 * searched as bytes, in a second a GB: where tensors stand in it differs, and exporters call the files as they like.
 */
export async function dataFilesOf(file: string): Promise<string[]> {
  const names = new Set<string>();
  /** The end of what was read: a key may go over into what comes. */
  let rest: Buffer = Buffer.alloc(0);
  for await (const part of createReadStream(file, { highWaterMark: 1 << 20 })) {
    const bytes = Buffer.concat([rest, part as Buffer]);
    addNames(bytes, names);
    rest = bytes.subarray(-(location.length + 2 + longestName));
  }
  return [...names].sort();
}

function addNames(bytes: Buffer, names: Set<string>): void {
  for (let at = bytes.indexOf(location); at >= 0; at = bytes.indexOf(location, at + 1)) {
    let start = at + location.length;
    let length = bytes[start++] ?? 0;
    if (length > 127) length = (length & 127) | ((bytes[start++] ?? 0) << 7);
    const name = bytes.subarray(start, start + length);
    // What is cut off here is whole at the beginning of the next part.
    if (length > 0 && name.length === length) names.add(name.toString('utf8'));
  }
}
