import { describe, expect, test } from 'vitest';
import { createColumns, pushPoint } from '../../src/protocol/series.ts';
import { recordedRows } from '../../webview-ui/plots/recorded-rows.ts';
import { Track } from '../../webview-ui/plots/track.ts';

function curve(steps: number[], scale = 1) {
  const series = createColumns();
  for (const step of steps) pushPoint(series, step, 1000 * step, step / 10);
  const track = new Track(series);
  track.follow(0, false, Infinity);
  return { track, x: { column: 'steps' as const, scale, offset: 0 } };
}
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

describe('the rows of a table', () => {
  test('are what was recorded, and empty where a curve has no value', () => {
    const { rows, isWhole } = recordedRows([curve(upTo(6)), curve([3, 6])], [2, 6], 100);
    expect(rows).toEqual([
      { x: 2, values: [0.2, undefined] },
      { x: 3, values: [0.3, 0.3] },
      { x: 4, values: [0.4, undefined] },
      { x: 5, values: [0.5, undefined] },
      { x: 6, values: [0.6, 0.6] },
    ]);
    expect(isWhole).toBe(true);
  });

  test('of a long curve are an even choice, and no evaluation is lost', () => {
    const { rows, isWhole } = recordedRows([curve(upTo(1001)), curve([7, 500])], [1, 1001], 5);
    expect(rows.map(({ x }) => x)).toEqual([1, 7, 251, 500, 501, 751, 1001]);
    expect(rows.map(({ values }) => values[1])).toEqual([
      undefined,
      0.7,
      undefined,
      50,
      undefined,
      undefined,
      undefined,
    ]);
    // Where the other curve decided on the row, the long one's value stands in it all the same.
    expect(rows[1]!.values[0]).toBe(0.7);
    expect(isWhole).toBe(false);
  });

  test('find their values on an axis of epochs too, whose ends are rounded', () => {
    const { rows } = recordedRows([curve(upTo(49), 1 / 49)], [3 / 49, 1], 100);
    expect(rows).toHaveLength(47);
    expect(rows.every(({ values }) => values[0] !== undefined)).toBe(true);
    expect(recordedRows([curve([])], [0, 1], 5).rows).toEqual([]);
  });
});
