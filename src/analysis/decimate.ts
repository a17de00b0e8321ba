import { extremesBetween } from './pyramid-extremes.ts';
import type { Pyramid } from './pyramid-levels.ts';

/** A curve to be drawn: `x` never falls; only the first `length` entries count. */
export interface Curve {
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  length: number;
  /** Over the same `y`. */
  pyramid: Pyramid;
}

/** Points to draw, in order. */
export interface Decimated {
  count: number;
  x: Float64Array;
  /** NaN: a gap; the line is not drawn across it. */
  y: Float64Array;
  /** Where values are not finite, one a bucket: x and the value. */
  bad: { x: number; value: number }[];
}

/**
 * The part of a curve between `from` and `to`, thinned for a picture `buckets` pixels wide: of each bucket its smallest and its largest
 * point, its gaps and one value that is not finite; the first and the last visible point, and one neighbour beyond either edge, so that
 * lines reach it. A bucket with few points keeps them all. `into` is filled and returned, so that drawing makes no garbage.
 */
export function decimate(
  curve: Curve,
  from: number,
  to: number,
  buckets: number,
  into: Decimated = emptyDecimated(),
): Decimated {
  const { x, length } = curve;
  into.count = 0;
  into.bad = [];
  const first = firstAtOrAbove(x, from, 0, length);
  const end = firstAbove(x, to, first, length);
  const start = Math.max(0, first - 1);
  const stop = Math.min(length, end + 1);
  reserve(into, Math.min(stop - start, 2 * (buckets + 2)) + 8);
  if (start < first) take(curve, start, into);
  const width = (to - from) / buckets;
  if (end - first <= 4 * buckets || !(width > 0)) for (let i = first; i < end; i++) take(curve, i, into);
  else thin(curve, first, end, width, into);
  if (end < stop) take(curve, end, into);
  return into;
}

/** Of no length, so that it is never written to; fifty runs ask for some two thousand at a time. */
const noNumbers = new Float64Array(0);

export const emptyDecimated = (): Decimated => ({ count: 0, x: noNumbers, y: noNumbers, bad: [] });

/** Buckets stand at whole multiples of their width, so that panning does not make the picture flicker. */
function thin(curve: Curve, first: number, end: number, width: number, into: Decimated): void {
  const { x } = curve;
  take(curve, first, into);
  let last = first;
  let count = 0;
  for (let at = first; at < end;) {
    const edge = (Math.floor(x[at]! / width) + 1) * width;
    const next = Math.max(at + 1, firstNear(x, edge, at, end, at + count));
    count = next - at;
    if (count <= 4) for (let i = at; i < next; i++) last = takeOnce(curve, i, last, into);
    else last = (count > few ? takeFound : takeExtremes)(curve, at, next, last, into);
    at = next;
  }
  takeOnce(curve, end - 1, last, into);
}

/** Up to so many points of a bucket are looked at one by one. */
const few = 64;

/** The smallest and the largest point of a bucket, and what is not drawn, found with the pyramid. */
function takeFound(curve: Curve, from: number, to: number, last: number, into: Decimated): number {
  const { min, max, firstGap, lastGap, bad } = extremesBetween(curve.pyramid, curve.y, from, to);
  const kept = [min, max, firstGap, lastGap, bad].filter((index) => index >= 0).sort((a, b) => a - b);
  for (const index of kept) last = takeOnce(curve, index, last, into);
  return last;
}

/** The same by a look at each, where nearly always all are drawn. */
function takeExtremes(curve: Curve, from: number, to: number, last: number, into: Decimated): number {
  const { y, pyramid } = curve;
  let low = Infinity;
  let high = -Infinity;
  let min = from;
  let max = from;
  for (let i = from; i < to; i++) {
    const value = y[i]!;
    // Infinity - Infinity and NaN - NaN are NaN.
    if (value - value !== 0 || (pyramid.positiveOnly && value <= 0))
      return takeFound(curve, from, to, last, into);
    if (value < low) {
      low = value;
      min = i;
    }
    if (value > high) {
      high = value;
      max = i;
    }
  }
  last = takeOnce(curve, Math.min(min, max), last, into);
  return takeOnce(curve, Math.max(min, max), last, into);
}

/** `firstAtOrAbove` where a guess is at hand: buckets of evenly counted steps hold nearly the same number of points. */
function firstNear(x: ArrayLike<number>, value: number, from: number, to: number, guess: number): number {
  let [low, high] = [from, to];
  for (let reach = 1; guess > low && guess < high; reach *= 8)
    if (x[guess]! < value) {
      low = guess + 1;
      guess += reach;
    } else {
      high = guess;
      guess -= reach;
    }
  return firstAtOrAbove(x, value, low, high);
}

function takeOnce(curve: Curve, index: number, last: number, into: Decimated): number {
  if (index <= last) return last;
  take(curve, index, into);
  return index;
}

function take(curve: Curve, index: number, into: Decimated): void {
  const value = curve.y[index]!;
  const x = curve.x[index]!;
  const isDrawn = Number.isFinite(value) && !(curve.pyramid.positiveOnly && value <= 0);
  reserve(into, into.count + 1);
  into.x[into.count] = x;
  into.y[into.count++] = isDrawn ? value : NaN;
  if (!Number.isFinite(value)) into.bad.push({ x, value });
}

function reserve(into: Decimated, room: number): void {
  if (room <= into.x.length) return;
  const x = new Float64Array(Math.max(room, into.x.length * 2));
  const y = new Float64Array(x.length);
  x.set(into.x);
  y.set(into.y);
  into.x = x;
  into.y = y;
}

/** First place in the rising `x[from, to)` whose value is `value` or more; `to` if none is. */
export function firstAtOrAbove(x: ArrayLike<number>, value: number, from: number, to: number): number {
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (x[middle]! < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

function firstAbove(x: ArrayLike<number>, value: number, from: number, to: number): number {
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (x[middle]! <= value) from = middle + 1;
    else to = middle;
  }
  return from;
}
