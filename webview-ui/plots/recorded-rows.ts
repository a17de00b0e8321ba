import { firstAtOrAbove } from '../../src/analysis/decimate.ts';
import type { PlotCurve } from './curves.ts';
import { placeOf } from './track.ts';

/** What was recorded at a place of the x axis; undefined for a curve that has no value there. */
export interface RecordedRow {
  x: number;
  values: (number | undefined)[];
}

type Recorded = Pick<PlotCurve, 'track' | 'x'>;

/**
 * The rows of the curves' own points in a range, in order. Of a curve with more than `most` points there an even choice, the first and
 * the last among them; `isWhole` tells whether nothing was left out.
 */
export function recordedRows(
  curves: Recorded[],
  range: [number, number],
  most: number,
): { rows: RecordedRow[]; isWhole: boolean } {
  const places = new Set<number>();
  let isWhole = true;
  for (const curve of curves) {
    const column = curve.track.x(curve.x.column);
    const { length } = curve.track.series;
    const from = firstAtOrAbove(column, (range[0] - curve.x.offset) / curve.x.scale, 0, length);
    let to = from;
    // The end by the shown value: turned back into the column's unit it might be rounded below its point.
    if (length > from) to = lastUpTo(curve, range[1], from, length) + 1;
    const count = to - from;
    if (count > most) isWhole = false;
    const shown = Math.min(count, most);
    for (let i = 0; i < shown; i++)
      places.add(shownAt(curve, from + (shown < 2 ? 0 : Math.round((i * (count - 1)) / (shown - 1)))));
  }
  const rows = [...places]
    .sort((a, b) => a - b)
    .map((x) => ({ x, values: curves.map((curve) => valueAt(curve, x)) }));
  return { rows, isWhole };
}

const shownAt = ({ track, x }: Recorded, index: number): number =>
  track.x(x.column)[index]! * x.scale + x.offset;

function lastUpTo(curve: Recorded, x: number, from: number, length: number): number {
  let [low, high] = [from - 1, length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (shownAt(curve, middle) <= x) low = middle;
    else high = middle - 1;
  }
  return low;
}

function valueAt(curve: Recorded, x: number): number | undefined {
  const index = placeOf(curve, x);
  return index >= 0 && shownAt(curve, index) === x ? curve.track.series.values[index] : undefined;
}
