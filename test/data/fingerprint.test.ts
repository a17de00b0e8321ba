import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { changeOfData, dataFingerprint } from '../../src/data/fingerprint.ts';
import { readPairs } from '../../src/data/pairs.ts';
import { pairsConfig } from './pairs-config.ts';

const cases = join(import.meta.dirname, '../cases/pairs');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-fingerprint-'));
  for (const name of ['tiles', 'good.csv', 'shard.tar'])
    cpSync(join(cases, name), join(folder, name), { recursive: true, preserveTimestamps: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const of = async (...names: string[]): Promise<string> =>
  dataFingerprint(await Promise.all(names.map((name) => readPairs(pairsConfig(join(folder, name))))));
const image = (): string => join(folder, 'tiles/03.png');

test('the same data are the same, also in another folder', async () => {
  const before = await of('good.csv', 'shard.tar');
  expect(changeOfData(before, await of('good.csv', 'shard.tar'))).toBeNull();
  renameSync(folder, `${folder}-moved`);
  folder = `${folder}-moved`;
  expect(changeOfData(before, await of('good.csv', 'shard.tar'))).toBeNull();
});

test('a caption, an image of another size, one of the same size, a shard: each is noticed', async () => {
  const before = await of('good.csv');
  const bytes = readFileSync(image());
  writeFileSync(image(), Buffer.concat([bytes, Buffer.alloc(1)]));
  expect(changeOfData(before, await of('good.csv'))).toBe('images');
  writeFileSync(image(), Buffer.from(bytes).reverse());
  utimesSync(image(), 1, 1);
  expect(changeOfData(before, await of('good.csv'))).toBe('times');
  writeFileSync(
    join(folder, 'good.csv'),
    readFileSync(join(folder, 'good.csv'), 'utf8').replace('a ', 'the '),
  );
  expect(changeOfData(before, await of('good.csv'))).toBe('pairs');
  const shard = await of('shard.tar');
  utimesSync(join(folder, 'shard.tar'), 1, 1);
  expect(changeOfData(shard, await of('shard.tar'))).toBe('times');
});

test('a checkpoint of an earlier version is compared by its pairs', async () => {
  const [one, two] = [
    await readPairs(pairsConfig(join(folder, 'good.csv'))),
    await readPairs(pairsConfig(join(folder, 'shard.tar'))),
  ];
  const now = await dataFingerprint([one, two]);
  expect(changeOfData(`${one.fingerprint()} ${two.fingerprint()}`, now)).toBeNull();
  expect(changeOfData(`${two.fingerprint()} ${one.fingerprint()}`, now)).toBe('pairs');
});
