import { forgotten, smoothOn } from './smoothing.ts';
import type { SmoothingState } from './smoothing.ts';

/**
 * Where the smallest and the largest value of any stretch of a column stand, found without looking at each value:
 * the extremes of blocks of 64 values, of 64 blocks, and so on. Grows with the column; only the last, unfinished blocks are made again.
 * Where in a block an extreme stands is looked up when it is asked for: of very many blocks few are.
 */
export interface Pyramid {
  /** Values taken up so far; what comes after them is looked at one by one. */
  length: number;
  /** On a log axis values of zero and below cannot be drawn: they count as gaps. */
  positiveOnly: boolean;
  levels: Level[];
}

/** Per block. */
interface Level {
  /** Of the values that are drawn; Infinity and -Infinity where there are none. */
  low: Float64Array;
  high: Float64Array;
  gaps: Uint8Array;
}

/** What a block holds beside values that are drawn: some that are not positive where that is asked, some that are not finite. */
const gap = 1;
const bad = 2;

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

/** Values in a block, and blocks in a block of the next level. */
export const block = 64;
const levelCount = 3;

/** `room`: how many values are known to come; the pyramid grows past it. */
export function createPyramid(positiveOnly = false, room = 1024): Pyramid {
  const levels = Array.from({ length: levelCount }, (_, depth) =>
    emptyLevel(Math.ceil(room / block ** (depth + 1))),
  );
  return { length: 0, positiveOnly, levels };
}

/** Takes up `values` from where the pyramid ends up to, not including, `to`. */
export function extendPyramid(pyramid: Pyramid, values: ArrayLike<number>, to: number): void {
  const first = Math.floor(pyramid.length / block);
  const last = Math.ceil(to / block);
  takeValues(withRoom(pyramid, 0, last), values, first, last, to, pyramid.positiveOnly);
  raise(pyramid, to);
}

/**
 * The same for a column and its smoothed one at once, from a place where a block begins to one where a block ends: `smooth` is over
 * `smoothed`, which is filled on the way. Each value is looked at once.
 */
export function extendSmoothed(
  raw: Pyramid,
  smooth: Pyramid,
  state: SmoothingState,
  values: Float64Array,
  smoothed: Float32Array,
  to: number,
): void {
  const last = to / block;
  const level = withRoom(raw, 0, last);
  const smoothLevel = withRoom(smooth, 0, last);
  for (let index = raw.length / block; index < last; index++) {
    if (takeUsual(level, smoothLevel, index, state, values, smoothed)) continue;
    smoothOn(state, values, index * block, (index + 1) * block, smoothed);
    takeValues(level, values, index, index + 1, to, raw.positiveOnly);
    takeValues(smoothLevel, smoothed, index, index + 1, to, smooth.positiveOnly);
  }
  raise(raw, to);
  raise(smooth, to);
}

/** A block of which all values are drawn, far enough from where the mean began; false, and nothing is changed but what is made anew, for others. */
function takeUsual(
  level: Level,
  smoothLevel: Level,
  index: number,
  state: SmoothingState,
  values: Float64Array,
  smoothed: Float32Array,
): boolean {
  const { weight, isLog, count } = state;
  if (weight ** count >= forgotten) return false;
  const share = 1 - weight;
  let { mean } = state;
  let low = Infinity;
  let high = -Infinity;
  let smoothLow = Infinity;
  let smoothHigh = -Infinity;
  for (let i = index * block, end = i + block; i < end; i++) {
    const value = values[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
    mean += share * ((isLog ? Math.log(value) : value) - mean);
    const kept = Math.fround(mean);
    smoothed[i] = kept;
    if (kept < smoothLow) smoothLow = kept;
    if (kept > smoothHigh) smoothHigh = kept;
  }
  // One value that is not finite, or has no logarithm, and so is the mean from there on.
  if (mean - mean !== 0) return false;
  state.mean = mean;
  state.count = count + block;
  level.low[index] = low;
  level.high[index] = high;
  level.gaps[index] = 0;
  smoothLevel.low[index] = smoothLow;
  smoothLevel.high[index] = smoothHigh;
  smoothLevel.gaps[index] = 0;
  return true;
}

/** Brings the levels above the first up to date. */
function raise(pyramid: Pyramid, to: number): void {
  for (let depth = 1, size = block * block; depth < levelCount; depth++, size *= block) {
    const first = Math.floor(pyramid.length / size);
    const last = Math.ceil(to / size);
    const level = withRoom(pyramid, depth, last);
    takeBlocks(level, pyramid.levels[depth - 1]!, first, last, Math.ceil(to / (size / block)));
  }
  pyramid.length = Math.max(pyramid.length, to);
}

function takeValues(
  level: Level,
  values: ArrayLike<number>,
  first: number,
  last: number,
  to: number,
  positiveOnly: boolean,
): void {
  for (let index = first; index < last; index++) {
    const from = index * block;
    const end = Math.min(from + block, to);
    let low = Infinity;
    let high = -Infinity;
    let odd = 0;
    for (let i = from; i < end; i++) {
      const value = values[i]!;
      // Infinity - Infinity and NaN - NaN are NaN: one value that is not finite makes the sum NaN.
      odd += value - value;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    let gaps = 0;
    if (odd !== 0 || (positiveOnly && low <= 0)) {
      const found = nothing();
      lookAtValues(found, values, from, end, positiveOnly);
      ({ low, high } = found);
      gaps = (found.firstGap ? gap : 0) | (found.bad ? bad : 0);
    }
    level.low[index] = low;
    level.high[index] = high;
    level.gaps[index] = gaps;
  }
}

/** 0 for a value that is drawn. */
const kindOf = (value: number, positiveOnly: boolean): number =>
  value - value !== 0 ? gap | bad : positiveOnly && value <= 0 ? gap : 0;

function takeBlocks(level: Level, under: Level, first: number, last: number, blocksUnder: number): void {
  for (let index = first; index < last; index++) {
    const end = Math.min((index + 1) * block, blocksUnder);
    let low = Infinity;
    let high = -Infinity;
    let gaps = 0;
    for (let i = index * block; i < end; i++) {
      if (under.low[i]! < low) low = under.low[i]!;
      if (under.high[i]! > high) high = under.high[i]!;
      gaps |= under.gaps[i]!;
    }
    level.low[index] = low;
    level.high[index] = high;
    level.gaps[index] = gaps;
  }
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

const nothing = (): Found => ({
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
  const found = nothing();
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

function lookAtValues(
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
  let { low, high } = found;
  let min = -1;
  let max = -1;
  for (let i = from; i < to; i++) {
    if (level.low[i]! < low) {
      low = level.low[i]!;
      min = i;
    }
    if (level.high[i]! > high) {
      high = level.high[i]!;
      max = i;
    }
    if (level.gaps[i]) lookAtGap(found, depth, i, level.gaps[i]!);
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

const emptyLevel = (room: number): Level => ({
  low: new Float64Array(room),
  high: new Float64Array(room),
  gaps: new Uint8Array(room),
});

function withRoom(pyramid: Pyramid, depth: number, blocks: number): Level {
  const level = pyramid.levels[depth]!;
  if (blocks <= level.low.length) return level;
  const larger = emptyLevel(Math.max(blocks, level.low.length * 2));
  for (const key of ['low', 'high', 'gaps'] as const) larger[key].set(level[key]);
  pyramid.levels[depth] = larger;
  return larger;
}
