import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { endingOf } from '../../src/protocol/ending.ts';
import { HumanError } from '../../src/protocol/human-error.ts';
import { parseEvent } from '../../src/store/event-lines.ts';
import { englishOf, inLanguage, said, textOf, useTexts, type Texts } from '../../src/text/say.ts';
import { saidBranch } from '../../src/text/settings.ts';
import { saidPlural } from '../../src/text/words.ts';

const chinese = JSON.parse(
  readFileSync(new URL('../../l10n/bundle.l10n.zh-cn.json', import.meta.url), 'utf8'),
) as Texts;

afterEach(() => useTexts({}, 'en'));

const zero = said(
  'The gradient of the {0} branch has been exactly 0 for {1} steps: it does not learn any more.',
  saidBranch('text'),
  50,
);
const inEnglish =
  'The gradient of the text branch has been exactly 0 for 50 steps: it does not learn any more.';
const inChinese = '文本分支的梯度已连续 50 步恰好为 0：它不再学习。';

test('a kept text is read in the language of its reader, parts and counts too', () => {
  expect(textOf(zero)).toBe(inEnglish);
  useTexts(chinese, 'zh-cn');
  expect(textOf(zero)).toBe(inChinese);
  expect(englishOf(zero)).toBe(inEnglish);
  expect(textOf(saidPlural(1852, '{0} pair', '{0} pairs'))).toBe('1,852 对');
});

test('an event is written in English and read in the language of its reader', () => {
  const line = JSON.stringify({ kind: 'ended', time: 1, step: 7, status: 'failed', ...endingOf(zero) });
  expect(JSON.parse(line)).toMatchObject({ reason: inEnglish });
  expect(parseEvent(line)).toMatchObject({ reason: inEnglish });
  useTexts(chinese, 'zh-cn');
  expect(parseEvent(line)).toMatchObject({ reason: inChinese });
});

test('runs of earlier versions, and texts that were written anew since, stay as they are', () => {
  useTexts(chinese, 'zh-cn');
  expect(
    parseEvent('{"kind":"ended","time":1,"step":7,"status":"failed","reason":"The disk is full."}'),
  ).toMatchObject({ reason: 'The disk is full.' });
  expect(inLanguage({ reason: 'Another one.', said: { reason: zero } }).reason).toBe('Another one.');
});

test('a failure says the same in both languages', () => {
  const thrown = () =>
    new HumanError(said('{0} is empty.', 'a.jsonl'), said('Write one JSON object a line.'), 'no_pairs');
  expect(thrown().message).toBe('a.jsonl is empty. Write one JSON object a line.');
  useTexts(chinese, 'zh-cn');
  const { what, todo, message, said: kept } = thrown();
  expect([what, todo]).toEqual(['a.jsonl 为空。', '请每行写一个 JSON 对象。']);
  expect(message).toBe('a.jsonl 为空。请每行写一个 JSON 对象。');
  expect(englishOf(kept)).toBe('a.jsonl is empty. Write one JSON object a line.');
});
