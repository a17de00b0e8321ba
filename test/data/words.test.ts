import { expect, test } from 'vitest';
import { wordsOf } from '../../src/data/captions/words.ts';

// As the tokenizers of bert-base-uncased, XLM-R, GPT-2 and CLIP split them.
test.each([
  [
    ['[CLS]', 'a', 'straw', '##berry', '[SEP]'],
    ['[CLS]', 'a', 'strawberry', '[SEP]'],
    [[0], [1], [2, 3], [4]],
  ],
  [
    ['<s>', '▁a', '▁straw', 'berry', '</s>'],
    ['<s>', 'a', 'strawberry', '</s>'],
    [[0], [1], [2, 3], [4]],
  ],
  [
    ['a', 'Ġstraw', 'berry', '.'],
    ['a', 'strawberry.'],
    [[0], [1, 2, 3]],
  ],
  [
    ['<|startoftext|>', 'a</w>', 'straw', 'berry</w>', 'x</w>', '<|endoftext|>'],
    ['<|startoftext|>', 'a', 'strawberry', 'x', '<|endoftext|>'],
    [[0], [1], [2, 3], [4], [5]],
  ],
  [[], [], []],
])('the words of %j', (tokens, texts, pieces) => {
  const words = wordsOf(tokens);
  expect(words.map(({ text }) => text)).toEqual(texts);
  expect(words.map((word) => word.pieces)).toEqual(pieces);
});
