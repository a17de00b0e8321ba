import { describe, expect, test } from 'vitest';
import { decimate } from '../../src/analysis/decimate.ts';
import { extendPyramid, extendSmoothed } from '../../src/analysis/pyramid.ts';
import { extremesBetween } from '../../src/analysis/pyramid-extremes.ts';
import { createPyramid } from '../../src/analysis/pyramid-levels.ts';
import { smooth, smoothOn } from '../../src/analysis/smoothing.ts';

describe('smoothing', () => {
  test('is the debiased exponential mean', () => {
    // m = w m + (1 - w) v; m / (1 - w^n), computed step by step in Python for w = 0.6.
    const expected = [1, 2.25, 2.122448979591837, 4.823529411764706, 4.9000693962526025];
    smooth([1, 3, 2, 8, 5], 0.6).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 14));
  });

  test('leaves a constant exactly as it is, whatever the weight', () => {
    for (const weight of [0, 0.3, 0.6, 0.99, 0.999])
      expect([...smooth(Array(500).fill(0.1), weight)]).toEqual(Array(500).fill(0.1));
  });

  test('with weight 0 changes nothing', () => {
    expect([...smooth([4, -1, 7.5], 0)]).toEqual([4, -1, 7.5]);
  });

  test('passes values on that are not finite, and does not count them', () => {
    const smoothed = smooth([NaN, 1.2, NaN, Infinity, 1.2], 0.9);
    expect([...smoothed]).toEqual([NaN, 1.2, NaN, Infinity, 1.2]);
  });

  test('for a log axis is the mean of the logarithms', () => {
    // Log10 0, 2, 4 with w = 0.5: 0, (0.5 x 0 + 2 x 1) / 1.5 = 4/3, (0.25 x 0 + 0.5 x 2 + 1 x 4) / 1.75 = 20/7.
    const smoothed = smooth([1, 100, 0, -3, NaN, 10_000], 0.5, true);
    expect([...smoothed].map((value) => (value > 0 ? Number(Math.log10(value).toFixed(12)) : value))).toEqual(
      [0, Number((4 / 3).toFixed(12)), 0, -3, NaN, Number((20 / 7).toFixed(12))],
    );
    expect([...smooth(Array(50).fill(0.1), 0.9, true)]).toEqual(Array(50).fill(0.1));
  });

  test('in pieces gives the same bits as in one go', () => {
    const values = Float64Array.from({ length: 1000 }, (_, i) => Math.sin(i) + (i % 97 === 0 ? NaN : 0));
    const state = { weight: 0.8, isLog: false, count: 0, mean: 0 };
    const pieces = new Float64Array(1000);
    for (const [from, to] of [
      [0, 1],
      [1, 333],
      [333, 1000],
    ] as const)
      smoothOn(state, values, from, to, pieces);
    expect(pieces).toEqual(smooth(values, 0.8));
  });
});

test('the extremes of any stretch are those that a look at each value finds', () => {
  const y = Float64Array.from({ length: 40_000 }, (_, i) => (Math.sin(i * 12.9898) * 43758.5453) % 1);
  for (const [at, value] of [
    [1000, NaN],
    [1031, Infinity],
    [33_000, -Infinity],
    [39_999, 0],
  ] as const)
    y[at] = value;
  const pyramid = createPyramid(true);
  for (const to of [7, 31, 32, 5000, 40_000]) extendPyramid(pyramid, y, to);
  for (const [from, to] of [
    [0, 40_000],
    [0, 1],
    [3, 31],
    [31, 33],
    [990, 1040],
    [1, 39_999],
    [1024, 32_768],
    [5, 33_001],
    [32_000, 40_000],
  ] as const) {
    const inside = [...y.keys()].slice(from, to);
    const drawn = inside.filter((i) => Number.isFinite(y[i]) && y[i]! > 0);
    const gaps = inside.filter((i) => !Number.isFinite(y[i]) || y[i]! <= 0);
    expect(extremesBetween(pyramid, y, from, to), `${from} to ${to}`).toMatchObject({
      min: drawn.length ? drawn.reduce((a, b) => (y[b]! < y[a]! ? b : a)) : -1,
      max: drawn.length ? drawn.reduce((a, b) => (y[b]! > y[a]! ? b : a)) : -1,
      firstGap: gaps[0] ?? -1,
      lastGap: gaps.at(-1) ?? -1,
      bad: gaps.find((i) => !Number.isFinite(y[i])) ?? -1,
    });
  }
});

