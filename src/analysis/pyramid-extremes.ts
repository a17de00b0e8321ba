import { bad, block, gap, kindOf, levelCount } from './pyramid-levels.ts';
import type { Level, Pyramid } from './pyramid-levels.ts';

/** What a stretch holds, as places in the column; -1: none. */
export interface Extremes {
  min: number;
  max: number;
  /** First and last value that is not drawn (not finite, or not positive where that is asked). */
  firstGap: number;
  lastGap: number;
  /** First value that is not finite. */
  bad: number;
}

/** Extremes on the way to be found, each with the block of a level that it is in (depth -1: a value itself). */
interface Found {
  low: number;
  high: number;
  lowDepth: number;
  lowIndex: number;
  highDepth: number;
  highIndex: number;
  firstGap: Place | null;
  lastGap: Place | null;
  bad: Place | null;
}

interface Place {
  depth: number;
  index: number;
}

export const nothing = (): Found => ({
  low: Infinity,
  high: -Infinity,
  lowDepth: -1,
  lowIndex: -1,
  highDepth: -1,
  highIndex: -1,
  firstGap: null,
  lastGap: null,
  bad: null,
});

/** The extremes of `values[from]` up to, not including, `values[to]`. */
export function extremesBetween(
  pyramid: Pyramid,
  values: ArrayLike<number>,
  from: number,
  to: number,
): Extremes {
  const known = Math.min(to, pyramid.length);
  // Blocks that are whole.
  const first = Math.ceil(from / block);
  const last = Math.floor(known / block);
  const found = nothing();
  if (first < last) {
    look(found, pyramid, values, first * block, last * block);
    // Of the parts at both ends nearly all are in blocks that reach no further: their values need no look.
    if (first * block > from && reaches(pyramid, first - 1, found)) {
      Object.assign(found, nothing());
      look(found, pyramid, values, from, last * block);
    }
    if (last * block < to && (to > known || reaches(pyramid, last, found)))
      lookAtValues(found, values, last * block, to, pyramid.positiveOnly);
  } else look(found, pyramid, values, from, to);
  const gapAt = (place: Place | null, kind: number, by: 1 | -1): number =>
    place ? gapIn(pyramid, values, place, kind, by) : -1;
  return {
    min: valueIn(pyramid, values, found.lowDepth, found.lowIndex, 'low', found.low),
    max: valueIn(pyramid, values, found.highDepth, found.highIndex, 'high', found.high),
    firstGap: gapAt(found.firstGap, gap, 1),
    lastGap: gapAt(found.lastGap, gap, -1),
    bad: gapAt(found.bad, bad, 1),
  };
}

/** Whether a block of values holds one as low or as high as what was found, or one that is not drawn. */
function reaches({ levels }: Pyramid, index: number, { low, high }: Found): boolean {
  const { low: lows, high: highs, gaps } = levels[0]!;
  return lows[index]! <= low || highs[index]! >= high || gaps[index]! > 0;
}

/** Looks at a stretch by the largest blocks that lie in it. */
function look(found: Found, pyramid: Pyramid, values: ArrayLike<number>, from: number, to: number): void {
  const known = Math.min(to, pyramid.length);
  for (let at = from; at < to;) {
    let depth = -1;
    let size = 1;
    while (depth + 1 < levelCount && at % (size * block) === 0 && at + size * block <= known) {
      depth++;
      size *= block;
    }
    // Up to where larger blocks begin, or to the end.
    const next = depth + 1 < levelCount ? (Math.floor(at / (size * block)) + 1) * size * block : to;
    const end = at + Math.floor((Math.min(depth < 0 ? to : known, next) - at) / size) * size;
    if (depth < 0) lookAtValues(found, values, at, end, pyramid.positiveOnly);
    else lookAtBlocks(found, pyramid.levels[depth]!, depth, at / size, end / size);
    at = end;
  }
}

export function lookAtValues(
  found: Found,
  values: ArrayLike<number>,
  from: number,
  to: number,
  positiveOnly: boolean,
): void {
  let { low, high } = found;
  let min = -1;
  let max = -1;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    const kind = kindOf(value, positiveOnly);
    if (kind) {
      lookAtGap(found, -1, i, kind);
      continue;
    }
    if (value < low) {
      low = value;
      min = i;
    }
    if (value > high) {
      high = value;
      max = i;
    }
  }
  note(found, -1, low, min, high, max);
}

function lookAtBlocks(found: Found, level: Level, depth: number, from: number, to: number): void {
  const { low: lows, high: highs, gaps } = level;
  let { low, high } = found;
  let min = -1;
  let max = -1;
  for (let i = from; i < to; i++) {
    if (lows[i]! < low) {
      low = lows[i]!;
      min = i;
    }
    if (highs[i]! > high) {
      high = highs[i]!;
      max = i;
    }
    if (gaps[i]) lookAtGap(found, depth, i, gaps[i]!);
  }
  note(found, depth, low, min, high, max);
}

/** `min` and `max` are -1 where nothing new was found. */
function note(found: Found, depth: number, low: number, min: number, high: number, max: number): void {
  if (min >= 0) {
    found.low = low;
    found.lowDepth = depth;
    found.lowIndex = min;
  }
  if (max >= 0) {
    found.high = high;
    found.highDepth = depth;
    found.highIndex = max;
  }
}

function lookAtGap(found: Found, depth: number, index: number, kinds: number): void {
  const place = { depth, index };
  found.firstGap ??= place;
  found.lastGap = place;
  if (kinds & bad) found.bad ??= place;
}

/** The first value in a block that is its lowest or highest one. */
function valueIn(
  { levels }: Pyramid,
  values: ArrayLike<number>,
  depth: number,
  index: number,
  key: 'low' | 'high',
  wanted: number,
): number {
  for (let at = depth; at >= 0; at--) {
    const under = levels[at - 1]?.[key] ?? values;
    index *= block;
    while (under[index] !== wanted) index++;
  }
  return index;
}

/** The first or the last value in a block that is not drawn for a reason. */
function gapIn(
  { levels, positiveOnly }: Pyramid,
  values: ArrayLike<number>,
  { depth, index }: Place,
  kind: number,
  by: 1 | -1,
): number {
  for (let at = depth; at >= 0; at--) {
    const under = levels[at - 1];
    const kindsAt = (i: number): number => under?.gaps[i] ?? kindOf(values[i]!, positiveOnly);
    index = by > 0 ? index * block : (index + 1) * block - 1;
    while (!(kindsAt(index) & kind)) index += by;
  }
  return index;
}
