import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteFile } from 'hyparquet-writer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readPairs, type PairSet, type PairsConfig } from '../../src/data/pairs.ts';
import { pairsConfig } from './pairs-config.ts';

const tiles = join(import.meta.dirname, '../cases/pairs/tiles');
const tile = readFileSync(join(tiles, '00.png'));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-paths-'));
  cpSync(tiles, join(folder, 'p'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

function list(images: string[], settings: Partial<PairsConfig> = {}): Promise<PairSet> {
  const rows = images.map((image, i) => `"${image}",caption ${i}\n`);
  writeFileSync(join(folder, 'pairs.csv'), `image,caption\n${rows.join('')}`);
  return readPairs(pairsConfig(join(folder, 'pairs.csv'), settings));
}

describe('when no image is there, the advice fits the paths', () => {
  const first = (key: string): string =>
    `None of the 2 images that pairs.csv names is there; the first would be ${join(folder, key)}. `;

  test.each<[string, string[], string | null, string]>([
    [
      'absolute paths of another machine',
      ['/home/kim/tiles/p/00.png', '/home/kim/tiles/p/01.png'],
      'p',
      'None of the 2 images that pairs.csv names is there; the first would be /home/kim/tiles/p/00.png. These paths are absolute, and data.image_root is not used for such: write them without what they have in common, /home/kim/tiles/p/, and set',
    ],
    [
      'absolute paths of another system',
      ['C:\\data\\p\\00.png', 'C:\\data\\q\\01.png'],
      null,
      'These paths are absolute, and data.image_root is not used for such: write them without what they have in common, C:/data/, and set',
    ],
    [
      'addresses',
      ['https://example.org/a.png', 'https://example.org/b.png'],
      null,
      'pairs.csv names addresses in place of files, the first https://example.org/a.png, and nothing is fetched from an address. Download the images first and name the files.',
    ],
    [
      'a home folder',
      ['~/p/00.png', '~/p/01.png'],
      null,
      'as they are on the disk: ~ is not replaced by the home folder.',
    ],
    ['a variable', ['$DATA/00.png', '$DATA/01.png'], null, 'the variable $DATA is not replaced.'],
    ['no suffix', ['p/00', 'p/01'], null, 'p/00.png is there: the list leaves out its suffix.'],
    [
      'a folder above',
      ['p/00.png', 'p/01.png'],
      'p',
      `Set data.image_root to $FOLDER: the first image is there.`,
    ],
    [
      'nothing like it',
      ['x/a.png', 'x/b.png'],
      null,
      'Set data.image_root to the folder that their paths start from.',
    ],
  ])('%s', async (_, images, root, right) => {
    const settings = root === null ? {} : { image_root: join(folder, root) };
    await expect(list(images, settings)).rejects.toMatchObject({
      code: 'no_pairs',
      message: expect.stringContaining(right.replace('$FOLDER', folder)) as string,
    });
  });

  test('a list of one image, of ten thousand letters', async () => {
    await expect(list(['x.png'])).rejects.toThrow(
      `The one image that pairs.csv names is not there: ${join(folder, 'x.png')}. `,
    );
    const error = await list([`${'x'.repeat(10_000)}.png`, 'y.png']).catch((thrown: Error) => thrown);
    expect((error as Error).message).toContain(first('').slice(0, 40));
    expect((error as Error).message.length).toBeLessThan(700);
  });
});

test('what is nearly there is named with the row', async () => {
  const long = `${'y'.repeat(300)}.png`;
  const pairs = await list(['p/00.png', 'P/01.PNG', 'p/02', 'https://example.org/a.png', long]);
  expect(pairs.bad.map(({ code, line, reason }) => [code, line, reason])).toEqual([
    ['bad_image', 3, 'image not found: P/01.PNG (p/01.png is there: upper and lower case count)'],
    ['bad_image', 4, 'image not found: p/02 (p/02.png is there: the list leaves out its suffix)'],
    ['bad_image', 5, 'an address, not a file: https://example.org/a.png'],
    ['bad_image', 6, `image not found: ${'y'.repeat(99)}…`],
  ]);
});

test('names whose letters the disk keeps in another form of Unicode are the same names', async () => {
  // é as e and a combining accent in the folder and the file, as one sign in the list.
  renameSync(join(folder, 'p'), join(folder, 'cafe\u0301s'));
  for (const i of ['00', '01'])
    renameSync(join(folder, `cafe\u0301s/${i}.png`), join(folder, `cafe\u0301s/cafe\u0301-${i}.png`));
  const pairs = await list(['caf\u00e9s/caf\u00e9-00.png', 'caf\u00e9s/caf\u00e9-01.png']);
  expect([pairs.count, pairs.badImages, pairs.imageKey(0)]).toEqual([2, 0, 'caf\u00e9s/caf\u00e9-00.png']);
  expect(pairs.notes[0]).toMatch(/^2 images have names whose letters are stored in another form of Unicode/);
  expect(await pairs.loadImage(1)).toEqual(readFileSync(join(tiles, '01.png')));
  expect(await pairs.imageStamp(1)).toContain('cafe\u0301-01.png');
});

test('a Parquet list of paths is looked through as a csv list is', async () => {
  const columnData = [
    { name: 'image', data: ['p/00.png', 'gone.png', 'https://example.org/a.png'], type: 'STRING' as const },
    { name: 'caption', data: ['a', 'b', 'c'], type: 'STRING' as const },
  ];
  parquetWriteFile({ filename: join(folder, 'pairs.parquet'), columnData });
  const pairs = await readPairs(pairsConfig(join(folder, 'pairs.parquet')));
  expect([pairs.count, pairs.badImages]).toEqual([1, 2]);
  expect(pairs.notes).toEqual(['2 images are not there: gone.png, https://example.org/a.png.']);
});

describe('of more than 1,000 images, 256 spread evenly are opened', () => {
  // Of 1,280 images those are looked at whose number is a multiple of 5.
  const names = Array.from({ length: 1280 }, (_, i) => `many/${String(i).padStart(4, '0')}.png`);
  async function read(isMissing: (i: number) => boolean, isBad: (i: number) => boolean): Promise<PairSet> {
    mkdirSync(join(folder, 'many'));
    for (const [i, name] of names.entries())
      if (!isMissing(i)) writeFileSync(join(folder, name), isBad(i) ? 'no image' : tile);
    const rows = names.map((name, i) => `${name},caption ${i}\n`);
    writeFileSync(join(folder, 'pairs.csv'), `image,caption\n${rows.join('')}`);
    return readPairs(pairsConfig(join(folder, 'pairs.csv')), { checkImages: true });
  }

  test('bad ones are a share of those looked at', async () => {
    const pairs = await read(
      () => false,
      () => true,
    );
    expect([pairs.sample, pairs.badImages]).toEqual([{ images: 256, bad: 256 }, 256]);
  });

  test('those that are not there are in the share as often as in the list', async () => {
    // Of the multiples of 5 the even ones are missing, a tenth of all; the odd ones up to 640 are none.
    const pairs = await read(
      (i) => i % 10 === 0,
      (i) => i % 10 === 5 && i < 640,
    );
    expect(pairs.sample).toEqual({ images: 256, bad: 128 + 64 });
    expect(pairs.badImages).toBe(128 + 64);
  });

  test('where all that are opened are images, the missing ones are known to the last', async () => {
    const pairs = await read(
      (i) => i % 5 === 1,
      (i) => i % 5 === 2,
    );
    expect([pairs.sample, pairs.badImages, pairs.count]).toEqual([null, 256, 1024]);
  });
});
