import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { loadTokenizer, type Tokenizer } from '../../src/data/captions/tokenizer.ts';

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await loadTokenizer();
});

// Ids from transformers' BertTokenizer; test/reference/tokens.py made the file.
const texts = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/data/tokens.json'), 'utf8')) as [
  string,
  number[],
][];

test(`the ids of ${texts.length} varied texts are BertTokenizer's`, () => {
  const wrong = texts.flatMap(([text, ids]) => {
    const got = Array.from(tokenizer.encode(text, 10_000));
    return JSON.stringify(got) === JSON.stringify(ids)
      ? []
      : [{ text, got: tokenizer.tokens(got), right: tokenizer.tokens(ids) }];
  });
  expect(wrong).toEqual([]);
  expect(texts.length).toBeGreaterThanOrEqual(500);
});

test('a long caption is cut before [SEP]', () => {
  const whole = tokenizer.encode('word '.repeat(700), 10_000);
  const cut = tokenizer.encode('word '.repeat(700), 512);
  expect([whole.length, cut.length, tokenizer.length('word '.repeat(700))]).toEqual([702, 512, 702]);
  expect(Array.from(cut.slice(0, 511))).toEqual(Array.from(whole.slice(0, 511)));
  expect(tokenizer.tokens([cut[0]!, cut[511]!])).toEqual(['[CLS]', '[SEP]']);
  expect(Array.from(tokenizer.encode('two words', 3))).toEqual([101, 2048, 102]);
});

test('ids are shown as the vocabulary writes them', () => {
  const ids = tokenizer.encode('2 snowboarders 猫喵', 64);
  expect(tokenizer.tokens(ids)).toEqual([
    '[CLS]',
    '2',
    'snow',
    '##board',
    '##ers',
    '[UNK]',
    '[UNK]',
    '[SEP]',
  ]);
  expect([tokenizer.vocabSize, tokenizer.padId, tokenizer.unknownId]).toEqual([30522, 0, 100]);
});

test('a cased vocabulary of one’s own keeps capitals and accents', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-vocabulary-'));
  const file = join(folder, 'vocab.txt');
  writeFileSync(file, '[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\nCaf\r\n##é\r\ncafe\r\n');
  writeFileSync(join(folder, 'tokenizer_config.json'), '{"do_lower_case": false}');
  const cased = await loadTokenizer(file);
  expect(Array.from(cased.encode('Café [MASK] cafe', 16))).toEqual([2, 5, 6, 4, 7, 3]);
  writeFileSync(file, 'one\ntwo\n');
  await expect(loadTokenizer(file)).rejects.toThrow('has no [CLS]');
  await expect(loadTokenizer(join(folder, 'none.txt'))).rejects.toThrow('cannot be read');
  rmSync(folder, { recursive: true });
});
