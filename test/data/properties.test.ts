import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyToCaption, augmentation, exchangeLeftRight } from '../../src/data/images/augment.ts';
import { permutation, rng } from '../../src/data/hash.ts';
import { hash32, hashFraction } from '../../src/text/hash.ts';
import { expandBraces } from '../../src/data/readers/pattern.ts';
import { SeparatedRecords, type SeparatedRecord } from '../../src/data/readers/separated-records.ts';
import { resizeImage } from '../../src/data/images/resize.ts';
import { StringTable } from '../../src/data/columns/string-table.ts';

const field = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.stringMatching(/^["', \n\r;a]{0,6}$/),
  fc.constantFrom('', '"', '""', 'a\r\nb', '左,右', '🐼'),
);
const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`;

function recordsOf(text: string, separator: string, chunk: number): SeparatedRecord[] {
  const records = new SeparatedRecords(separator);
  const found: SeparatedRecord[] = [];
  for (let at = 0; at < text.length; at += chunk)
    found.push(...records.take(text.slice(at, at + chunk), false));
  return [...found, ...records.take('', true)];
}

test('what is written as csv is read back, however it is cut into chunks, as csv-parse reads it', () => {
  const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 8 });
  fc.assert(
    fc.property(
      rows,
      fc.constantFrom(',', '\t', ';', '||'),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.integer({ min: 1, max: 30 }),
      (table, separator, end, chunk) => {
        const text = table.map((row) => row.map(quoted).join(separator) + end).join('');
        const read = recordsOf(text, separator, chunk);
        expect(read.map(({ fields }) => fields)).toEqual(table);
        expect(read.some(({ fault }) => fault)).toBe(false);
        expect(
          parse(text, { delimiter: separator, relax_column_count: true, record_delimiter: end }),
        ).toEqual(table);
        let line = 1;
        for (const record of read) {
          expect(record.line).toBe(line);
          // Quotes stand between the fields: a \r that ends one and a \n that begins the next are two line ends.
          line += 1;
          for (const value of record.fields) line += value.split(/\r\n|\n|\r/).length - 1;
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('a quote that is never closed costs its line only', () => {
  const read = recordsOf('image,caption\na.png,fine\nb.png,"open\nc.png,next\n', ',', 5);
  expect(read.map(({ line, fault }) => [line, fault])).toEqual([
    [1, null],
    [2, null],
    [3, 'quote'],
    [4, null],
  ]);
});

test('a line of millions of letters is one fault, and the next line is read', () => {
  const long = 'x'.repeat(9_000_000);
  for (const end of ['\n', '\r\n', '\r']) {
    const text = ['image,caption', `a.png,${long}`, 'b.png,next', ''].join(end);
    const read = recordsOf(text, ',', 1_000_003);
    expect(read.map(({ line, fault }) => [line, fault])).toEqual([
      [1, null],
      [2, 'length'],
      [3, null],
    ]);
    expect(read[2]!.fields).toEqual(['b.png', 'next']);
  }
});

test('any text can be read as csv without an error, and every line is counted', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (text, chunk) => {
      const whole = recordsOf(text, ',', 1000);
      expect(recordsOf(text, ',', chunk)).toEqual(whole);
    }),
  );
});

test('a table of strings gives back what was put in, each once', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 300 }), (values) => {
      const table = new StringTable();
      const ids = values.map((value) => table.intern(value));
      table.finish();
      expect(ids.map((id) => table.get(id))).toEqual(values);
      expect(table.count).toBe(new Set(values).size);
    }),
  );
});

test('hashes and generators are what they have always been', () => {
  // A change here changes every split, order and augmentation of runs to be resumed.
  expect([hash32(), hash32(0), hash32('a', 1), hash32(2 ** 40 + 1)]).toMatchInlineSnapshot(`
    [
      2462723854,
      1768809451,
      662509318,
      3740587237,
    ]
  `);
  const random = rng('x', 1);
  expect([random.uint32(), random.next(), random.int(10), random.normal()]).toMatchInlineSnapshot(`
    [
      3754312439,
      0.18093670951202512,
      8,
      -1.0627436770419345,
    ]
  `);
  expect(Array.from(permutation(8, 'order', 0, 0))).toMatchInlineSnapshot(`
    [
      0,
      2,
      1,
      3,
      7,
      4,
      5,
      6,
    ]
  `);
});

test('draws are uniform', () => {
  const random = rng('uniform');
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) counts[random.int(10)]!++;
  // Chi-squared with 9 degrees of freedom: above 33 once in 10,000.
  expect(counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(33);
  const share = Array.from({ length: 20_000 }, (_, i) => hashFraction(17, 3, `picture ${i}.png`)).filter(
    (x) => x < 0.1,
  );
  expect(Math.abs(share.length - 2000)).toBeLessThan(4 * Math.sqrt(20_000 * 0.09));
  const normals = Array.from({ length: 20_000 }, () => random.normal());
  expect(Math.abs(normals.reduce((sum, x) => sum + x, 0) / 20_000)).toBeLessThan(0.03);
  expect(Math.abs(normals.reduce((sum, x) => sum + x * x, 0) / 20_000 - 1)).toBeLessThan(0.05);
});

test('left and right are exchanged as whole words, capitals and all', () => {
  expect(exchangeLeftRight('Left of the RIGHT door, on the right-hand side; lefT')).toBe(
    'Right of the LEFT door, on the left-hand side; right',
  );
  for (const same of [
    'bright leftover cleft upright',
    'leftmost',
    'le ft',
    'éleft lefté',
    'left_hand',
    'left2',
    '左右',
  ])
    expect(exchangeLeftRight(same)).toBe(same);
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('left', 'Right', 'LEFT', 'dog', 'bright', '.'), { maxLength: 8 }),
      (words) => {
        const text = words.join(' ');
        expect(exchangeLeftRight(exchangeLeftRight(text))).toBe(text);
      },
    ),
  );
});

test('an augmentation depends on seed, epoch and pair alone, and stays inside the image', () => {
  const config = { crop: [0.25, 0.9] as [number, number], flip: 0.5, swap_left_right: true, drop_word: 0.3 };
  const areas: number[] = [];
  let flips = 0;
  for (let i = 0; i < 2000; i++) {
    const drawn = augmentation(1, i % 7, `pair ${i}`, config);
    expect(augmentation(1, i % 7, `pair ${i}`, config)).toEqual(drawn);
    const { left, top, width, height } = drawn.crop!;
    for (const [start, length] of [
      [left, width],
      [top, height],
    ] as const) {
      expect(start).toBeGreaterThanOrEqual(0);
      expect(start + length).toBeLessThanOrEqual(1 + 1e-12);
    }
    areas.push(width * height);
    flips += drawn.flip ? 1 : 0;
  }
  expect(Math.min(...areas)).toBeGreaterThanOrEqual(0.25 - 1e-9);
  expect(Math.max(...areas)).toBeLessThanOrEqual(0.9 + 1e-9);
  expect(Math.abs(flips - 1000)).toBeLessThan(100);
  expect(augmentation(1, 0, 'pair', config)).not.toEqual(augmentation(1, 1, 'pair', config));
  expect(augmentation(1, 0, 'pair', config)).not.toEqual(augmentation(2, 0, 'pair', config));
  // Switching the flip off leaves the crop where it was.
  expect(augmentation(1, 0, 'pair', { ...config, flip: 0 }).crop).toEqual(
    augmentation(1, 0, 'pair', config).crop,
  );
});

test('dropped words leave the first and the order', () => {
  for (let i = 0; i < 200; i++) {
    const drawn = { crop: null, flip: false, swapLeftRight: true, dropWord: 0.5, wordSeed: i };
    const words = applyToCaption('one two three four', drawn).split(' ');
    expect(words[0]).toBe('one');
    expect(['one', 'two', 'three', 'four'].filter((word) => words.includes(word))).toEqual(words);
  }
});

test('braces name shards', () => {
  expect(expandBraces('a-{008..011}.tar')).toEqual(['a-008.tar', 'a-009.tar', 'a-010.tar', 'a-011.tar']);
  expect(expandBraces('{x,y}/{1..2}')).toEqual(['x/1', 'x/2', 'y/1', 'y/2']);
  expect(expandBraces('plain.tar')).toEqual(['plain.tar']);
});

test('one colour stays that colour at any size, and weights add up', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 0, max: 255 }),
      (width, height, side, value) => {
        const data = new Uint8Array(width * height * 3).fill(value);
        expect(resizeImage({ data, width, height }, side, side).every((pixel) => pixel === value)).toBe(true);
      },
    ),
  );
});
