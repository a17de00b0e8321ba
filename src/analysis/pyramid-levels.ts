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
export interface Level {
  /** Of the values that are drawn; Infinity and -Infinity where there are none. */
  low: Float64Array;
  high: Float64Array;
  gaps: Uint8Array;
}

/** What a block holds beside values that are drawn: some that are not positive where that is asked, some that are not finite. */
export const gap = 1;
export const bad = 2;

/** Values in a block, and blocks in a block of the next level. */
export const block = 64;
export const levelCount = 3;

/** `room`: how many values are known to come; the pyramid grows past it. */
export function createPyramid(positiveOnly = false, room = 1024): Pyramid {
  const levels = Array.from({ length: levelCount }, (_, depth) =>
    emptyLevel(Math.ceil(room / block ** (depth + 1))),
  );
  return { length: 0, positiveOnly, levels };
}

/** 0 for a value that is drawn. */
export const kindOf = (value: number, positiveOnly: boolean): number =>
  value - value !== 0 ? gap | bad : positiveOnly && value <= 0 ? gap : 0;

/** Brings the levels above the first up to date. */
export function raise(pyramid: Pyramid, to: number): void {
  for (let depth = 1, size = block * block; depth < levelCount; depth++, size *= block) {
    const first = Math.floor(pyramid.length / size);
    const last = Math.ceil(to / size);
    const level = withRoom(pyramid, depth, last);
    takeBlocks(level, pyramid.levels[depth - 1]!, first, last, Math.ceil(to / (size / block)));
  }
  pyramid.length = Math.max(pyramid.length, to);
}

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

const emptyLevel = (room: number): Level => ({
  low: new Float64Array(room),
  high: new Float64Array(room),
  gaps: new Uint8Array(room),
});

export function withRoom(pyramid: Pyramid, depth: number, blocks: number): Level {
  const level = pyramid.levels[depth]!;
  if (blocks <= level.low.length) return level;
  const larger = emptyLevel(Math.max(blocks, level.low.length * 2));
  for (const key of ['low', 'high', 'gaps'] as const) larger[key].set(level[key]);
  pyramid.levels[depth] = larger;
  return larger;
}
