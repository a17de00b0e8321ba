import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import { resolvePaths } from '../../src/experiment/resolve.ts';
import { type DataFacts, isFault, openDataReader } from '../../src/launcher/data-facts.ts';
import { planRuns } from '../../src/launcher/plan.ts';
import { readPairs } from '../../src/data/pairs.ts';
import { smallestValFraction, splitPairs } from '../../src/data/split.ts';
import { pairsConfig } from '../data/pairs-config.ts';

// What the checks are told of data, on lists whose answers can be counted by hand.

const tiles = join(import.meta.dirname, '../cases/pairs/tiles');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-facts-'));
  cpSync(tiles, join(folder, 'p'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const image = (i: number): string => `p/${String(i).padStart(2, '0')}.png`;

function write(name: string, rows: [string, string][]): void {
  writeFileSync(join(folder, name), `image,caption\n${rows.map((row) => `${row.join(',')}\n`).join('')}`);
}

async function factsOf(data = '', rest = ''): Promise<DataFacts> {
  const text = `data: { pairs: pairs.csv${data} }\n${rest}`;
  const { experiment } = parseExperiment(text);
  const reader = openDataReader({ checkImages: true });
  const facts = await reader.facts({ ...resolvePaths(experiment!, { baseDir: folder }), seed: 17 });
  await reader.close();
  if (isFault(facts)) throw new Error(facts.message);
  return facts;
}

test('how often two pairs share a caption', async () => {
  write(
    'pairs.csv',
    Array.from({ length: 12 }, (_, i) => [image(i), i < 6 ? 'red' : 'blue']),
  );
  // Of the 11 others 5 have the same one.
  expect((await factsOf()).equal_caption_share).toBeCloseTo(5 / 11, 12);
});

test('captions that are missing values, that no word is known of, that are cut', async () => {
  // In bert-base-uncased: no Ethiopic letter; each of these English words is one token.
  write('pairs.csv', [
    [image(0), 'nan'],
    [image(1), 'None'],
    [image(2), 'nan'],
    [image(3), '\u1230\u120b\u121d \u1230\u120b\u121d'],
    [image(4), '\u1230\u120b\u121d red'],
    [image(5), 'a red tile on the wall'],
    [image(6), 'a red tile on'],
    [image(7), 'a banana'],
  ]);
  const facts = await factsOf(', max_length: 6');
  expect(facts).toMatchObject({
    missing_value_captions: 3,
    unknown_captions: 1,
    cut_captions: 1,
    captions: 7,
  });
  expect(facts.notes).toEqual([]);
});

test('the vocabulary is that of the weights', async () => {
  writeFileSync(join(folder, 'vocab.txt'), ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'red'].join('\n'));
  writeFileSync(join(folder, 'model.safetensors'), 'not looked at here');
  write('pairs.csv', [
    [image(0), 'red tile'],
    [image(1), 'blue tile'],
  ]);
  const weights = 'model: { text_encoder: { weights: "." } }';
  expect((await factsOf('', weights)).unknown_captions).toBe(1);
  // What would have to be fetched is not looked at.
  const hub = 'model: { text_encoder: { weights: "hf:owner/name" } }';
  expect((await factsOf('', hub)).unknown_captions).toBeUndefined();
});

test('the same bytes under two names, in one list and on both sides of its split', async () => {
  const rows = Array.from({ length: 12 }, (_, i): [string, string] => [image(i), `caption ${i}`]);
  for (let i = 0; i < 12; i++) {
    copyFileSync(join(folder, image(i)), join(folder, `p/again-${i}.png`));
    rows.push([`p/again-${i}.png`, `again ${i}`]);
  }
  write('pairs.csv', rows);
  const facts = await factsOf(', val_fraction: 0.5');
  expect([facts.repeated_images, facts.images_all_alike]).toEqual([12, false]);
  const pairs = await readPairs(pairsConfig(join(folder, 'pairs.csv')));
  const { train, val } = splitPairs(pairs, { val_fraction: 0.5, seed: 17 });
  // Row i and row i + 12 are the same image.
  const trained = new Set(Array.from(train, (pair) => pair % 12));
  const count = Array.from(val).filter((pair) => trained.has(pair % 12)).length;
  expect(count).toBeGreaterThan(0);
  expect(facts.shared_images).toEqual({ count, by: 'bytes' });
});

test('a list to validate on that names images of the other, by path or by bytes', async () => {
  write(
    'pairs.csv',
    Array.from({ length: 6 }, (_, i) => [image(i), `caption ${i}`]),
  );
  write(
    'val.csv',
    Array.from({ length: 6 }, (_, i) => [image(i + 4), `caption ${i}`]),
  );
  expect((await factsOf(', val: val.csv')).shared_images).toEqual({ count: 2, by: 'path' });
  copyFileSync(join(folder, image(0)), join(folder, 'p/other.png'));
  write('val.csv', [
    [image(9), 'nine'],
    ['p/other.png', 'another name'],
  ]);
  expect((await factsOf(', val: val.csv')).shared_images).toEqual({ count: 1, by: 'bytes' });
  write('val.csv', [[image(9), 'nine']]);
  expect((await factsOf(', val: val.csv')).shared_images).toBeUndefined();
});

test('images that all look the same, whatever their bytes', async () => {
  for (let i = 1; i < 3; i++) {
    copyFileSync(join(folder, image(0)), join(folder, image(i)));
    appendFileSync(join(folder, image(i)), Buffer.alloc(i));
  }
  write(
    'pairs.csv',
    Array.from({ length: 3 }, (_, i) => [image(i), `caption ${i}`]),
  );
  const facts = await factsOf();
  expect([facts.images_all_alike, facts.repeated_images]).toEqual([true, 0]);
});

test('of very many images those are read that are as long as one that was opened', async () => {
  const tile = readFileSync(join(folder, image(0)));
  const rows = Array.from({ length: 1100 }, (_, i): [string, string] => {
    // Bytes behind the end of a PNG are no part of it; each file has its own length, but for number 1, which is number 0 again.
    writeFileSync(join(folder, `p/${i}.png`), Buffer.concat([tile, Buffer.alloc(i === 1 ? 0 : i)]));
    return [`p/${i}.png`, `caption ${i}`];
  });
  write('pairs.csv', rows);
  const facts = await factsOf();
  expect(facts.repeated_images).toBe(1);
  expect(facts.notes.join(' ')).toContain(
    'looked for only among those that were opened and others of their length',
  );
});

test('the smallest share that holds out a pair', async () => {
  write(
    'pairs.csv',
    Array.from({ length: 12 }, (_, i) => [image(i), `caption ${i}`]),
  );
  const pairs = await readPairs(pairsConfig(join(folder, 'pairs.csv')));
  for (let seed = 0; seed < 20; seed++) {
    const val_fraction = smallestValFraction(pairs, seed)!;
    expect(splitPairs(pairs, { val_fraction, seed }).val.length).toBeGreaterThan(0);
    expect(splitPairs(pairs, { val_fraction: val_fraction - 0.001, seed }).val.length).toBe(0);
  }
  const { val_pairs, smallest_val_fraction } = await factsOf(', val_fraction: 0.0001');
  expect([val_pairs, smallest_val_fraction]).toEqual([0, smallestValFraction(pairs, 17)]);
});

test('what of a path nobody replaces is said, with the whole path that was looked for', async () => {
  const file = join(folder, 'e.tandem.yaml');
  writeFileSync(file, 'data: { pairs: ~/tiles/pairs.csv, val: $DATA/val.csv }\ntrain: { batch_size: 2 }\n');
  const { problems } = await planRuns(file);
  const said = problems.filter(({ code }) => code === 'file_not_found').map(({ message }) => message);
  expect(said).toEqual([
    `File not found: ~/tiles/pairs.csv (~ is not replaced by the home folder, so ${folder}/~/tiles/pairs.csv was looked for).`,
    `File not found: $DATA/val.csv (the variable $DATA is not replaced, so ${folder}/$DATA/val.csv was looked for).`,
  ]);
});
