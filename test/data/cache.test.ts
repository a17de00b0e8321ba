import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkSum, decodeEntries, encodeEntries } from '../../src/data/images/cache-index.ts';
import { openImageCache, type RecordCache } from '../../src/data/images/cache.ts';
import { KeyTable, keyOf } from '../../src/data/columns/key-table.ts';

const side = 4;
let folder: string;
let decoded: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-cache-'));
  decoded = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const openCache = (settings = 'a'): Promise<RecordCache> => openImageCache(folder, side, settings);
const pixelsOf = (content: string): Uint8Array => new Uint8Array(side * side * 3).fill(content.charCodeAt(0));

/** Fetches an image whose bytes are `content`. */
async function fetch(cache: RecordCache, stamp: string | null, content: string): Promise<number> {
  const load = () => Promise.resolve(Buffer.from(content));
  const { record: pixels, location } = await cache.fetch(stamp, load, (bytes) => {
    decoded.push(bytes.toString());
    return Promise.resolve(pixelsOf(content));
  });
  expect(pixels).toEqual(pixelsOf(content));
  return location;
}

const shards = (): string[] => readdirSync(folder).flatMap((name) => readdirSync(join(folder, name)).sort());
const shardPath = (end: string): string => {
  const place = join(folder, readdirSync(folder)[0]!);
  return join(
    place,
    readdirSync(place).find((name) => name.endsWith(end))!,
  );
};

test('an image is decoded once, whoever asks again', async () => {
  const cache = await openCache();
  const location = await fetch(cache, 'path 1', 'x');
  await fetch(cache, 'path 1', 'x');
  const read = new Uint8Array(side * side * 3);
  expect(await cache.read(location, read)).toBe(true);
  expect(read).toEqual(pixelsOf('x'));
  await cache.close();
  const later = await openCache();
  await fetch(later, 'path 1', 'x');
  await later.close();
  expect(decoded).toEqual(['x']);
  expect(shards()).toHaveLength(2);
});

test('the same bytes under another name are the same image, other bytes under the same name are not', async () => {
  const cache = await openCache();
  await fetch(cache, 'path 1', 'x');
  await fetch(cache, 'path 2', 'x');
  await fetch(cache, null, 'x');
  await fetch(cache, 'path 1 changed', 'y');
  await cache.close();
  expect(decoded).toEqual(['x', 'y']);
  const later = await openCache();
  await fetch(later, 'path 2', 'x');
  expect(decoded).toEqual(['x', 'y']);
  await later.close();
});

test('other settings are another cache', async () => {
  for (const settings of ['a', 'b']) {
    const cache = await openCache(settings);
    await fetch(cache, 'path', 'x');
    await cache.close();
  }
  expect(decoded).toEqual(['x', 'x']);
});

test('two that run at once do not disturb each other, and each sees what the other has written', async () => {
  const [one, two] = [await openCache(), await openCache()];
  const names = Array.from({ length: 40 }, (_, i) => String.fromCharCode(65 + i));
  await Promise.all(names.map((name, i) => fetch(i % 2 ? one : two, name, name)));
  await Promise.all([one.close(), two.close()]);
  const later = await openCache();
  decoded = [];
  for (const name of names) await fetch(later, name, name);
  expect(decoded).toEqual([]);
  await later.close();
});

test('many at once for one image decode it once', async () => {
  const cache = await openCache();
  await Promise.all(Array.from({ length: 8 }, () => fetch(cache, 'path', 'x')));
  expect(decoded).toEqual(['x']);
  await cache.close();
});

test('memory that a record was made in is its maker’s again, whoever waited for that record', async () => {
  const cache = await openCache();
  const room = pixelsOf('x');
  const load = () => Promise.resolve(Buffer.from('x'));
  const made = cache.fetch('path', load, () => Promise.resolve(room)).then(() => room.fill(0));
  await Promise.all([made, fetch(cache, 'path', 'x'), fetch(cache, 'path', 'x')]);
  expect(decoded).toEqual([]);
  await cache.close();
});

test('a kill at any byte leaves a cache that gives the right pixels', async () => {
  const names = ['a', 'b', 'c', 'd'];
  const cache = await openCache();
  for (const name of names) await fetch(cache, name, name);
  await cache.close();
  const index = readFileSync(shardPath('.index'));
  const pixels = readFileSync(shardPath('.pixels'));
  for (let cut = 0; cut <= index.length + pixels.length; cut += 7) {
    rmSync(folder, { recursive: true });
    const first = await openCache();
    await fetch(first, 'a', 'a');
    await first.close();
    writeFileSync(shardPath('.index'), index);
    writeFileSync(shardPath('.pixels'), pixels);
    truncateSync(shardPath('.index'), Math.min(cut, index.length));
    truncateSync(shardPath('.pixels'), Math.max(0, Math.min(cut, pixels.length)));
    const again = await openCache();
    for (const name of names) await fetch(again, name, name);
    for (const name of names) await fetch(again, name, name);
    await again.close();
  }
});

test('damaged records and entries are decoded anew', async () => {
  const cache = await openCache();
  for (const name of ['a', 'b', 'c']) await fetch(cache, name, name);
  await cache.close();
  const pixels = readFileSync(shardPath('.pixels'));
  pixels[50]! ^= 1;
  writeFileSync(shardPath('.pixels'), pixels);
  const index = readFileSync(shardPath('.index'));
  index[75]! ^= 1;
  writeFileSync(shardPath('.index'), index);
  appendFileSync(shardPath('.index'), 'torn');
  decoded = [];
  const again = await openCache();
  for (const name of ['a', 'b', 'c', 'a', 'b', 'c']) await fetch(again, name, name);
  expect(decoded).toEqual(['b', 'c']);
  await again.close();
});

test('a cache that cannot be written is done without', async () => {
  writeFileSync(join(folder, 'file'), '');
  const cache = await openImageCache(join(folder, 'file', 'below'), side, 'a');
  expect(await fetch(cache, 'path', 'x')).toBe(-1);
  expect(cache.problem()).toContain('cannot be written');
  await cache.close();
});

test('an image that cannot be decoded fails each time and leaves nothing', async () => {
  const cache = await openCache();
  for (let i = 0; i < 2; i++)
    await expect(
      cache.fetch(
        'path',
        () => Promise.resolve(Buffer.from('x')),
        () => Promise.reject(new Error('cut')),
      ),
    ).rejects.toThrow('cut');
  await cache.close();
  expect(shards()).toEqual([]);
});

test('keys and entries survive their tables and files', () => {
  const table = new KeyTable();
  const keys = Array.from({ length: 5000 }, (_, i) => keyOf(String(i)));
  for (const [i, key] of keys.entries()) table.set(key, i);
  for (const [i, key] of keys.entries()) expect(table.get(key)).toBe(i);
  expect(table.get(keyOf('none'))).toBe(-1);
  const entries = keys.slice(0, 10).map((stamp, record) => ({
    stamp,
    content: keys[record + 1]!,
    record: record === 3 ? null : record,
    check: 7,
  }));
  expect(decodeEntries(encodeEntries(entries))).toEqual(entries);
  expect(checkSum(new Uint8Array([1, 2, 3, 4, 5]))).not.toBe(checkSum(new Uint8Array([1, 2, 3, 4, 6])));
});
