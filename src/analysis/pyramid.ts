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

const block = 32;
const levelCount = 3;

export function createPyramid(positiveOnly = false): Pyramid {
  const levels = Array.from({ length: levelCount }, () => emptyLevel(64));
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
    for (let index = first; index < last; index++) {
      const found = nothing();
      if (under) {
        const end = Math.min((index + 1) * block, Math.ceil(to / (size / block)));
        for (let child = index * block; child < end; child++) addBlock(found, under, child, values);
      } else addValues(found, values, index * size, Math.min((index + 1) * size, to), pyramid.positiveOnly);
      level.min[index] = found.min;
      level.max[index] = found.max;
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
    if (depth >= 0) {
      addBlock(found, pyramid.levels[depth]!, at / size, values);
      at += size;
    } else {
      const end = Math.min(to, (Math.floor(at / block) + 1) * block);
      addValues(found, values, at, end, pyramid.positiveOnly);
      at = end;
    }
  }
  return found;
}

const nothing = (): Extremes => ({ min: -1, max: -1, firstGap: -1, lastGap: -1, bad: -1 });

function addValues(
  found: Extremes,
  values: ArrayLike<number>,
  from: number,
  to: number,
  positiveOnly: boolean,
): void {
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    const finite = Number.isFinite(value);
    if (finite && !(positiveOnly && value <= 0)) {
      if (found.min < 0 || value < values[found.min]!) found.min = i;
      if (found.max < 0 || value > values[found.max]!) found.max = i;
      continue;
    }
    if (found.firstGap < 0) found.firstGap = i;
    found.lastGap = i;
    if (!finite && found.bad < 0) found.bad = i;
  }
}

function addBlock(found: Extremes, level: Level, index: number, values: ArrayLike<number>): void {
  const min = level.min[index]!;
  const max = level.max[index]!;
  if (min >= 0 && (found.min < 0 || values[min]! < values[found.min]!)) found.min = min;
  if (max >= 0 && (found.max < 0 || values[max]! > values[found.max]!)) found.max = max;
  if (level.lastGap[index]! >= 0) {
    if (found.firstGap < 0) found.firstGap = level.firstGap[index]!;
    found.lastGap = level.lastGap[index]!;
  }
  if (found.bad < 0) found.bad = level.bad[index]!;
}

const emptyLevel = (room: number): Level => ({
  min: new Int32Array(room),
  max: new Int32Array(room),
  firstGap: new Int32Array(room),
  lastGap: new Int32Array(room),
  bad: new Int32Array(room),
});

function withRoom(pyramid: Pyramid, depth: number, blocks: number): Level {
  const level = pyramid.levels[depth]!;
  if (blocks <= level.min.length) return level;
  const larger = emptyLevel(Math.max(blocks, level.min.length * 2));
  for (const key of ['min', 'max', 'firstGap', 'lastGap', 'bad'] as const) larger[key].set(level[key]);
  pyramid.levels[depth] = larger;
  return larger;
}
