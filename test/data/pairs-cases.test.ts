import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPairs, type PairSet } from '../../src/data/pairs.ts';
import { splitPairs } from '../../src/data/split.ts';
import { pairsConfig } from './pairs-config.ts';

// The cases of test/cases/pairs, each with exactly the counts and lines that its README states.

const folder = join(import.meta.dirname, '../cases/pairs');
interface Expected {
  rows: number;
  usable?: number;
  images?: number;
  captions?: number;
  bad_lines?: number[];
}
const expected = (
  JSON.parse(readFileSync(join(folder, '../expected.json'), 'utf8')) as { pairs: Record<string, Expected> }
).pairs;

function read(name: string): Promise<PairSet> {
  const columns = name === 'bars.csv' ? { image_column: 'image_name', caption_column: 'comment' } : {};
  return readPairs(pairsConfig(join(folder, name), columns), { checkImages: true });
}

const captions = (pairs: PairSet): string[] =>
  Array.from({ length: pairs.count }, (_, i) => pairs.caption(i));
const keys = (pairs: PairSet): string[] => Array.from({ length: pairs.count }, (_, i) => pairs.imageKey(i));

test.each(Object.entries(expected))('%s has the stated rows and usable pairs', async (name, right) => {
  const pairs = await read(name);
  expect(pairs.rows).toBe(right.rows);
  if (right.usable !== undefined) expect(pairs.count).toBe(right.usable);
  if (right.images !== undefined) expect(pairs.images).toBe(right.images);
  if (right.captions !== undefined) expect(pairs.captions).toBe(right.captions);
  if (right.bad_lines) expect(pairs.bad.map((row) => row.line)).toEqual(right.bad_lines);
  for (let i = 0; i < pairs.count; i++) expect((await pairs.loadImage(i)).length).toBeGreaterThan(0);
  await pairs.close();
});

describe('what each case says besides its counts', () => {
  test('good.csv: 12 images, no problem', async () => {
    const pairs = await read('good.csv');
    expect([pairs.images, pairs.badCount, pairs.notes]).toEqual([12, 0, []]);
    expect(pairs.columns).toEqual(['image', 'caption']);
    expect(pairs.line(0)).toBe(2);
  });

  test('bom-crlf.csv: captions without carriage returns, columns without the mark', async () => {
    const pairs = await read('bom-crlf.csv');
    expect(captions(pairs)).toEqual(['red, and nothing else', 'a "quoted" word', 'plain']);
    expect(pairs.columns).toEqual(['image', 'caption']);
  });

  test('semicolon.csv: the row with three fields', async () => {
    const pairs = await read('semicolon.csv');
    expect(captions(pairs)).toEqual(['blue, small', 'flat']);
    expect(pairs.bad).toEqual([
      { code: 'bad_row', file: 'semicolon.csv', line: 3, reason: '3 fields where the header has 2' },
    ]);
  });

  test('empty-captions.csv: nan is a word', async () => {
    expect(captions(await read('empty-captions.csv'))).toEqual(['red', 'nan']);
  });

  test('newline-in-quotes.csv: lines are the file’s', async () => {
    const pairs = await read('newline-in-quotes.csv');
    expect(captions(pairs)).toEqual(['first line\nsecond line', 'third']);
    expect([pairs.line(0), pairs.line(1)]).toEqual([2, 5]);
  });

  test('missing-images.csv: one message with the count and the names', async () => {
    const pairs = await read('missing-pictures.csv');
    expect(pairs.notes).toEqual(['2 images are not there: tiles/99.png, TILES/02.PNG.']);
    expect(pairs.badImages).toBe(2);
  });

  test('same-again.csv: the repeated row is said once; rows with one image stay together', async () => {
    const pairs = await read('same-again.csv');
    expect(pairs.notes).toEqual([
      "1 row repeats an earlier row's image and caption (line 6 repeats line 2).",
    ]);
    expect([0, 3, 4].map((pair) => pairs.imageId(pair))).toEqual([0, 0, 0]);
    expect([0, 1, 2, 4].map((pair) => pairs.captionId(pair))).toEqual([0, 0, 0, 0]);
    for (let seed = 0; seed < 20; seed++) {
      const val = new Set(splitPairs(pairs, { val_fraction: 0.5, seed }).val);
      expect([val.has(3), val.has(4)]).toEqual([val.has(0), val.has(0)]);
    }
  });

  test('tokens.txt: quotes belong to the caption', async () => {
    const pairs = await read('tokens.txt');
    expect(pairs.format).toBe('flickr');
    expect(captions(pairs)[1]).toBe('A tile with the word " red " on it .');
  });

  test('bars.csv: names and captions trimmed', async () => {
    const pairs = await read('bars.csv');
    expect(captions(pairs)).toEqual(['A red tile .', 'Still red .']);
    expect(pairs.columns).toEqual(['image_name', 'comment_number', 'comment']);
    expect(pairs.bad[0]!.reason).toBe('2 fields where the header has 3');
  });

  test('lines.jsonl: lists of captions, the column where JSON ends', async () => {
    const pairs = await read('lines.jsonl');
    expect(captions(pairs)).toEqual(['one', 'two', 'zwei', '一个方块']);
    expect(pairs.bad[1]!.reason).toBe('not JSON: the line ends too early, column 46');
  });

  test('coco.json: the annotation that points nowhere, the image without a caption', async () => {
    const pairs = await read('coco.json');
    expect(captions(pairs)).toEqual(['A red tile.', 'Red.', 'Another one.']);
    expect(pairs.bad[0]!.reason).toBe('annotation 4 points at image 77, which is not listed');
    expect(pairs.notes).toEqual(['1 image has no caption: 9.']);
  });

  test('lying-names.csv: each image that is none is named with its reason', async () => {
    const pairs = await read('lying-names.csv');
    expect(pairs.bad.map((row) => row.reason.replace(/\(.*\)/, '(...)'))).toEqual([
      'lying/page.jpg: a web page (...), as a site sends in place of a file: download the file itself again',
      'lying/empty.png: the file is empty',
      'lying/cut.png: cut or damaged (...)',
    ]);
    expect(pairs.badImages).toBe(3);
  });

  test('folder: images and texts without each other, the blank text, no hidden files', async () => {
    const pairs = await read('folder');
    expect(keys(pairs)).toEqual(['a.png', 'b.PNG', 'c.v2.png']);
    expect(captions(pairs)).toEqual(['the first', 'the second', 'a name with a dot']);
    expect(pairs.bad.map((row) => row.file).sort()).toEqual(['d.png', 'e.txt', 'f.png']);
  });

  test('shard-torn.tar: two pairs and one message', async () => {
    const pairs = await read('shard-torn.tar');
    expect(pairs.notes).toEqual([
      'shard-torn.tar is not whole: it ends early, in 0002.png; what comes before was read.',
    ]);
    expect(pairs.badCount).toBe(0);
  });

  test('shard-dots.tar: 22.05 goes with its own text', async () => {
    const pairs = await read('shard-dots.tar');
    expect(keys(pairs)).toEqual(['shard-dots.tar/22.05.png', 'shard-dots.tar/x.png']);
    expect(captions(pairs)).toEqual(['a dot in the name', 'no dot']);
    const tile = readFileSync(join(folder, 'tiles/00.png'));
    expect(await pairs.loadImage(0)).toEqual(tile);
    await pairs.close();
  });
});
