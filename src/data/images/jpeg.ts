import { readJpegHeader, type HuffmanCodes, type JpegHeader } from './jpeg-header.ts';
import { code } from './jpeg.wat';
import type { RgbImage } from './resize.ts';
import { places, wasmRoom } from './wasm-room.ts';

/** Larger ones are left to the other decoder: their planes would take more than 32 MB. */
const pixelLimit = 4e6;

/** Bytes of `HuffmanCodes` as the loops read them. */
const codesBytes = 4488;
const endOfImage = 0xd9;

interface Loops {
  position: WebAssembly.Global;
  unstuff(from: number, end: number, to: number): number;
  decode(
    table: number,
    blocks: number,
    unit: number,
    lastUnit: number,
    across: number,
    from: number,
    length: number,
    zigzag: number,
    coefficients: number,
  ): number;
  widen(near: number, far: number, isLow: number, width: number, sums: number, to: number): void;
  colour(luma: number, blue: number, red: number, width: number, to: number): void;
}

const roomFor = wasmRoom<Loops>(code);

/**
 * The pixels of a JPEG of the usual kind (see `readJpegHeader`) without any fault, as libjpeg-turbo and Pillow decode it, to the bit. null of
 * others, which the general decoder reads or finds wrong. The pixels stay until the next call.
 * @param accepts asked with width and height before anything is decoded
 */
export function decodeJpeg(
  bytes: Buffer,
  accepts: (width: number, height: number) => boolean,
): RgbImage | null {
  const header = readJpegHeader(bytes);
  if (!header) return null;
  const { width, height, planes } = header;
  if (width * height > pixelLimit || !accepts(width, height)) return null;
  const [luma] = planes;
  const isWide = luma!.across === 2;
  // libjpeg enlarges planes of two columns and fewer in another way.
  if (isWide && Math.ceil(width / 2) <= 2) return null;

  const units = {
    across: Math.ceil(width / (8 * luma!.across)),
    down: Math.ceil(height / (8 * luma!.down)),
  };
  const place = places();
  const at = {
    input: place(bytes.length),
    coded: place(bytes.length + 8),
    coefficients: place(256),
    zigzag: place(80 * 4),
    blocks: place(6 * 32),
    sums: place((width + 32) * 2),
    rows: [place(width + 32), place(width + 32)],
    planes: planes.map((plane) => ({
      dc: place(codesBytes),
      ac: place(codesBytes),
      quantisers: place(128),
      last: place(4),
      stride: units.across * plane.across * 8,
      pixels: place(units.across * units.down * plane.across * plane.down * 64),
    })),
    output: place(width * height * 3 + 32),
  };
  const { memory, loops } = roomFor(place(0));
  const all = new Uint8Array(memory.buffer);
  all.set(bytes, at.input);
  if (!writeTables(memory, header, at)) return null;
  if (!decodeScan(memory, loops, header, at, units)) return null;
  toRgb(loops, header, at);
  return { data: all.subarray(at.output, at.output + width * height * 3), width, height };
}

interface Places {
  input: number;
  coded: number;
  coefficients: number;
  zigzag: number;
  blocks: number;
  sums: number;
  rows: number[];
  planes: { dc: number; ac: number; quantisers: number; last: number; stride: number; pixels: number }[];
  output: number;
}

/** Where in a block of 8 x 8 each coefficient stands, in the order of the coded ones. */
const zigzag = Uint8Array.from(
  Array.from({ length: 64 }, (_, place) => place).sort((a, b) => {
    const [x, y, u, v] = [a % 8, a >> 3, b % 8, b >> 3] as [number, number, number, number];
    return x + y - u - v || ((x + y) % 2 ? y - v : x - u);
  }),
);

function writeTables({ buffer }: WebAssembly.Memory, { planes }: JpegHeader, at: Places): boolean {
  new Uint8Array(buffer, at.coefficients, 256).fill(0);
  new Int32Array(buffer, at.zigzag, 64).set(Array.from(zigzag, (place) => at.coefficients + place * 2));
  let block = 0;
  for (const [index, { across, down, quantisers, dc, ac }] of planes.entries()) {
    const its = at.planes[index]!;
    if (!writeCodes(buffer, its.dc, dc) || !writeCodes(buffer, its.ac, ac)) return false;
    const values = new Int16Array(buffer, its.quantisers, 64);
    for (const [order, place] of zigzag.entries()) values[place] = quantisers[order]!;
    for (let y = 0; y < down; y++)
      for (let x = 0; x < across; x++)
        new Int32Array(buffer, at.blocks + block++ * 32, 8).set([
          its.last,
          its.dc,
          its.ac,
          its.quantisers,
          its.pixels + (y * its.stride + x) * 8,
          its.stride,
          across * 8,
          down * 8 * its.stride,
        ]);
  }
  return true;
}

