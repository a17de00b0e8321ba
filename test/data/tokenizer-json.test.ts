import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../src/data/captions/tokenizer.ts';
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
