import { expect, test } from 'vitest';
import { SeparatedRecords } from '../../src/data/readers/separated-records.ts';

// Quotes as they stand in captions, and what a reader that trusts them would swallow.

/** The fields of the records, the same however the text is cut into chunks. */
function check(text: string, separator: string, right: string[][]): void {
  for (const size of [text.length, 7, 1]) {
    const records = new SeparatedRecords(separator);
    const found = [];
    for (let at = 0; at < text.length; at += size)
      found.push(...records.take(text.slice(at, at + size), false));
    found.push(...records.take('', true));
    expect(found.map(({ fields }) => fields)).toEqual(right);
  }
}

test('captions that only begin with a quote keep it, and no row is swallowed', () => {
  const captions = [
    'a red tile',
    '"stop says the sign',
    'a blue tile',
    'a yellow tile',
    '"go says another',
    'an orange tile',
    '"this one has no partner',
  ];
  for (const separator of ['\t', ','])
    check(
      `image${separator}caption\n${captions.map((caption, i) => `p/${i}.png${separator}${caption}\n`).join('')}`,
      separator,
      [['image', 'caption'], ...captions.map((caption, i) => [`p/${i}.png`, caption])],
    );
});

test('a quote without a partner is a letter between tabs, and a fault of its line between commas', () => {
  const faults = ['\t', ','].map((separator) =>
    new SeparatedRecords(separator)
      .take(`image${separator}caption\n0.png${separator}"stop\n1.png${separator}red\n`, true)
      .map(({ fault }) => fault),
  );
  expect(faults).toEqual([
    [null, null, null],
    [null, 'quote', null],
  ]);
});

test('nor where the next quote ends its line', () => {
  for (const separator of ['\t', ','])
    check(
      `image${separator}caption\np/0.png${separator}"stop\np/1.png${separator}red\np/2.png${separator}it says "go"\np/3.png${separator}blue\n`,
      separator,
      [
        ['image', 'caption'],
        ['p/0.png', '"stop'],
        ['p/1.png', 'red'],
        ['p/2.png', 'it says "go"'],
        ['p/3.png', 'blue'],
      ],
    );
});

test('a quoted word at the beginning is a part of the caption', () => {
  check('image\tcaption\n0.png\t"stop" says the sign\n1.png\t"go" \n', '\t', [
    ['image', 'caption'],
    ['0.png', '"stop" says the sign'],
    ['1.png', 'go '],
  ]);
});

test('line ends and separators inside of real quotes stay', () => {
  check('image,caption\n0.png,"first, with a comma\nsecond, with one"\n1.png,"a\n\nb"\n', ',', [
    ['image', 'caption'],
    ['0.png', 'first, with a comma\nsecond, with one'],
    ['1.png', 'a\n\nb'],
  ]);
});

test('a caption of several lines in the first column is none of these', () => {
  check('caption\timage\n"first\nsecond"\t0.png\nred\t1.png\n', '\t', [
    ['caption', 'image'],
    ['first\nsecond', '0.png'],
    ['red', '1.png'],
  ]);
});

test('quotes that a backslash escapes', () => {
  check('image,caption\n0.png,"says \\"stop\\", red"\n1.png,"\\"go\\""\n2.png,"C:\\\\"\n', ',', [
    ['image', 'caption'],
    ['0.png', 'says "stop", red'],
    ['1.png', '"go"'],
    ['2.png', 'C:\\'],
  ]);
  // Without any that RFC 4180 could not have written, a backslash is a letter.
  check('image,caption\n0.png,"C:\\"\n1.png,"a \\"" b"\n', ',', [
    ['image', 'caption'],
    ['0.png', 'C:\\'],
    ['1.png', 'a \\" b'],
  ]);
});
