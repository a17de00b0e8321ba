import type { Decimated } from '../../src/analysis/decimate.ts';
import type { XMap } from './x-axis.ts';

/** Pixels of a value: `px = x * xScale + xOffset`, `py = f(y) * yScale + yOffset` with f the logarithm on a log axis. */
export interface Placing {
  xScale: number;
  xOffset: number;
  yScale: number;
  yOffset: number;
  isLog: boolean;
}

export const across = (place: Placing, x: number): number => x * place.xScale + place.xOffset;
export const down = (place: Placing, y: number): number =>
  (place.isLog ? Math.log10(y) : y) * place.yScale + place.yOffset;

/**
 * Whether a curve is so dense and noisy that its line would cover whole pixel columns: such a curve is drawn as one upright bar a
 * column, at a tenth of the cost of stroking it. Among many curves, which hide each other, fewer points are enough.
 */
export function isDense(
  { x, y, count }: Decimated,
  map: XMap,
  place: Placing,
  isOneOfMany: boolean,
): boolean {
  if (count < (isOneOfMany ? 100 : 300)) return false;
  const { scale, offset } = map;
  const first = Math.floor(across(place, x[0]! * scale + offset));
  const last = Math.floor(across(place, x[count - 1]! * scale + offset));
  const columns = Math.max(1, last - first);
  if (count < (isOneOfMany ? 0.5 : 1.4) * columns) return false;
  const enough = 6 * columns;
  let travel = 0;
  let before = down(place, y[0]!);
  for (let i = 1; i < count; i++) {
    const py = down(place, y[i]!);
    const step = Math.abs(py - before);
    before = py;
    if (step === step) travel += step;
    if (travel >= enough) return true;
  }
  return false;
}

/**
 * Calls `bar` for each pixel column that the curve is in, with its highest and lowest pixel there. A dashed curve leaves columns out:
 * dashes along a zigzag that fills its columns could not be seen, and are what a canvas draws slowest.
 */
export function barsOf(
  { x, y, count }: Decimated,
  { scale, offset }: XMap,
  place: Placing,
  dash: number[],
  bar: (column: number, high: number, low: number) => void,
): void {
  const isDrawn = columnsOf(dash);
  let column = NaN;
  let low = 0;
  let high = 0;
  let beforeX = NaN;
  let before = NaN;
  for (let i = 0; i < count; i++) {
    const value = y[i]!;
    if (value !== value) {
      before = NaN;
      continue;
    }
    const px = across(place, x[i]! * scale + offset);
    const py = down(place, value);
    const at = Math.floor(px);
    if (at !== column) {
      if (before === before) {
        // From the point before to this one, column by column.
        const slope = (py - before) / (px - beforeX);
        for (; column < at; column++) {
          const edge = before + slope * (column + 1 - beforeX);
          if (edge > low) low = edge;
          if (edge < high) high = edge;
          if (isDrawn(column)) bar(column, high, low);
          low = high = edge;
        }
      } else {
        if (column === column && isDrawn(column)) bar(column, high, low);
        column = at;
        low = high = py;
      }
    }
    if (py > low) low = py;
    if (py < high) high = py;
    beforeX = px;
    before = py;
  }
  if (column === column && isDrawn(column)) bar(column, high, low);
}

/** Which pixel columns a dash pattern draws. */
export function columnsOf(dash: number[]): (column: number) => boolean {
  const period = Math.round(dash.reduce((sum, length) => sum + length, 0));
  if (!period) return () => true;
  const drawn: boolean[] = [];
  dash.forEach((length, index) => {
    for (let i = 0; i < Math.round(length); i++) drawn.push(index % 2 === 0);
  });
  return (column) => drawn[column % period] ?? true;
}
