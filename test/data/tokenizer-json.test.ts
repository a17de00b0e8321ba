import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../src/data/captions/tokenizer.ts';
import { openBeside } from '../../src/weights/source.ts';
import { readTokenizerJson } from '../../src/data/captions/tokenizer-json.ts';

// Ids from transformers' tokenizers; test/reference/frozen.py made the folders.
const folder = join(import.meta.dirname, '../fixtures/frozen');
const expected = (name: string) =>
  (
    JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8')) as {
      captions: { caption: string; ids: number[] }[];
    }
  ).captions;

describe.each([
  ['byte-level BPE', 'clip', 16, 1],
  ['word pieces', 'distilbert', 16, 0],
  ['SentencePiece, with tokens at both ends', 'xlm-roberta', 16, 1],
])('%s', (_, name, length, padId) => {
  it.each(expected(name))('$caption', async ({ caption, ids }) => {
    const tokenizer = await readTokenizerJson(join(folder, name, 'tokenizer.json'));
    expect(Array.from(tokenizer.encode(caption, length))).toEqual(ids);
    expect(tokenizer.padId).toBe(padId);
    if (ids.length < length) expect(tokenizer.length(caption)).toBe(ids.length);
  });
});

// Ids from transformers' CLIPTokenizer and RobertaTokenizer; test/reference/byte_pairs.py made the folders.
describe.each(['clip', 'roberta'])('vocab.json with merges.txt of %s', (name) => {
  const files = join(import.meta.dirname, '../fixtures/data/byte-pairs', name);
  const wanted = JSON.parse(readFileSync(join(files, 'expected.json'), 'utf8')) as {
    caption: string;
    ids: number[];
  }[];

  it.each(wanted)('$caption', async ({ caption, ids }) => {
    const tokenizer = await loadTokenizer(join(files, 'vocab.json'));
    expect(Array.from(tokenizer.encode(caption, 77))).toEqual(ids);
    expect(tokenizer.vocabSize).toBe(
      Object.keys(JSON.parse(readFileSync(join(files, 'vocab.json'), 'utf8')) as object).length,
    );
  });

  it('is found beside weights that have no other vocabulary', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-pairs-'));
    for (const file of ['vocab.json', 'merges.txt']) copyFileSync(join(files, file), join(folder, file));
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ model_type: name }));
    expect((await openBeside(folder)).vocabFile).toBe(join(folder, 'vocab.json'));
    rmSync(join(folder, 'merges.txt'));
    expect((await openBeside(folder)).vocabFile).toBeNull();
    writeFileSync(join(folder, 'vocab.json'), '{"a":0}');
    writeFileSync(join(folder, 'merges.txt'), '');
    await expect(loadTokenizer(join(folder, 'vocab.json'))).rejects.toThrow('has neither a CLIP’s');
    writeFileSync(join(folder, 'vocab.json'), '["a"]');
    await expect(loadTokenizer(join(folder, 'vocab.json'))).rejects.toThrow('is no JSON of tokens');
    rmSync(folder, { recursive: true });
  });
});

it.each(expected('siglip'))(
  'SentencePiece, with a token at the end only: $caption',
  async ({ caption, ids }) => {
    const tokenizer = await readTokenizerJson(join(folder, 'siglip', 'tokenizer.json'));
    const padded = Array.from({ length: 12 }, () => tokenizer.padId);
    padded.splice(0, tokenizer.encode(caption, 12).length, ...tokenizer.encode(caption, 12));
    expect(padded).toEqual(ids);
  },
);

it.each(expected('bert'))(
  'a cased vocabulary with Chinese characters: $caption',
  async ({ caption, ids }) => {
    const tokenizer = await loadTokenizer(join(folder, 'bert', 'vocab.txt'));
    expect(Array.from(tokenizer.encode(caption, 16))).toEqual(ids);
  },
);

it('the size of a vocabulary is what an embedding must have rows for; unknown words are known as such', async () => {
  const tokenizer = await readTokenizerJson(join(folder, 'distilbert', 'tokenizer.json'));
  const config = JSON.parse(readFileSync(join(folder, 'distilbert', 'config.json'), 'utf8')) as {
    vocab_size: number;
  };
  expect(tokenizer.vocabSize).toBe(config.vocab_size);
  const ids = tokenizer.encode('ጤና', 8);
  expect(Array.from(ids)).toEqual([2, tokenizer.unknownId, 3]);
  expect(tokenizer.tokens(ids)).toEqual(['[CLS]', '[UNK]', '[SEP]']);
});

it('a file that is cut, or no tokenizer, is told with its name', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'tandem-tokenizer-'));
  const file = join(scratch, 'tokenizer.json');
  for (const text of [
    '{"model": {"type": "WordPi',
    '[]',
    '{}',
    '{"model": {"type": "Quantum", "vocab": {}}}',
  ]) {
    writeFileSync(file, text);
    await expect(readTokenizerJson(file)).rejects.toMatchObject({
      code: 'bad_vocabulary',
      message: expect.stringContaining(file),
    });
  }
  rmSync(scratch, { recursive: true });
});
