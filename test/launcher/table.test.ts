import { describe, expect, test } from 'vitest';
import { tableLines } from '../../src/launcher/cli/table.ts';

const header = ['run', 'loss', 'settings'];
const rows = [
  ['20261129-熊猫-ab', '0.2', 'image 1e-3, text 2e-5, crop [0.5, 1], weight decay 0.1'],
  ['20261129-tiles-xyzw', '12.4k', 'seed 1'],
];

/** Columns on a terminal: the two signs take two each. */
const width = (line: string): number => line.length + (line.match(/[熊猫]/g)?.length ?? 0);

describe('a table', () => {
  test('has straight columns, numbers to the right', () => {
    expect(tableLines(header, rows, undefined)).toEqual([
      'run                   loss  settings',
      '-------------------  -----  ------------------------------------------------------',
      '20261129-熊猫-ab       0.2  image 1e-3, text 2e-5, crop [0.5, 1], weight decay 0.1',
      '20261129-tiles-xyzw  12.4k  seed 1',
    ]);
  });

  test.each([60, 40, 25])('is cut to a terminal of %d columns, a row a line', (columns) => {
    const lines = tableLines(header, rows, columns);
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns);
    expect(lines[2]).toMatch(/…$/);
    expect(lines[3]).toContain('12.4k');
  });

  test('keeps the end of a run’s name, which tells it from the others of its day', () => {
    const names = [['20261129-195203-rates-muxz'], ['20261129-195203-rates-yuxa']];
    const lines = tableLines(
      ['run', 'loss'],
      names.map((name) => [...name, '0.2']),
      18,
    );
    // 12 columns beside the 4 of `loss` and the gap.
    expect(lines.slice(2)).toEqual(['…-rates-muxz   0.2', '…-rates-yuxa   0.2']);
  });

  test('of cells with line breaks and control signs has a line a row', () => {
    const lines = tableLines(['what'], [['a\nb'], ['c\u001b]0;d']], undefined);
    expect(lines.slice(2)).toEqual(['a b', 'c\ufffd]0;d']);
  });
});