/** Bits of a code, and of a value behind it, that one look finds. */
const lookBits = 10;

/** As jpeg.wat reads them; false where there are more codes of a length than it can have: one of ones alone is none. */
function writeCodes(buffer: ArrayBufferLike, at: number, { counts, symbols }: HuffmanCodes): boolean {
  const looked = new Int32Array(buffer, at, 1 << lookBits).fill(0);
  const largest = new Int32Array(buffer, at + 4096, 17).fill(-1);
  const toSymbol = new Int32Array(buffer, at + 4164, 17);
  new Uint8Array(buffer, at + 4232, 256).fill(0).set(symbols);
  let next = 0;
  let place = 0;
  for (let length = 1; length <= 16; length++) {
    const count = counts[length - 1]!;
    if (count > 0 && next + count >= 1 << length) return false;
    toSymbol[length] = place - next;
    if (count > 0) largest[length] = next + count - 1;
    const rest = lookBits - length;
    for (let i = 0; i < count && rest >= 0; i++)
      for (let bits = 0; bits < 1 << rest; bits++)
        looked[((next + i) << rest) | bits] = lookedUp(symbols[place + i]!, length, bits, rest);
    place += count;
    next = (next + count) << 1;
  }
  return true;
}

/** A code's entry where `bits` of so many are behind it: with the value, if that is among them. */
function lookedUp(symbol: number, length: number, bits: number, count: number): number {
  const size = symbol & 15;
  if (size === 0 || size > count) return (symbol << 8) | length;
  const coded = bits >> (count - size);
  const value = coded >> (size - 1) ? coded : coded + (-1 << size) + 1;
  return (value << 16) | ((symbol & 0xf0) << 8) | (length + size);
}

function decodeScan(
  { buffer }: WebAssembly.Memory,
  loops: Loops,
  { planes, restartEvery, start }: JpegHeader,
  at: Places,
  units: { across: number; down: number },
): boolean {
  const input = new Uint8Array(buffer);
  const blocks = planes.reduce((sum, { across, down }) => sum + across * down, 0);
  const last = units.across * units.down;
  const step = restartEvery || last;
  const end = at.coded - 16;
  let from = at.input + start;
  for (let unit = 0, part = 0; unit < last; unit += step, part++) {
    const length = loops.unstuff(from, end, at.coded);
    for (const plane of at.planes) new Int32Array(buffer, plane.last, 1)[0] = 0;
    const to = Math.min(unit + step, last);
    const { blocks: table, coefficients } = at;
    if (!loops.decode(table, blocks, unit, to, units.across, at.coded, length, at.zigzag, coefficients))
      return false;
    from = Number(loops.position.value);
    const marker = to === last ? endOfImage : 0xd0 + (part & 7);
    if (input[from] !== 0xff || input[from + 1] !== marker) return false;
    from += 2;
  }
  return true;
}

/** Row by row from the planes. */
function toRgb(loops: Loops, { width, height, planes }: JpegHeader, at: Places): void {
  const [luma, ...colours] = at.planes;
  const { across, down } = planes[0]!;
  const columns = Math.ceil(width / across);
  const lastRow = Math.ceil(height / down) - 1;
  for (let row = 0; row < height; row++) {
    const near = down === 2 ? row >> 1 : row;
    const far = Math.min(Math.max(row % 2 ? near + 1 : near - 1, 0), lastRow);
    const [blue, red] = colours.map(({ pixels, stride }, index) => {
      const own = pixels + near * stride;
      if (across === 1) return own;
      const wide = at.rows[index]!;
      loops.widen(own, pixels + far * stride, Number(down === 2), columns, at.sums, wide);
      return wide;
    });
    loops.colour(luma!.pixels + row * luma!.stride, blue!, red!, width, at.output + row * width * 3);
  }
}
