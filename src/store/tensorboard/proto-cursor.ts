/** Reads the wire format of protocol buffers in a buffer, from a place that moves on. */
export class ProtoCursor {
  bytes: Buffer = Buffer.alloc(0);
  view = new DataView(this.bytes.buffer);
  /** Where the next byte is read. */
  at = 0;

  use(buffer: Buffer): void {
    if (this.bytes === buffer) return;
    this.bytes = buffer;
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  /** Unsigned; exact up to 2^53. */
  varint(): number {
    let byte = this.bytes[this.at++]!;
    if (byte < 128) return byte;
    let value = byte & 127;
    let shift = 7;
    do {
      byte = this.bytes[this.at++]!;
      // Bits above 28 by multiplication: shifts work on 32 bits.
      value = shift < 28 ? value | ((byte & 127) << shift) : value + (byte & 127) * 2 ** shift;
      shift += 7;
    } while (byte > 127 && shift < 70);
    return value;
  }

  /** An int64: negative numbers are written as 2^64 minus their size. */
  signed(): number {
    const start = this.at;
    const value = this.varint();
    if (value < 2 ** 53) return value;
    this.at = start;
    let exact = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.bytes[this.at++]!;
      exact |= BigInt(byte & 127) << shift;
      if (byte < 128 || shift > 63n) return Number(BigInt.asIntN(64, exact));
    }
  }

  /** The end of a length-delimited field that starts here. */
  endOfField(limit: number): number {
    const length = this.varint();
    if (this.at + length > limit) throw new RangeError('a field is longer than its message');
    return this.at + length;
  }

  skip(key: number, limit: number): void {
    switch (key & 7) {
      case 0:
        this.varint();
        break;
      case 1:
        this.at += 8;
        break;
      case 2:
        this.at = this.endOfField(limit);
        break;
      case 5:
        this.at += 4;
        break;
      default:
        throw new RangeError('no such wire type');
    }
    if (this.at > limit) throw new RangeError('a field is longer than its message');
  }
}
