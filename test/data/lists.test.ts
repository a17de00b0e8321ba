import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readPairs, type PairSet, type PairsConfig } from '../../src/data/pairs.ts';
import { splitPairs } from '../../src/data/split.ts';
import { pairsConfig } from './pairs-config.ts';

// Lists as other programs write them, and lists with a fault: what is read, what is left out, and what is said of it.

const fixtures = join(import.meta.dirname, '../fixtures/data');
const tiles = join(import.meta.dirname, '../cases/pairs/tiles');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-lists-'));
  cpSync(tiles, join(folder, 'tiles'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(
  name: string,
  content: string | Buffer,
  settings: Partial<PairsConfig> = {},
): Promise<PairSet> {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
  return readPairs(pairsConfig(join(folder, name), settings));
}

const rowsOf = (pairs: PairSet): string[] =>
  Array.from({ length: pairs.count }, (_, i) => `${pairs.imageKey(i)} ${pairs.caption(i)}`);
const reasons = (pairs: PairSet) => pairs.bad.map(({ line, reason }) => [line, reason]);
const rows = [
  { image: 'tiles/00.png', caption: ['a red tile', 'red'] },
  { image: 'tiles/01.png', caption: 'a green tile' },
];
const three = ['tiles/00.png a red tile', 'tiles/00.png red', 'tiles/01.png a green tile'];

describe('JSON', () => {
  test.each<[string, unknown]>([
    ['a list of objects', rows],
    ['a list under one key', { version: 1, data: rows }],
    [
      'columns as pandas writes them',
      {
        image: { 0: rows[0]!.image, 1: rows[1]!.image },
        caption: { 0: rows[0]!.caption, 1: rows[1]!.caption },
      },
    ],
    [
      'lists by column',
      { image: rows.map(({ image }) => image), caption: rows.map(({ caption }) => caption) },
    ],
    ['captions by image', Object.fromEntries(rows.map(({ image, caption }) => [image, caption]))],
  ])('%s', async (_, value) => {
    for (const text of [JSON.stringify(value), JSON.stringify(value, null, 1)])
      expect(rowsOf(await write('list.json', text))).toEqual(three);
  });

  test('one object a line in a file called .json', async () => {
    const text = rows.map((row) => JSON.stringify(row)).join('\n');
    expect(rowsOf(await write('list.json', text))).toEqual(three);
    expect(
      rowsOf(
        await write(
          'list.json',
          `${JSON.stringify({ ...rows[0], more: 'x'.repeat(9000) })}\n${JSON.stringify(rows[1])}`,
        ),
      ),
    ).toEqual(three);
  });

  test('other forms are said', async () => {
    await expect(write('a.json', '[["tiles/00.png", "red"]]')).rejects.toThrow('it is a list of lists');
    await expect(write('a.json', '{"train": 3, "test": 4}')).rejects.toThrow(
      'it is an object with train and test',
    );
    await expect(write('a.json', '[]')).rejects.toMatchObject({ code: 'no_pairs' });
    await expect(write('a.json', '[{"image": "tiles/00.png",\n "caption": }]')).rejects.toThrow(
      'a.json is not JSON: line 2, column 13.',
    );
    await expect(write('a.json', '[{"image": "tiles/00.png"')).rejects.toThrow('it ends too early');
    await expect(write('a.json', '[{"file": "tiles/00.png", "caption": "x"}]')).rejects.toMatchObject({
      code: 'missing_image_column',
      columns: ['file', 'caption'],
    });
  });

  test('NaN is no value, and drops no row whose caption is there', async () => {
    const text =
      '{"image": "tiles/00.png", "caption": "a NaN, b", "score": NaN}\n{"image": "tiles/01.png", "caption": NaN}\n';
    const pairs = await write('p.jsonl', text);
    expect(rowsOf(pairs)).toEqual(['tiles/00.png a NaN, b']);
    expect(reasons(pairs)).toEqual([[2, 'no caption']]);
  });

  test('Karpathy’s file: its own split, the test part left out', async () => {
    const image = (at: number, split: string) => ({
      filepath: 'tiles',
      filename: `0${at}.png`,
      split,
      sentences: [{ raw: `${split} ${at}`, tokens: [split, String(at)] }, { raw: `again ${at}` }],
    });
    const images = [
      image(0, 'train'),
      image(1, 'restval'),
      image(2, 'val'),
      image(3, 'test'),
      image(4, 'test'),
    ];
    const pairs = await write('dataset_coco.json', JSON.stringify({ dataset: 'coco', images }));
    expect([pairs.count, pairs.images]).toEqual([6, 3]);
    const { train, val } = splitPairs(pairs, { val_fraction: 0, seed: 0 });
    expect(Array.from(train, (pair) => pairs.caption(pair))).toEqual([
      'train 0',
      'again 0',
      'restval 1',
      'again 1',
    ]);
    expect(Array.from(val, (pair) => pairs.caption(pair))).toEqual(['val 2', 'again 2']);
    expect(pairs.notes).toEqual([
      'dataset_coco.json says itself which images are held out for validation (1); data.val_fraction is not used.',
      '2 images of the part test of dataset_coco.json are left out.',
    ]);
  });

  test('COCO: an id that stands for two files gives none of its captions to either', async () => {
    const images = [
      { id: 1, file_name: 'tiles/00.png' },
      { id: 2, file_name: 'tiles/01.png' },
      { id: 1, file_name: 'tiles/02.png' },
      { id: '2', file_name: './tiles/01.png' },
    ];
    const annotations = [
      { id: 10, image_id: 1, caption: 'of one of two' },
      { id: 11, image_id: '2', caption: 'the second' },
    ];
    const pairs = await write('merged.json', JSON.stringify({ images, annotations }));
    expect(rowsOf(pairs)).toEqual(['tiles/01.png the second']);
    expect(pairs.bad[0]!.reason).toBe(
      'annotation 10 points at image 1, an id that stands for two files (tiles/00.png and tiles/02.png)',
    );
    expect(pairs.notes.join()).toContain('image id 1 is there twice (tiles/00.png and tiles/02.png)');
  });
});

describe('first bytes', () => {
  test('lists that gzip compressed are read as what they hold', async () => {
    const csv = 'image,caption\ntiles/00.png,a red tile\ntiles/00.png,red\ntiles/01.png,a green tile\n';
    expect(rowsOf(await write('pairs.csv.gz', gzipSync(csv)))).toEqual(three);
    expect(rowsOf(await write('pairs.csv', gzipSync(csv)))).toEqual(three);
    expect(rowsOf(await write('p.json.gz', gzipSync(JSON.stringify(rows))))).toEqual(three);
    expect(
      rowsOf(await write('p.jsonl.gz', gzipSync(rows.map((row) => JSON.stringify(row)).join('\n')))),
    ).toEqual(three);
    const whole = gzipSync(csv);
    await expect(write('cut.csv.gz', whole.subarray(0, whole.length - 12))).rejects.toThrow(
      'cut.csv.gz is damaged (',
    );
  });

  test('what is no list is named, whatever it is called', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 48213\n';
    await expect(write('pairs.csv', pointer)).rejects.toThrow(
      'pairs.csv is a Git LFS pointer, not the file itself (48,213 bytes). Run git lfs pull in its repository.',
    );
    await expect(write('t.parquet', pointer, { format: 'parquet' })).rejects.toThrow('Git LFS pointer');
    await expect(write('list.csv', Buffer.from('PK\x03\x04\x14\0\0\0', 'latin1'))).rejects.toThrow(
      'list.csv is a zip archive. Unpack it',
    );
    await expect(write('list.csv', gzipSync(pointer))).rejects.toThrow(
      'compressed (gzip) and a Git LFS pointer',
    );
  });

  test('images that are something else are named', async () => {
    writeFileSync(
      join(folder, 'tiles/00.png'),
      'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 48213\n',
    );
    writeFileSync(join(folder, 'list.csv'), 'image,caption\ntiles/00.png,a\ntiles/01.png,b\n');
    const pairs = await readPairs(pairsConfig(join(folder, 'list.csv')), { checkImages: true });
    expect(reasons(pairs)).toEqual([
      [
        2,
        'tiles/00.png: a Git LFS pointer, not the file itself (48,213 bytes): run git lfs pull in its repository',
      ],
    ]);
  });
});

describe('captions', () => {
  test('that nobody can see, that are no texts, or that are cut into words are none', async () => {
    const captions = [
      '\u200b\u2060\ufeff',
      '\u2800\u3164',
      ['a', 'red', 'tile'],
      { raw: 'red' },
      true,
      [],
      ['good', null, 'fine'],
    ];
    const text = captions.map((caption) => JSON.stringify({ image: 'tiles/00.png', caption })).join('\n');
    const pairs = await write('p.jsonl', text);
    expect(rowsOf(pairs)).toEqual(['tiles/00.png good', 'tiles/00.png fine']);
    expect(reasons(pairs)).toEqual([
      [1, 'no caption: it has only signs that cannot be seen'],
      [2, 'no caption: it has only signs that cannot be seen'],
      [3, 'the caption is a list of 3 words, which is not joined: write it as one text'],
      [4, 'the caption is an object with raw, not a text'],
      [5, 'the caption is true, not a text'],
      [6, 'no caption: its list is empty'],
      [7, 'no caption (number 2 of its list)'],
    ]);
  });

  test('in a list inside of a cell', async () => {
    const pairs = await write(
      'p.tsv',
      `image\tcaption\ntiles/00.png\t["a red tile", "red"]\ntiles/01.png\t['a', 'b']\ntiles/02.png\t[sic] blue\n`,
    );
    expect(rowsOf(pairs)).toEqual(['tiles/00.png a red tile', 'tiles/00.png red', 'tiles/02.png [sic] blue']);
    expect(reasons(pairs)).toEqual([
      [3, 'the caption is a list as Python prints it: write it as JSON or as rows'],
    ]);
  });

  test('of megabytes are cut, once and said', async () => {
    const pairs = await write(
      'p.csv',
      `image,caption\ntiles/00.png,${'word '.repeat(600_000)}\ntiles/01.png,short\n`,
    );
    expect(pairs.caption(0)).toHaveLength(16_384);
    expect(pairs.caption(1)).toBe('short');
    expect(pairs.notes).toEqual(['1 caption is longer than 16,384 letters and is cut there (line 2).']);
  });
});

describe('columns', () => {
  test('a name twice, no header, spaces for separators', async () => {
    await expect(write('p.csv', 'image,caption,caption\ntiles/00.png,a,b\n')).rejects.toMatchObject({
      code: 'column_twice',
      what: 'p.csv has two columns "caption" (columns 2 and 3).',
    });
    await expect(write('p.csv', 'tiles/00.png,a red tile\ntiles/01.png,b\n')).rejects.toMatchObject({
      code: 'no_header',
      what: 'p.csv has no header: its first line is a pair already (tiles/00.png).',
    });
    await expect(write('p.csv', 'image  caption\ntiles/00.png  a red tile\n')).rejects.toMatchObject({
      code: 'parted_by_spaces',
    });
    expect(rowsOf(await write('p.csv', 'image,x,x,caption\ntiles/00.png,1,2,a\n'))).toEqual([
      'tiles/00.png a',
    ]);
  });

  test('images as base64 text are named, and no message repeats a long cell', async () => {
    const encoded = readFileSync(join(tiles, '00.png')).toString('base64');
    for (const cell of [encoded, `data:image/png;base64,${encoded}`]) {
      const error = await write('p.tsv', `image\tcaption\n${cell}\ta\n`).catch(
        (error: Error) => error.message,
      );
      expect(error).toBe(
        'The column "image" of p.tsv holds images as base64 text, which is not read. Write the images to files and name those, or put their bytes into a Parquet file.',
      );
    }
    const long = 'x'.repeat(5000);
    for (const text of [
      `image,caption\n${long},a\n`,
      `${long},caption\na,b\n`,
      `image,caption\ntiles/00.png,a\n${long}.png,b\n`,
    ]) {
      const said = await write('p.csv', text).then(
        ({ bad, notes }) => JSON.stringify([bad, notes]),
        (error: Error) => error.message,
      );
      expect(said).not.toMatch(/x{301}/);
    }
  });

  test('Parquet: paths in a struct whose bytes are null, as Hugging Face writes them', async () => {
    cpSync(tiles, join(folder, 'p'), { recursive: true });
    for (let i = 0; i < 6; i++) cpSync(join(tiles, `0${i}.png`), join(folder, `p/${i}.png`));
    const pairs = await write('t.parquet', readFileSync(join(fixtures, 'struct-paths.parquet')));
    expect([pairs.count, pairs.imageKey(0), pairs.imageKey(5)]).toEqual([6, 'p/0.png', 'p/5.png']);
    expect(await pairs.loadImage(5)).toEqual(readFileSync(join(tiles, '05.png')));
  });

  test('the metadata file of an image folder: file_name and text', async () => {
    const pairs = await write('tiles/metadata.jsonl', '{"file_name": "00.png", "text": "a red tile"}\n');
    expect(rowsOf(pairs)).toEqual(['00.png a red tile']);
    expect(pairs.notes).toEqual([
      'metadata.jsonl is read as the list of an image folder: images from file_name, captions from text.',
    ]);
    expect(rowsOf(await write('tiles/metadata.csv', 'file_name,additional\n01.png,green\n'))).toEqual([
      '01.png green',
    ]);
  });
});
