import { expect, test } from 'vitest';
import { seedBand } from '../../src/analysis/seed-band.ts';
import { createColumns, pushPoint } from '../../src/protocol/series.ts';
import type { Series } from '../../src/protocol/series.ts';

function series(points: [step: number, value: number][]): Series {
  const made = createColumns();
  for (const [step, value] of points) pushPoint(made, step, 1000 + step, value);
  return made;
}

const points = ({ steps, values, length }: Series): [number, number][] =>
  Array.from({ length }, (_, i) => [steps[i]!, values[i]!]);

test('a band is the mean and the range over the runs that have a step, without what is not finite', () => {
  const { mean, low, high } = seedBand([
    series([
      [1, 4],
      [2, 3],
      [4, NaN],
      [5, NaN],
    ]),
    series([
      [1, 2],
      [2, 5],
      [3, 7],
      [4, 1],
    ]),
    series([[1, 6]]),
  ]);
  expect(points(mean)).toEqual([
    [1, 4],
    [2, 4],
    [3, 7],
    [4, 1],
    [5, NaN],
  ]);
  expect(points(low)).toEqual([
    [1, 2],
    [2, 3],
    [3, 7],
    [4, 1],
    [5, NaN],
  ]);
  expect(points(high)).toEqual([
    [1, 6],
    [2, 5],
    [3, 7],
    [4, 1],
    [5, NaN],
  ]);
  expect(mean.times[0]).toBe(1001);
});
