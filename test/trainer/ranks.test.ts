import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rankBothWays } from '../../src/trainer/evaluation/ranks.ts';
import { rankOfBest } from '../../src/trainer/evaluation/recall.ts';
import { columnOf, inBlocks, rowOf } from './similarity-matrix.ts';

/** Indices of the `count` largest values, by sorting them all. */
function largest(values: Float32Array, count: number): number[] {
  const value = (at: number): number => (Number.isNaN(values[at]!) ? -Infinity : values[at]!);
  return [...values.keys()].sort((a, b) => value(b) - value(a) || a - b).slice(0, count);
}

/** Few different values, so that ties are many; and those that are no numbers. */
const similarity = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: -3, max: 3 }).map((value) => value / 4) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, -0) },
);

it('block by block, ranks and candidates are those of the whole matrix', async () => {
  const cases = fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 14 }))
    .chain(([rows, columns]) =>
      fc.record({
        rows: fc.constant(rows),
        columns: fc.constant(columns),
        matrix: fc.array(similarity, { minLength: rows * columns, maxLength: rows * columns }),
        imageOfText: fc.array(fc.nat(rows - 1), { minLength: columns, maxLength: columns }),
        side: fc.integer({ min: 1, max: 6 }),
        keep: fc.integer({ min: 0, max: 8 }),
      }),
    );
  await fc.assert(
    fc.asyncProperty(cases, async ({ rows, columns, side, keep, ...one }) => {
      const matrix = Float32Array.from(one.matrix);
      const found = await rankBothWays(
        inBlocks(matrix, rows, columns, side),
        Int32Array.from(one.imageOfText),
        keep,
      );
      for (let i = 0; i < rows; i++) {
        const row = rowOf(matrix, columns, i);
        const right = new Set([...one.imageOfText.keys()].filter((t) => one.imageOfText[t] === i));
        expect(found.images.ranks[i]).toBe(rankOfBest(row, right));
        expect([...found.images.candidates.of(i)]).toEqual(largest(row, keep));
      }
      for (let t = 0; t < columns; t++) {
        const column = columnOf(matrix, columns, t);
        expect(found.texts.ranks[t]).toBe(rankOfBest(column, new Set([one.imageOfText[t]!])));
        expect([...found.texts.candidates.of(t)]).toEqual(largest(column, keep));
      }
    }),
    { numRuns: 500 },
  );
});

it('the memory does not grow with pictures times captions', async () => {
  const [rows, columns, side] = [4_000, 12_000, 512];
  const block = Float32Array.from({ length: side * side }, (_, at) => ((at * 7919) % 1009) / 1009);
  const imageOfText = Int32Array.from({ length: columns }, (_, text) => text % rows);
  const before = process.memoryUsage();
  let most = 0;
  const { images, texts } = await rankBothWays(
    {
      rows,
      columns,
      side,
      block() {
        const { arrayBuffers, heapUsed } = process.memoryUsage();
        most = Math.max(most, arrayBuffers + heapUsed - before.arrayBuffers - before.heapUsed);
        return Promise.resolve(block);
      },
    },
    imageOfText,
    128,
  );
  expect([images.ranks.length, texts.ranks.length]).toEqual([rows, columns]);
  // The matrix would be 192 MB; 16,000 queries with 128 candidates are 16 MB.
  expect(most / 1e6).toBeLessThan(60);
}, 60_000);
