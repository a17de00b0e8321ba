import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { applyEdits } from '../../src/experiment/edit/apply-edits.ts';
import { setValue } from '../../src/experiment/edit/edit.ts';
import {
  byteSize,
  counted,
  exactNumber,
  measured,
  numberText,
  percent,
  shortNumber,
} from '../../src/text/numbers.ts';

/** As written in the file by an edit, and what the file then says. */
function written(value: number): { text: string; value: unknown } {
  const file = 'optimizer:\n  weight_decay: 0.5 # as before\n';
  const after = applyEdits(file, setValue(file, 'optimizer.weight_decay', numberText(value)));
  const text = /weight_decay: (\S+) # as before\n$/.exec(after)![1]!;
  return { text, value: parseDocument(after).getIn(['optimizer', 'weight_decay']) };
}

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
/** Rates and counts as people give them: few digits, any power of ten. */
const usual = fc
  .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: -12, max: 9 }))
  .map(([digits, power]) => Number(`${digits}e${power}`));

describe('a setting’s number', () => {
  test.each([
    [0.005, '5e-3'],
    [0.00002, '2e-5'],
    [-0.00025, '-2.5e-4'],
    [0.01, '0.01'],
    [0.05, '0.05'],
    [1, '1'],
    [300_000, '300000'],
    [10_000_000, '1e7'],
    [12_345_678, '12345678'],
    [1.5e300, '1.5e300'],
    [0, '0'],
    [-0, '0'],
  ])('%d is written %s', (value, text) => expect(written(value).text).toBe(text));

  test('reads back as the same number', () => {
    fc.assert(
      fc.property(fc.oneof(finite, usual), (value) => {
        // Zero has no sign in a setting.
        expect(written(value).value).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  test('has the form a reader types: an exponent below 0.01, none from there to ten million, no idle signs or zeros', () => {
    fc.assert(
      fc.property(fc.oneof(finite, usual), (value) => {
        const text = numberText(value);
        const [, mantissa, exponent] = /^-?(\d+(?:\.\d*[1-9])?)(?:e(-?[1-9]\d*))?$/.exec(text) ?? [];
        expect(mantissa, text).toBeDefined();
        const size = Math.abs(value);
        if (size !== 0 && size < 0.01) expect(Number(exponent)).toBeLessThan(-2);
        if (size >= 0.01 && size < 1e7) expect(exponent).toBeUndefined();
        if (exponent) expect(mantissa).toMatch(/^[1-9](\.|$)/);
      }),
    );
  });
});

describe('a measured number', () => {
  test('has three significant digits', () => {
    const shown = [2.314, 0.38, 0.001, 12_345, 3_500_000, 0, 0.00999996, 999.96, -0.00512, NaN, -Infinity];
    expect(shown.map((value) => shortNumber(value))).toEqual(
      ['2.31', '0.38', '1e-3', '12.3k', '3.5M', '0', '0.01', '1k', '-5.12e-3', 'NaN', '−∞'], // prettier-ignore
    );
  });

  test('has all digits of a 32-bit float where it is looked up', () => {
    expect([2.0373342, 0.0051234567, 1_234_567_890].map(exactNumber)).toEqual([
      '2.037334',
      '5.123457e-3',
      '1234567890',
    ]);
  });

  test('is as sure as its spread in sentences', () => {
    expect(measured(0.38312, 0.0213)).toBe('0.383');
    expect(measured(0.38312, null)).toBe('0.383');
    expect(measured(0.38312, 0.21)).toBe('0.38');
  });

  test('is close to what it stands for, whatever its form', () => {
    const units: Record<string, number> = { k: 1e3, M: 1e6 };
    fc.assert(
      // Above, three digits can be more than the largest double.
      fc.property(fc.double({ min: -1e308, max: 1e308, noNaN: true }), (value) => {
        const [, digits, unit] = /^(.*?)([kM]?)$/.exec(shortNumber(value))!;
        const shown = Number(digits) * (units[unit!] ?? 1);
        // Half a unit of the third digit is at most 0.5 % of the number; the smallest doubles have fewer digits themselves.
        expect(Math.abs(shown - value)).toBeLessThanOrEqual(0.005001 * Math.abs(value) + 5e-324);
      }),
    );
  });
});

test('shares, counts and bytes have their units', () => {
  expect([0.18, 0.004, 1].map(percent)).toEqual(['18%', '0.4%', '100%']);
  expect(counted(1852)).toBe('1,852');
  expect([0, 999, 1000, 420_000, 999_700, 3.14e9, 12.5e9, 2e12].map(byteSize)).toEqual(
    ['0 B', '999 B', '1 kB', '420 kB', '1 MB', '3.1 GB', '12.5 GB', '2 TB'], // prettier-ignore
  );
});
