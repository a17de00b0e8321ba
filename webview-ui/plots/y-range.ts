import { firstAtOrAbove } from '../../src/analysis/decimate.ts';
import type { Reference } from '../../src/analysis/reference.ts';
import type { Decimated } from '../../src/analysis/decimate.ts';
import type { PlotCurve } from './curves.ts';

/** The y range that shows the visible part of the curves, with a little room; null when nothing finite is visible. */
export function yRangeOf(
  curves: PlotCurve[],
  range: [number, number],
  isLog: boolean,
  ignoreOutliers: boolean,
  references: Reference[],
): [number, number] | null {
  const shown = curves.filter(({ isHidden }) => !isHidden);
  const found = ignoreOutliers ? withoutOutliers(shown, range, isLog) : extremesOf(shown, isLog);
  if (!found) return null;
  return padded(
    references.reduce((range, reference) => withReference(range, reference, isLog), found),
    isLog,
  );
}

function extremesOf(curves: PlotCurve[], isLog: boolean): [number, number] | null {
  let min = Infinity;
  let max = -Infinity;
  const look = ({ y, count }: Decimated): void => {
    for (let i = 0; i < count; i++) {
      const value = y[i]!;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  };
  for (const { raw, smooth, band } of curves) {
    look(raw);
    if (band) Object.values(band.drawn).forEach(look);
    if (smooth) look(smooth);
  }
  // What differs by no more than single precision is one value: the smoothed curve of a constant is kept in it, by its logarithm on a
  // log axis.
  if (max - min <= Math.abs(max) * (isLog ? 4e-6 : 2e-7)) return [max, max];
  return max >= min ? [min, max] : null;
}

/** Between the 2nd and the 98th percentile of up to 2,000 visible values a curve, evenly taken. */
function withoutOutliers(
  curves: PlotCurve[],
  range: [number, number],
  isLog: boolean,
): [number, number] | null {
  const values: number[] = [];
  for (const { track, x } of curves) {
    const column = track.x(x.column);
    const from = firstAtOrAbove(column, (range[0] - x.offset) / x.scale, 0, track.length);
    const to = firstAtOrAbove(column, (range[1] - x.offset) / x.scale, from, track.length);
    const every = Math.max(1, Math.floor((to - from) / 2000));
    for (let i = from; i < to; i += every) {
      const value = track.series.values[i]!;
      if (Number.isFinite(value) && !(isLog && value <= 0)) values.push(value);
    }
  }
  if (!values.length) return extremesOf(curves, isLog);
  values.sort((a, b) => a - b);
  const at = (share: number): number => values[Math.round(share * (values.length - 1))]!;
  return [at(0.02), at(0.98)];
}

/** A reference line comes into view unless that would more than double the range, or it has to. */
function withReference(
  [min, max]: [number, number],
  { value: line, isAlwaysShown }: Reference,
  isLog: boolean,
): [number, number] {
  if (isLog && line <= 0) return [min, max];
  if (isAlwaysShown) return [Math.min(min, line), Math.max(max, line)];
  const size = (value: number): number => (isLog ? Math.log(value) : value);
  const span = Math.max(size(max) - size(min), isLog ? Math.log(2) : Math.abs(max) * 0.1);
  if (size(line) > size(max) + span || size(line) < size(min) - span) return [min, max];
  return [Math.min(min, line), Math.max(max, line)];
}

function padded([min, max]: [number, number], isLog: boolean): [number, number] {
  if (isLog) {
    const room = max > min ? (max / min) ** 0.06 : 1.5;
    return [min / room, max * room];
  }
  const room = max > min ? (max - min) * 0.06 : Math.abs(max) * 0.1 || 0.5;
  // A measure that is never below zero is not shown as if it could be.
  return [min >= 0 && min - room < 0 ? Math.min(0, min) : min - room, max + room];
}
