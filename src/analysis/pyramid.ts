/**
 * Where the smallest and the largest value of any stretch of a column stand, found without looking at each value:
 * blocks of 32 values, of 32 blocks, and so on. Grows with the column; only the last, unfinished blocks are made again.
 */
export interface Pyramid {
  /** Values taken up so far. */
  length: number;
  /** On a log axis values of zero and below cannot be drawn: they count as gaps. */
  positiveOnly: boolean;
  levels: Level[];
}

/** Per block the places of values in the column; -1: none. */
interface Level {
  min: Int32Array;
  max: Int32Array;
  /** The values at `min` and `max`, side by side: looked up in the column, each would be a cache miss. */
  low: Float64Array;
  high: Float64Array;
  /** First and last value that is not drawn (not finite, or not positive where that is asked). */
  firstGap: Int32Array;
  lastGap: Int32Array;
  /** First value that is not finite. */
  bad: Int32Array;
}

/** What a stretch holds, as places in the column; -1: none. */
export interface Extremes {
  min: number;
  max: number;
  firstGap: number;
  lastGap: number;
  bad: number;
}

interface Found extends Extremes {
  low: number;
  high: number;
}

const block = 32;
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
  let size = block;
  for (let depth = 0; depth < levelCount; depth++) {
    const first = Math.floor(pyramid.length / size);
    const last = Math.ceil(to / size);
    const level = withRoom(pyramid, depth, last);
    const under = pyramid.levels[depth - 1];
    const blocksUnder = Math.ceil(to / (size / block));
    for (let index = first; index < last; index++) {
      const found = nothing();
      if (under) addBlocks(found, under, index * block, Math.min((index + 1) * block, blocksUnder));
      else addValues(found, values, index * size, Math.min((index + 1) * size, to), pyramid.positiveOnly);
      level.min[index] = found.min;
      level.max[index] = found.max;
      level.low[index] = found.low;
      level.high[index] = found.high;
      level.firstGap[index] = found.firstGap;
      level.lastGap[index] = found.lastGap;
      level.bad[index] = found.bad;
    }
    size *= block;
  }
  pyramid.length = Math.max(pyramid.length, to);
}

/** The extremes of `values[from]` up to, not including, `values[to]`; both inside what the pyramid holds. */
export function extremesBetween(
  pyramid: Pyramid,
  values: ArrayLike<number>,
  from: number,
  to: number,
): Extremes {
  const found = nothing();
  let at = from;
  while (at < to) {
    let depth = -1;
    let size = 1;
    while (depth + 1 < levelCount && at % (size * block) === 0 && at + size * block <= to) {
      depth++;
      size *= block;
    }
    // Up to where larger blocks begin, or to the end.
    const next = depth + 1 < levelCount ? (Math.floor(at / (size * block)) + 1) * size * block : to;
    const end = at + Math.floor((Math.min(to, next) - at) / size) * size;
    if (depth < 0) addValues(found, values, at, end, pyramid.positiveOnly);
    else addBlocks(found, pyramid.levels[depth]!, at / size, end / size);
    at = end;
  }
  return found;
}

const nothing = (): Found => ({
  min: -1,
  max: -1,
  low: Infinity,
  high: -Infinity,
  firstGap: -1,
  lastGap: -1,
  bad: -1,
});

function addValues(
  found: Found,
  values: ArrayLike<number>,
  from: number,
  to: number,
  positiveOnly: boolean,
): void {
  let { min, max, low, high } = found;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    // Infinity - Infinity and NaN - NaN are NaN.
    const finite = value - value === 0;
    if (finite && !(positiveOnly && value <= 0)) {
      if (value < low) {
        low = value;
        min = i;
      }
      if (value > high) {
        high = value;
        max = i;
      }
      continue;
    }
    if (found.firstGap < 0) found.firstGap = i;
    found.lastGap = i;
    if (!finite && found.bad < 0) found.bad = i;
  }
  found.min = min;
  found.max = max;
  found.low = low;
  found.high = high;
}

function addBlocks(found: Found, level: Level, from: number, to: number): void {
  let { min, max, low, high } = found;
  for (let index = from; index < to; index++) {
    if (level.low[index]! < low) {
      low = level.low[index]!;
      min = level.min[index]!;
    }
    if (level.high[index]! > high) {
      high = level.high[index]!;
      max = level.max[index]!;
    }
    if (level.lastGap[index]! < 0) continue;
    if (found.firstGap < 0) found.firstGap = level.firstGap[index]!;
    found.lastGap = level.lastGap[index]!;
    if (found.bad < 0) found.bad = level.bad[index]!;
  }
  found.min = min;
  found.max = max;
  found.low = low;
  found.high = high;
}

const emptyLevel = (room: number): Level => ({
  min: new Int32Array(room),
  max: new Int32Array(room),
  low: new Float64Array(room),
  high: new Float64Array(room),
  firstGap: new Int32Array(room),
  lastGap: new Int32Array(room),
  bad: new Int32Array(room),
});

function withRoom(pyramid: Pyramid, depth: number, blocks: number): Level {
  const level = pyramid.levels[depth]!;
  if (blocks <= level.min.length) return level;
  const larger = emptyLevel(Math.max(blocks, level.min.length * 2));
  for (const key of ['min', 'max', 'low', 'high', 'firstGap', 'lastGap', 'bad'] as const)
    larger[key].set(level[key]);
  pyramid.levels[depth] = larger;
  return larger;
}
