import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HumanError } from '../../src/protocol/human-error.ts';
import { readPairs, type PairSet, type PairsConfig } from '../../src/data/pairs.ts';
import { expandBraces } from '../../src/data/readers/pattern.ts';
import { splitPairs } from '../../src/data/split.ts';
import { pairsConfig } from './pairs-config.ts';

const fixtures = join(import.meta.dirname, '../fixtures/data');
const tiles = join(import.meta.dirname, '../cases/pairs/tiles');
const tile = (i: number): Buffer => readFileSync(join(tiles, `${String(i).padStart(2, '0')}.png`));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-readers-'));
  cpSync(tiles, join(folder, 'tiles'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

function read(name: string, settings: Partial<PairsConfig> = {}): Promise<PairSet> {
  return readPairs(pairsConfig(join(folder, name), settings));
}

function write(
  name: string,
  content: string | Buffer,
  settings: Partial<PairsConfig> = {},
): Promise<PairSet> {
  writeFileSync(join(folder, name), content);
  return read(name, settings);
}

const captions = (pairs: PairSet): string[] =>
  Array.from({ length: pairs.count }, (_, i) => pairs.caption(i));
const keys = (pairs: PairSet): string[] => Array.from({ length: pairs.count }, (_, i) => pairs.imageKey(i));

async function tar(members: [string, Buffer | string][]): Promise<Buffer> {
  const packed = pack();
  for (const [name, content] of members) packed.entry({ name }, content);
  packed.finalize();
  return buffer(packed);
}

describe('tar shards', () => {
  test('several, by braces, pattern or folder, give the same pairs', async () => {
    mkdirSync(join(folder, 'shards'));
    for (let i = 0; i < 3; i++)
      writeFileSync(
        join(folder, `shards/s-0${i}.tar`),
        await tar([
          ['k.png', tile(i)],
          ['k.txt', `caption ${i}`],
        ]),
      );
    for (const name of [
      'shards/s-{00..02}.tar',
      'shards/*.tar',
      'shards',
      'shards/s-0?.tar',
      '**/s-0[0-2].tar',
    ]) {
      const pairs = await read(name);
      expect(captions(pairs)).toEqual(['caption 0', 'caption 1', 'caption 2']);
      expect(pairs.images).toBe(3);
      for (let i = 0; i < 3; i++) expect(await pairs.loadImage(i)).toEqual(tile(i));
      await pairs.close();
    }
    await expect(read('shards/t-*.tar')).rejects.toMatchObject({ code: 'file_not_found' });
  });

  test('long names, folders, json captions, other parts, missing parts', async () => {
    const long = 'a/'.repeat(80) + 'picture-块';
    const shard = await tar([
      [`${long}.png`, tile(0)],
      [`${long}.txt`, 'a long name'],
      ['x.cls', '3'],
      ['x.png', tile(1)],
      ['x.seg.png', tile(2)],
      ['x.json', JSON.stringify({ caption: ['one', 'two'], group: 'g' })],
      ['y.txt', 'no picture'],
      ['z.png', tile(3)],
      ['.hidden.png', tile(4)],
      ['22.05.png', tile(5)],
      ['22.05.txt', 'five'],
      ['22.06.png', tile(6)],
      ['22.06.txt', 'six'],
    ]);
    const pairs = await write('s.tar', shard);
    expect(captions(pairs)).toEqual(['a long name', 'one', 'two', 'five', 'six']);
    expect(pairs.bad.map(({ file, reason }) => [file, reason])).toEqual([
      ['s.tar/y', 'no image of this key in the shard'],
      ['s.tar/z', 'no caption'],
    ]);
    expect(await pairs.loadImage(2)).toEqual(tile(1));
    expect(await pairs.loadImage(4)).toEqual(tile(6));
    await pairs.close();
    await expect(read('s.tar', { split_by: 'category' })).rejects.toMatchObject({
      code: 'missing_split_column',
    });
  });

  test('cut at any byte: whole samples are read, never an error but for no pairs', async () => {
    const shard = await tar(
      Array.from(
        { length: 4 },
        (_, i) =>
          [
            [`${i}.png`, tile(i)],
            [`${i}.txt`, `c ${i}`],
          ] as [string, Buffer | string][],
      ).flat(),
    );
    let most = 0;
    for (let cut = 0; cut < shard.length; cut += 173) {
      const pairs = await write('cut.tar', shard.subarray(0, cut)).catch(
        (error: { code: string }) => error.code,
      );
      if (typeof pairs === 'string')
        expect(['no_pairs', 'bad_file', 'missing_image_column']).toContain(pairs);
      else {
        expect(pairs.count).toBeGreaterThanOrEqual(most);
        most = pairs.count;
        for (let i = 0; i < pairs.count; i++) expect(await pairs.loadImage(i)).toEqual(tile(i));
        await pairs.close();
      }
    }
    expect(most).toBe(4);
  });
});

describe('Parquet, as pyarrow wrote it (test/reference/parquet.py)', () => {
  test.each(['struct-snappy', 'struct-zstd'])('%s: bytes in a struct, lists of captions', async (name) => {
    const pairs = await readPairs(pairsConfig(join(fixtures, `${name}.parquet`), { split_by: 'group' }));
    expect([pairs.rows, pairs.count, pairs.images, pairs.columns]).toEqual([
      12,
      22,
      11,
      ['image', 'caption', 'group'],
    ]);
    expect(captions(pairs).slice(2, 4)).toEqual(['tile 1', 'Kachel 1 块']);
    expect(pairs.bad).toEqual([
      { code: 'bad_row', file: `${name}.parquet`, line: null, reason: 'row 12: no caption' },
    ]);
    expect(pairs.splitKey(9)).toBe('group 1');
    const order = [21, 0, 11, 10, 1, 20];
    const loaded = await Promise.all(order.map((pair) => pairs.loadImage(pair)));
    expect(loaded).toEqual(order.map((pair) => tile(Math.floor(pair / 2))));
    await pairs.close();
    expect(await pairs.loadImage(4)).toEqual(tile(2));
    await pairs.close();
  });

  test('plain bytes; paths', async () => {
    const bytes = await readPairs(pairsConfig(join(fixtures, 'binary-gzip.parquet')));
    expect([bytes.rows, bytes.count]).toEqual([12, 11]);
    expect(await bytes.loadImage(7)).toEqual(tile(7));
    await bytes.close();
    const paths = await readPairs(
      pairsConfig(join(fixtures, 'paths.parquet'), { image_root: join(tiles, '..') }),
    );
    expect([paths.count, paths.imageKey(3)]).toEqual([12, 'tiles/03.png']);
    expect(await paths.loadImage(3)).toEqual(tile(3));
  });

  test('a cut file, a wrong column', async () => {
    const whole = readFileSync(join(fixtures, 'struct-snappy.parquet'));
    await expect(write('cut.parquet', whole.subarray(0, 900))).rejects.toMatchObject({ code: 'bad_file' });
    await expect(write('p.parquet', whole, { caption_column: 'text' })).rejects.toThrow(
      'p.parquet has no column "text"; its columns are "image", "caption" and "group". Set data.caption_column',
    );
  });
});

describe('csv and its relatives', () => {
  test('UTF-16 as spreadsheets save it, tabs, backslashes, ./ and absolute paths', async () => {
    const text = `\ufeffimage\tcaption\r\ntiles\\00.png\tä 块\r\n./tiles/00.png\tagain\r\n${join(folder, 'tiles/01.png')}\tabsolute\r\n`;
    const pairs = await write('sheet.txt', Buffer.from(text, 'utf16le'));
    expect(keys(pairs)).toEqual(['tiles/00.png', 'tiles/00.png', 'tiles/01.png']);
    expect(captions(pairs)).toEqual(['ä 块', 'again', 'absolute']);
  });

  test('any separator that is asked for', async () => {
    const pairs = await write('p.csv', 'image::caption::n\ntiles/00.png::a, b; c::1\n', { delimiter: '::' });
    expect(captions(pairs)).toEqual(['a, b; c']);
  });

  test('errors say what to do', async () => {
    await expect(read('none.csv')).rejects.toMatchObject({ code: 'file_not_found' });
    await expect(write('e.csv', '')).rejects.toMatchObject({ code: 'no_pairs' });
    await expect(write('h.csv', 'image,caption\n')).rejects.toMatchObject({ code: 'no_pairs' });
    await expect(write('c.csv', 'image,caption\ntiles/00.png,\n')).rejects.toThrow(
      'c.csv line 2: no caption',
    );
    await expect(write('t.csv', 'image,text\ntiles/00.png,x\n')).rejects.toMatchObject({
      code: 'missing_caption_column',
      columns: ['image', 'text'],
    });
    await expect(write('i.csv', 'file,caption\ntiles/00.png,x\n')).rejects.toMatchObject({
      code: 'missing_image_column',
    });
    await expect(write('r.csv', 'image,caption\n00.png,x\n')).rejects.toThrow('Set data.image_root');
    await expect(write('b.json', '{"images": 3}')).rejects.toMatchObject({ code: 'bad_file' });
    await expect(write('f.txt', 'tiles/00.png#0\tx\n', { split_by: 'group' })).rejects.toMatchObject({
      code: 'missing_split_column',
    });
  });

  test('what is no text file, no file at all, or one endless line is refused at once', async () => {
    const refused = (name: string) => read(name).catch((error: HumanError) => [error.code, error.what]);
    const content = (name: string, text: string | Buffer) => writeFileSync(join(folder, name), text);
    content('binary.csv', Buffer.from('image,caption\n\0\u0001\u0002'));
    content('header.csv', 'x'.repeat(3_000_000));
    content('line.jsonl', `{"image": "${'x'.repeat(40_000_000)}"}`);
    symlinkSync('loop.csv', join(folder, 'loop.csv'));
    execFileSync('mkfifo', [join(folder, 'pipe.csv')]);
    expect(await refused('binary.csv')).toEqual(['bad_file', 'binary.csv is not a text file.']);
    expect(await refused('header.csv')).toEqual([
      'bad_file',
      'The first line of header.csv is longer than a million letters.',
    ]);
    expect(await refused('line.jsonl')).toEqual([
      'bad_file',
      'Line 1 of line.jsonl is longer than 16 million letters.',
    ]);
    expect(await refused('pipe.csv')).toEqual(['bad_file', expect.stringContaining('neither a file nor')]);
    for (const name of ['loop.csv', `${'a'.repeat(300)}.csv`, 'a\0b.csv'])
      expect(await refused(name)).toEqual(['file_not_readable', expect.stringContaining('cannot be read')]);
  });

  test('a pipe in an image’s place is no image', async () => {
    execFileSync('mkfifo', [join(folder, 'tiles/pipe.png')]);
    const pairs = await write('pairs.csv', 'image,caption\ntiles/pipe.png,a\ntiles/01.png,b\n');
    await expect(pairs.loadImage(0)).rejects.toThrow('not a file');
    rmSync(join(folder, 'tiles/01.png'));
    await expect(pairs.loadImage(1)).rejects.toThrow('not there any more');
    await expect(pairs.imageStamp(1)).rejects.toThrow('not there any more');
  });

  test('patterns with a bracket that is not closed, and of too many files', async () => {
    await expect(read('a[b*.csv')).rejects.toMatchObject({ code: 'file_not_found' });
    expect(expandBraces('{0..99999}{0..99999}.tar')).toHaveLength(100_000);
  });

  test('addresses are no files; a row whose bytes are not UTF-8 is not trained on and named', async () => {
    const pairs = await write(
      'u.csv',
      Buffer.from(
        'image,caption\nhttps://example.com/a.jpg,x\ntiles/00.png,caf\xe9\ntiles/01.png,tea\n',
        'latin1',
      ),
    );
    expect(pairs.bad.map(({ line, reason }) => [line, reason])).toEqual([
      [2, 'an address, not a file: https://example.com/a.jpg'],
      [3, 'the caption has bytes that are not UTF-8: save the file as UTF-8'],
    ]);
    expect(captions(pairs)).toEqual(['tea']);
  });
});

test('sets can be stopped while they are read', async () => {
  writeFileSync(join(folder, 'p.csv'), 'image,caption\ntiles/00.png,x\n');
  const signal = AbortSignal.abort();
  await expect(readPairs(pairsConfig(join(folder, 'p.csv')), { signal })).rejects.toThrow();
});

describe('the split', () => {
  const rows = Array.from({ length: 12 }, (_, i) => [
    `tiles/${String(i).padStart(2, '0')}.png`,
    `caption ${i % 5}`,
    `g${i % 4}`,
  ]);
  const csv = (some: string[][]): string =>
    'image,caption,group\n' + some.map((row) => row.join()).join('\n');
  const valKeys = (pairs: PairSet, seed = 0): string[] =>
    Array.from(splitPairs(pairs, { val_fraction: 0.4, seed }).val, (pair) => pairs.imageKey(pair)).sort();

  test('depends on seed and key alone', async () => {
    const whole = await write('a.csv', csv(rows));
    const turned = await write('b.csv', csv([...rows].reverse()));
    expect(valKeys(turned)).toEqual(valKeys(whole));
    const part = await write('c.csv', csv(rows.slice(3, 9)));
    const names = new Set(keys(part));
    expect(valKeys(part)).toEqual(valKeys(whole).filter((key) => names.has(key)));
    expect(valKeys(whole, 1)).not.toEqual(valKeys(whole, 0));
    const { train, val } = splitPairs(whole, { val_fraction: 0.4, seed: 0 });
    expect([...train, ...val].sort((a, b) => a - b)).toEqual([...Array(12).keys()]);
    expect(splitPairs(whole, { val_fraction: 0, seed: 0 }).val).toHaveLength(0);
  });

  test.each(['group', 'caption', 'image'])(
    'by %s never has an image, nor a key, on both sides',
    async (split_by) => {
      const more = [...rows, ['tiles/00.png', 'caption 9', 'g1'], ['tiles/05.png', 'caption 8', 'g9']];
      const pairs = await write('d.csv', csv(more), { split_by });
      for (let seed = 0; seed < 10; seed++) {
        const { train, val } = splitPairs(pairs, { val_fraction: 0.5, seed });
        for (const of of [(pair: number) => pairs.imageKey(pair), (pair: number) => pairs.splitKey(pair)]) {
          const inVal = new Set(Array.from(val, of));
          expect(Array.from(train, of).filter((key) => inVal.has(key))).toEqual([]);
        }
      }
    },
  );
});

test('without a folder for temporary files no image of a Parquet file is called bad', async () => {
  const whole = process.env['TMPDIR'];
  process.env['TMPDIR'] = join(folder, 'not/there');
  try {
    const config = pairsConfig(join(fixtures, 'struct-snappy.parquet'));
    const right = {
      code: 'no_scratch',
      message: `Images of a Parquet file cannot be laid down in ${join(folder, 'not/there')}: it is not there. Set TMPDIR to a folder with room for them.`,
    };
    await expect(readPairs(config, { checkImages: true })).rejects.toMatchObject(right);
    const pairs = await readPairs(config);
    await expect(pairs.loadImage(0)).rejects.toMatchObject(right);
    await pairs.close();
  } finally {
    if (whole === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = whole;
  }
});

test('nothing is left in the temporary folder', () => {
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('tandem-images-'))).toEqual([]);
});
