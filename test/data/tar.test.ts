import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readPairs, type PairSet, type PairsConfig } from '../../src/data/pairs.ts';
import { pairsConfig } from './pairs-config.ts';

// Archives as other programs leave them, written by tar-stream.

const tiles = join(import.meta.dirname, '../cases/pairs/tiles');
const tile = (i: number): Buffer => readFileSync(join(tiles, `0${i}.png`));

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tandem-tar-'))));
afterEach(() => rmSync(folder, { recursive: true }));

type Member = [(Partial<Header> & Pick<Header, 'name'>) | string, (Buffer | string)?];
async function tar(...members: Member[]): Promise<Buffer> {
  const packed = pack();
  for (const [header, content = ''] of members)
    packed.entry(typeof header === 'string' ? { name: header } : header, content);
  packed.finalize();
  return buffer(packed);
}

const sample = (key: string, i: number): Member[] => [
  [`${key}.png`, tile(i)],
  [`${key}.txt`, `caption ${i}`],
];

function write(name: string, content: Buffer, settings: Partial<PairsConfig> = {}): Promise<PairSet> {
  writeFileSync(join(folder, name), content);
  return readPairs(pairsConfig(join(folder, name), settings));
}

/** Each caption with the number of the tile that its image is. */
async function check(pairs: PairSet, right: [caption: string, tile: number][]): Promise<void> {
  expect(Array.from({ length: pairs.count }, (_, i) => pairs.caption(i))).toEqual(
    right.map(([caption]) => caption),
  );
  for (const [pair, [, i]] of right.entries()) expect(await pairs.loadImage(pair)).toEqual(tile(i));
  await pairs.close();
}

const padding = Buffer.alloc(5 * 512);

test('archives put behind each other are all read, each caption with its own image', async () => {
  const a = await tar(...sample('0', 0), ...sample('1', 1));
  const b = await tar(...sample('1', 2), ...sample('0', 3));
  const pairs = await write('all.tar', Buffer.concat([a, padding, b]));
  expect(pairs.notes).toEqual([]);
  expect(pairs.images).toBe(4);
  expect([0, 1, 2, 3].map((pair) => pairs.imageKey(pair))).toEqual([
    'all.tar/0.png',
    'all.tar/1.png',
    'all.tar/1.png (2)',
    'all.tar/0.png (2)',
  ]);
  await check(pairs, [
    ['caption 0', 0],
    ['caption 1', 1],
    ['caption 2', 2],
    ['caption 3', 3],
  ]);
});

test('zeros at the end are no matter; other bytes there are told', async () => {
  const a = await tar(...sample('0', 0));
  expect((await write('a.tar', Buffer.concat([a, padding, padding]))).notes).toEqual([]);
  const pairs = await write('a.tar', Buffer.concat([a, padding, Buffer.alloc(700, 7)]));
  expect(pairs.notes).toEqual(['700 bytes after the end of a.tar are no archive and were not read.']);
});

test('hard and symbolic links stand for the files that they lead to', async () => {
  const pairs = await write(
    'links.tar',
    await tar(
      ...sample('d/0', 0),
      [{ name: 'd/1.png', type: 'link', linkname: 'd/0.png' }],
      ['d/1.txt', 'by a hard link'],
      [{ name: 'd/2.png', type: 'symlink', linkname: '0.png' }],
      ['d/2.txt', 'by a symbolic link'],
      [{ name: 'd/3.png', type: 'symlink', linkname: '../elsewhere.png' }],
      ['d/3.txt', 'by a link to nothing'],
    ),
  );
  expect(pairs.notes).toEqual(['1 link in links.tar leads to no file of it: d/3.png.']);
  expect(pairs.bad.map(({ file }) => file)).toEqual(['links.tar/d/3']);
  await check(pairs, [
    ['caption 0', 0],
    ['by a hard link', 0],
    ['by a symbolic link', 0],
  ]);
});

test('what lies in hidden folders is left out', async () => {
  const pairs = await write(
    'hidden.tar',
    await tar(
      ...sample('./.ipynb_checkpoints/0', 1),
      ...sample('__MACOSX/0', 2),
      ...sample('a/.cache/b/0', 3),
      ...sample('./a/0', 0),
    ),
  );
  expect([pairs.rows, pairs.badCount]).toEqual([1, 0]);
  await check(pairs, [['caption 0', 0]]);
});

test('shards that gzip compressed are read, whatever they are called', async () => {
  writeFileSync(join(folder, 's-0.tar.gz'), gzipSync(await tar(...sample('0', 0))));
  writeFileSync(join(folder, 's-1.tar'), await tar(...sample('0', 1)));
  writeFileSync(join(folder, 's-2.tar'), gzipSync(await tar(...sample('0', 2))));
  for (const name of ['', 's-*', 's-{0.tar.gz,1.tar,2.tar}']) {
    const pairs = await readPairs(pairsConfig(join(folder, name)));
    await check(pairs, [
      ['caption 0', 0],
      ['caption 1', 1],
      ['caption 2', 2],
    ]);
    // Closed sets can be used on.
    await check(pairs, [
      ['caption 0', 0],
      ['caption 1', 1],
      ['caption 2', 2],
    ]);
  }
});

test('texts that come after all images are joined to them by name, and it is said', async () => {
  const three = [0, 1, 2];
  const pairs = await write(
    'apart.tar',
    await tar(
      ...three.map((i): Member => [`${i}.png`, tile(i)]),
      ...three.map((i): Member => [`${i}.txt`, `caption ${i}`]),
    ),
  );
  expect(pairs.badCount).toBe(0);
  expect(pairs.notes).toEqual([
    'apart.tar has images and captions that do not stand together; 3 were joined by their names.',
  ]);
  await check(pairs, [
    ['caption 0', 0],
    ['caption 1', 1],
    ['caption 2', 2],
  ]);
});

test('a name that stands apart more than once is not guessed', async () => {
  const pairs = await write(
    'apart.tar',
    await tar(
      ['0.png', tile(0)],
      ['1.png', tile(1)],
      ['0.png', tile(2)],
      ['0.txt', 'of the second'],
      ['1.txt', 'one'],
      ['x.txt', 'x'],
      ['0.txt', 'again'],
    ),
  );
  await check(pairs, [
    ['one', 1],
    ['of the second', 2],
  ]);
});

test('what a sample has in place of an image or a caption is named', async () => {
  const pairs = await write(
    'other.tar',
    await tar(
      ...sample('0', 0),
      ['1.npy', 'x'],
      ['1.txt', 'one'],
      ['2.png', tile(2)],
      ['2.json', '{"url": "u", "text": "t"}'],
      ['3.png', tile(3)],
      ['3.json', '{"caption": NaN}'],
      ['4.png', tile(4)],
      ['4.txt', Buffer.from('caf\xe9', 'latin1')],
    ),
  );
  expect(pairs.bad.map(({ file, reason }) => [file, reason])).toEqual([
    ['other.tar/1', 'no image of this key in the shard; it has npy'],
    ['other.tar/2', 'no caption: its json has no caption, but url and text'],
    ['other.tar/3', 'no caption'],
    ['other.tar/4', 'the caption has bytes that are not UTF-8: save the file as UTF-8'],
  ]);
});
