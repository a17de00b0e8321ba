import type { RgbImage, Weights } from './resize.ts';
import { code } from './resize.wat';
import { aligned, places, wasmRoom } from './wasm-room.ts';

/** Bytes of an image's rows that are worked on at once; the others wait outside of WebAssembly's memory. */
const bandBytes = 2 ** 20;

const roomFor = wasmRoom<Passes>(code);

/** Rows resized by `across`, then columns by `down`, to `into`; null: that side stays as it is. At least one is not. */
export function twoPasses(
  { data, width: inputWidth, height: inputHeight }: RgbImage,
  width: number,
  height: number,
  across: Weights | null,
  down: Weights | null,
  into: Uint8Array,
): void {
  // Only the rows that the second pass needs.
  const firstRow = down?.first[0] ?? 0;
  const lastRow = down ? down.first[height - 1]! + down.count[height - 1]! : inputHeight;
  const rows = lastRow - firstRow;
  const stride = inputWidth * 3;
  // `across` writes a byte beyond its row.
  const rowStride = across ? aligned(width * 3 + 1) : stride;
  const band = Math.min(rows, Math.max(4, Math.floor(bandBytes / stride / 4) * 4));

  const place = places();
  const acrossAt = across && tableAt(place, across);
  const downAt = down && tableAt(place, down);
  // Places with fewer weights than others have some of zero, for pixels that may lie beyond the end.
  const bandAt = across ? place(Math.ceil(band / 4) * 4 * stride + acrossAt!.pairs * 6) : 0;
  const rowsAt = place((Math.ceil(rows / 4) * 4 + (downAt?.pairs ?? 0) * 2) * rowStride);
  const outputAt = down ? place(height * width * 3) : 0;

  const { memory, loops: passes } = roomFor(place(0));
  const bytes = new Uint8Array(memory.buffer);
  if (!across) bytes.set(data.subarray(firstRow * stride, lastRow * stride), rowsAt);
  else {
    writeTable(memory, acrossAt!, across, 3);
    for (let row = 0; row < rows; row += band) {
      const count = Math.min(band, rows - row);
      const from = (firstRow + row) * stride;
      bytes.set(data.subarray(from, from + count * stride), bandAt);
      const { first, values, pairs } = acrossAt!;
      passes.across(bandAt, stride, count, first, values, pairs, rowsAt + row * rowStride, rowStride, width);
    }
  }
  if (!down) {
    for (let row = 0; row < rows; row++) {
      const from = rowsAt + row * rowStride;
      into.set(bytes.subarray(from, from + width * 3), row * width * 3);
    }
    return;
  }
  writeTable(memory, downAt!, down, rowStride, firstRow);
  const { first, values, pairs } = downAt!;
  passes.down(rowsAt, rowStride, first, values, pairs, outputAt, width * 3, height);
  into.set(bytes.subarray(outputAt, outputAt + height * width * 3));
}

/** Where the loops find the weights of one side. */
interface Table {
  first: number;
  values: number;
  pairs: number;
}

function tableAt(place: (length: number) => number, { first, count }: Weights): Table {
  const pairs = Math.ceil(count.reduce((most, one) => Math.max(most, one), 1) / 2);
  return { first: place(first.length * 4), values: place(first.length * pairs * 8), pairs };
}

/** `step`: bytes from one input pixel to the next in this direction; `start`: the one that the input begins with. */
function writeTable(
  { buffer }: WebAssembly.Memory,
  table: Table,
  { first, count, values, size }: Weights,
  step: number,
  start = 0,
): void {
  const starts = new Int32Array(buffer, table.first, first.length);
  const halves = new Int16Array(buffer, table.values, first.length * table.pairs * 4).fill(0);
  for (let place = 0; place < first.length; place++) {
    starts[place] = (first[place]! - start) * step;
    for (let k = 0; k < count[place]!; k++) {
      const weight = values[place * size + k]!;
      const at = (place * table.pairs + (k >> 1)) * 4 + (k & 1);
      halves[at] = weight & 0x7ff;
      halves[at + 2] = weight >> 11;
    }
  }
}

interface Passes {
  across(
    from: number,
    stride: number,
    rows: number,
    first: number,
    weights: number,
    pairs: number,
    to: number,
    toStride: number,
    width: number,
  ): void;
  down(
    from: number,
    stride: number,
    first: number,
    weights: number,
    pairs: number,
    to: number,
    length: number,
    height: number,
  ): void;
}