/** Thins `y` over x = 0, 1, 2, … and gives the drawn points as [x, y]. */
function thinned(
  y: number[] | Float64Array,
  from: number,
  to: number,
  buckets: number,
  { positiveOnly = false, known = y.length } = {},
) {
  const x = Float64Array.from({ length: y.length }, (_, i) => i);
  const pyramid = createPyramid(positiveOnly);
  extendPyramid(pyramid, y, known);
  const points = decimate({ x, y, length: y.length, pyramid }, from, to, buckets);
  const drawn = Array.from({ length: points.count }, (_, i) => [points.x[i]!, points.y[i]!] as const);
  return { drawn, bad: points.bad };
}

test.each([false, true])(
  'a column smoothed and looked at in one go has the same means and extremes (log: %s)',
  (isLog) => {
    const values = Float64Array.from({ length: 10_240 }, (_, i) => 2 + Math.sin(i * i) + 0.001 * (i % 7));
    values.set([NaN, Infinity, 0, -3], 1_300);
    values[6_400] = -Infinity;
    values[8_063] = 0;
    const smoothed = new Float32Array(values.length);
    const [raw, mean] = [createPyramid(isLog), createPyramid()];
    const state = { weight: 0.6, isLog, count: 0, mean: 0 };
    for (const to of [4_096, 4_160, 10_240]) extendSmoothed(raw, mean, state, values, smoothed, to);
    // The smoothed column by itself, see above; then a look at each value.
    const expected = new Float32Array(values.length);
    smoothOn({ weight: 0.6, isLog, count: 0, mean: 0 }, values, 0, values.length, expected);
    expect(smoothed).toEqual(expected);
    const isDrawn = (value: number): boolean => Number.isFinite(value) && !(isLog && value <= 0);
    for (const [from, to] of [
      [0, 10_240],
      [64, 1_280],
      [1_200, 1_500],
      [5_000, 8_100],
      [8_064, 8_192],
    ] as const) {
      const own = values.subarray(from, to);
      const drawn = own.filter(isDrawn);
      const found = extremesBetween(raw, values, from, to);
      expect([values[found.min], values[found.max]]).toEqual([Math.min(...drawn), Math.max(...drawn)]);
      const gaps = [...own.keys()].filter((i) => !isDrawn(own[i]!)).map((i) => from + i);
      expect([found.firstGap, found.lastGap]).toEqual([gaps[0] ?? -1, gaps.at(-1) ?? -1]);
      const means = expected.subarray(from, to).filter(Number.isFinite);
      const foundMean = extremesBetween(mean, smoothed, from, to);
      expect([smoothed[foundMean.min], smoothed[foundMean.max]]).toEqual([
        Math.min(...means),
        Math.max(...means),
      ]);
    }
  },
);

