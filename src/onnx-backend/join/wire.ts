import protobuf from 'protobufjs';

/** Bytes in pieces, so that gigabytes of weights are copied once, at the end. */
export type Pieces = readonly Uint8Array[];

/** What becomes of the content of a field that holds bytes; null leaves the field out. */
export type Change = (content: Uint8Array) => Pieces | null;

/**
 * A protobuf message with some of its fields changed; all others stay byte for byte, known here or not: models of others have fields of later
 * versions. Fields of numbers cannot be changed.
 */
export function changed(message: Uint8Array, changes: Readonly<Record<number, Change>>): Pieces {
  const pieces: Uint8Array[] = [];
  const reader = protobuf.Reader.create(message);
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const tag = reader.uint32();
    const [number, wireType] = [tag >>> 3, tag & 7];
    const change = wireType === lengthDelimited ? changes[number] : undefined;
    if (change) {
      const made = change(reader.bytes());
      if (made) pieces.push(...field(number, made));
    } else {
      reader.skipType(wireType);
      pieces.push(message.subarray(start, reader.pos));
    }
  }
  return pieces;
}

const lengthDelimited = 2;

/** A field that holds bytes. Messages of a repeated field may stand anywhere: messages are joined by putting their bytes together. */
export function field(number: number, content: Pieces): Pieces {
  const length = content.reduce((sum, piece) => sum + piece.byteLength, 0);
  const head = protobuf.Writer.create()
    .uint32((number << 3) | lengthDelimited)
    .uint32(length)
    .finish();
  return [head, ...content];
}

/** A change of texts. */
export const texts =
  (rename: (text: string) => string): Change =>
  (content) => [Buffer.from(rename(Buffer.from(content).toString('utf8')))];

/** A change inside a message. */
export const inside =
  (changes: Readonly<Record<number, Change>>): Change =>
  (content) =>
    changed(content, changes);

export const leftOut: Change = () => null;
