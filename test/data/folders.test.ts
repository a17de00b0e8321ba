import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readPairs, type PairSet } from '../../src/data/pairs.ts';
import { pairsConfig } from './pairs-config.ts';

// Folders as they lie about: with links, in parts, with a list beside the images.

const tiles = join(import.meta.dirname, '../cases/pairs/tiles');
const fixtures = join(import.meta.dirname, '../fixtures/data');

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tandem-folders-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function put(...names: string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    if (name.endsWith('.png')) cpSync(join(tiles, '00.png'), join(folder, name));
    else if (name.endsWith('.parquet')) cpSync(join(fixtures, 'binary-gzip.parquet'), join(folder, name));
    else writeFileSync(join(folder, name), `text of ${name}`);
  }
}

const read = (name: string): Promise<PairSet> => readPairs(pairsConfig(join(folder, name)));
const keys = (pairs: PairSet): string[] => Array.from({ length: pairs.count }, (_, i) => pairs.imageKey(i));

test('links to folders are followed, each real folder once, and none in circles or upwards', async () => {
  put('f/dogs/0.png', 'f/dogs/0.txt', 'store/cats/1.png', 'store/cats/1.txt');
  symlinkSync('../store/cats', join(folder, 'f/cats'));
  symlinkSync('.', join(folder, 'f/again'));
  symlinkSync('dogs', join(folder, 'f/a-dogs'));
  symlinkSync('..', join(folder, 'f/up'));
  symlinkSync('nowhere', join(folder, 'f/broken'));
  symlinkSync('../f', join(folder, 'store/cats/round'));
  const pairs = await read('f');
  expect(keys(pairs)).toEqual(['cats/1.png', 'dogs/0.png']);
  for (let i = 0; i < 2; i++) expect((await pairs.loadImage(i)).length).toBeGreaterThan(0);
});

test('a linked image and a linked text are used like any other', async () => {
  put('store/0.png', 'store/0.txt', 'f/other.txt');
  for (const name of ['0.png', '0.txt']) symlinkSync(`../store/${name}`, join(folder, 'f', name));
  expect(keys(await read('f'))).toEqual(['0.png']);
});

test.each<[string, string[], string]>([
  [
    'data',
    [
      'data/train-00000-of-00001.parquet',
      'data/validation-00000-of-00001.parquet',
      'data/test-00000-of-00001.parquet',
    ],
    'Name one in data.pairs, such as data/train*.parquet, and another in data.val, such as data/validation*.parquet.',
  ],
  ['data/*.parquet', ['data/train-0.parquet', 'data/test-0.parquet'], 'such as data/train*.parquet'],
  [
    'data/**',
    ['data/training/0.parquet', 'data/val/0.parquet'],
    'such as data/training/*.parquet, and another in data.val, such as data/val/*.parquet',
  ],
  [
    'data',
    ['data/train/0.png', 'data/train/0.txt', 'data/test/1.png', 'data/test/1.txt'],
    'such as data/train, and another in data.val, such as data/test',
  ],
  [
    'data',
    ['data/train/metadata.csv', 'data/val2/metadata.csv'],
    'data holds folders called train and validation',
  ],
  ['data', ['data/coco_train2017.tar', 'data/coco_val2017.tar'], 'such as data/coco_train*.tar'],
])('%s with the parts of a data set is refused: %s', async (name, files, advice) => {
  put(...files);
  await expect(read(name)).rejects.toMatchObject({ code: 'several_parts' });
  await expect(read(name)).rejects.toThrow(advice);
});

test('one part, several shards of it, parts that are named, and words that only look like parts are read', async () => {
  put(
    'data/train-00000.parquet',
    'data/train-00001.parquet',
    'other/test.parquet',
    'f/latest/0.png',
    'f/latest/0.txt',
    'f/trainers/1.png',
    'f/trainers/1.txt',
  );
  expect((await read('data')).count).toBe(22);
  expect((await read('data/train*.parquet')).count).toBe(22);
  expect((await read(`data/train-00000.parquet::${join(folder, 'other/test.parquet')}`)).count).toBe(22);
  expect((await read('f')).count).toBe(2);
});

test('shards of one name in two folders keep their own images', async () => {
  put('data/a/0.parquet');
  mkdirSync(join(folder, 'data/b'));
  cpSync(join(fixtures, 'struct-snappy.parquet'), join(folder, 'data/b/0.parquet'));
  const pairs = await read('data');
  expect([pairs.count, pairs.images]).toEqual([11 + 22, 11 + 11]);
  expect([pairs.imageKey(0), pairs.imageKey(11)]).toEqual(['a/0.parquet/0', 'b/0.parquet/0']);
  await pairs.close();
});

test('a shard that a range names and that is not there is an error, not fewer pairs', async () => {
  put('s-0.parquet', 's-2.parquet');
  await expect(read('s-{0..2}.parquet')).rejects.toThrow(`${join(folder, 's-1.parquet')} was not found.`);
});

test('an image folder is read by its list; a list of another name is named', async () => {
  put('f/train/0.png', 'f/train/1.png');
  writeFileSync(
    join(folder, 'f/train/metadata.jsonl'),
    '{"file_name": "0.png", "text": "a"}\n{"file_name": "1.png", "text": "b"}\n',
  );
  for (const name of ['f', 'f/train']) expect((await read(name)).count).toBe(2);
  put('g/0.png', 'g/captions.csv');
  await expect(read('g')).rejects.toThrow('Name that file in data.pairs: g/captions.csv.');
});

test('a text that is a pointer to one is no caption', async () => {
  put('f/0.png', 'f/1.png', 'f/1.txt');
  writeFileSync(
    join(folder, 'f/0.txt'),
    'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n',
  );
  const pairs = await read('f');
  expect(pairs.bad).toEqual([
    {
      code: 'bad_row',
      file: '0.png',
      line: null,
      reason:
        'its text is a Git LFS pointer, not the file itself (5 bytes): run git lfs pull in its repository',
    },
  ]);
});