describe('decimation', () => {
  test('keeps all of a few points, two above all', () => {
    expect(thinned([3, 5], 0, 1, 100).drawn).toEqual([
      [0, 3],
      [1, 5],
    ]);
  });

  test('shows the point between two that are not finite, and marks those', () => {
    const { drawn, bad } = thinned([NaN, 1.2, NaN], 0, 2, 100);
    expect(drawn).toEqual([
      [0, NaN],
      [1, 1.2],
      [2, NaN],
    ]);
    expect(bad.map(({ x }) => x)).toEqual([0, 2]);
  });

  test("keeps each bucket's smallest and largest point, the first and the last", () => {
    const y = Float64Array.from({ length: 10_000 }, (_, i) => (Math.sin(i * 12.9898) * 43758.5453) % 1);
    y[4321] = 50;
    y[7777] = -50;
    const buckets = 100;
    const { drawn } = thinned(y, 0, 9_999, buckets);
    expect(drawn.length).toBeLessThanOrEqual(2 * (buckets + 2) + 2);
    expect(drawn[0]).toEqual([0, y[0]]);
    expect(drawn.at(-1)).toEqual([9_999, y[9_999]]);
    // By hand: for each bucket of whole multiples of its width, the plain minimum and maximum.
    const width = 9_999 / buckets;
    const kept = new Map(drawn);
    for (let bucket = 0; bucket < buckets; bucket++) {
      const inside = [...y.keys()].filter((i) => Math.floor(i / width) === bucket);
      const low = inside.reduce((a, b) => (y[b]! < y[a]! ? b : a));
      const high = inside.reduce((a, b) => (y[b]! > y[a]! ? b : a));
      expect(kept.get(low)).toBe(y[low]);
      expect(kept.get(high)).toBe(y[high]);
    }
  });

  test('takes the same points, gaps and broken values where a pyramid ends early or holds nothing', () => {
    const y = Float64Array.from({ length: 9_000 }, (_, i) => (Math.sin(i * 12.9898) * 43758.5453) % 1);
    y[77] = NaN;
    y[5_000] = Infinity;
    for (const buckets of [20, 300]) {
      const width = 8_999 / buckets;
      const { drawn, bad } = thinned(y, 0, 8_999, buckets, { positiveOnly: true, known: 0 });
      expect(bad).toEqual([
        { x: 77, value: NaN },
        { x: 5_000, value: Infinity },
      ]);
      const kept = new Map(drawn);
      for (let bucket = 0; bucket < buckets; bucket++) {
        const inside = [...y.keys()].filter((i) => Math.floor(i / width) === bucket);
        const positive = inside.filter((i) => Number.isFinite(y[i]) && y[i]! > 0);
        for (const extreme of [Math.min, Math.max]) {
          const value = extreme(...positive.map((i) => y[i]!));
          expect(kept.get(positive.find((i) => y[i] === value)!)).toBe(value);
        }
        expect(inside.some((i) => Number.isNaN(kept.get(i) ?? 0))).toBe(inside.length > positive.length);
      }
      const early = thinned(y, 0, 8_999, buckets, { positiveOnly: true, known: 4_321 });
      expect(early.drawn).toEqual(drawn);
    }
  });

  test('works on the visible range, with one neighbour beyond either edge', () => {
    const y = Float64Array.from({ length: 1000 }, (_, i) => i);
    const { drawn } = thinned(y, 100, 200, 1000);
    expect(drawn.map(([x]) => x)).toEqual(Array.from({ length: 103 }, (_, i) => 99 + i));
  });

  test('never loses a value that is not finite, however dense', () => {
    const y = Float64Array.from({ length: 100_000 }, (_, i) => i % 7);
    y[50_001] = NaN;
    y[70_003] = Infinity;
    const { drawn, bad } = thinned(y, 0, 99_999, 200);
    expect(bad).toEqual([
      { x: 50_001, value: NaN },
      { x: 70_003, value: Infinity },
    ]);
    expect(drawn.filter(([, value]) => Number.isNaN(value)).map(([x]) => x)).toEqual([50_001, 70_003]);
  });

  test('leaves gaps on a log axis where values are zero or below, which are not marked as broken', () => {
    const { drawn, bad } = thinned([1, 0, -1, 2, NaN], 0, 4, 100, { positiveOnly: true });
    expect(drawn.map(([, value]) => value)).toEqual([1, NaN, NaN, 2, NaN]);
    expect(bad.map(({ x }) => x)).toEqual([4]);
  });

  test('a constant stays constant', () => {
    const { drawn } = thinned(new Float64Array(50_000).fill(2.5), 0, 49_999, 300);
    expect(new Set(drawn.map(([, value]) => value))).toEqual(new Set([2.5]));
  });
});
