import { afterEach, describe, expect, test } from 'vitest';
import { duration, timeLeft } from '../../src/text/durations.ts';
import { said, t, useTexts } from '../../src/text/say.ts';
import { systemError } from '../../src/text/system-errors.ts';
import { listed, plural, shortened } from '../../src/text/words.ts';

afterEach(() => useTexts({}, 'en'));

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

describe('a span of time', () => {
  test.each([
    [0, '0 s'],
    [350, '350 ms'],
    [999.7, '1 s'],
    [45 * second, '45 s'],
    [59.6 * second, '1 min'],
    [3 * minute, '3 min'],
    [3 * minute + 20 * second, '3 min 20 s'],
    [12 * minute + 20 * second, '12 min'],
    [59 * minute + 50 * second, '1 h'],
    [hour + 12 * minute, '1 h 12 m'],
    [11 * hour + 40 * minute, '12 h'],
    [47.9 * hour, '2 d'],
    [47.4 * hour, '47 h'],
    [52 * hour, '2 d 4 h'],
    [400 * hour, '16 d 16 h'],
    [-90 * second, '−1 min 30 s'],
    [NaN, '–'],
  ])('of %d ms is %s', (ms, text) => expect(duration(ms)).toBe(text));

  test('has seconds where neighbours on an axis need them', () =>
    expect(duration(12 * minute + 30 * second, 30 * second)).toBe('12 min 30 s'));

  test('that is only estimated is told in minutes', () =>
    expect([3 * minute + 20 * second, 40 * second, 80 * second].map(timeLeft)).toEqual([
      '3 min left',
      '40 s left',
      '1 min left',
    ]));
});

test('counts agree with their nouns', () => {
  expect([1, 2, 1852].map((amount) => plural(amount, '{0} pair', '{0} pairs'))).toEqual([
    '1 pair',
    '2 pairs',
    '1,852 pairs',
  ]);
});

test('lists of words end with and, or with or', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map((words) => listed(words))).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ]);
  expect(listed(['a', 'b', 'c'], 'or')).toBe('a, b or c');
});

test('a text is cut between letters, with a sign that it is', () => {
  expect(shortened('caption', 7)).toBe('caption');
  expect(shortened('captions', 7)).toBe('captio…');
  // A letter beyond 16 bits is not cut into halves.
  expect(shortened('🍎🍎🍎🍎', 3)).toBe('🍎🍎…');
});

test('texts are those of the language, in English where it has none', () => {
  useTexts({ '{0} min': '{0} 分钟', '{0} of {1}': '{1} 中的 {0}' }, 'zh-cn');
  expect(duration(3 * minute)).toBe('3 分钟');
  expect(t('{0} of {1}', 2, 9)).toBe('9 中的 2');
  expect(duration(45 * second)).toBe('45 s');
  expect(t('{0} and {1}', 'all')).toBe('all and {1}');
});

test('Chinese stands together, Latin letters and digits stand apart', () => {
  useTexts({ '{0} against {1}': '{0} 随 {1} 的变化', 'There is no file {0}.': '没有文件 {0}。' }, 'zh-cn');
  expect(t('{0} against {1}', 'recall@10', '图像学习率')).toBe('recall@10 随图像学习率的变化');
  expect(t('{0} against {1}', '召回率', 'seed')).toBe('召回率随 seed 的变化');
  expect(t('There is no file {0}.', '图 1.csv')).toBe('没有文件图 1.csv。');
  expect(t('{0} left of {2}', 3)).toBe('3 left of {2}');
});

describe('an error of the system', () => {
  const failure = (code: string): Error => Object.assign(new Error(code), { code });

  test('is told in words, with what to do', () => {
    expect(systemError(failure('ENOSPC'))).toMatchObject({
      code: 'disk_full',
      reason: said('the disk is full'),
      isOfMachine: true,
    });
    expect(systemError(failure('ENOENT'))).toMatchObject({ code: 'not_found', isOfMachine: false });
  });

  test('is the machine’s where any other file would fail too', () => {
    const codes = [
      'ENOSPC',
      'EDQUOT',
      'EROFS',
      'EMFILE',
      'ENFILE',
      'EIO',
      'EACCES',
      'ENOENT',
      'EISDIR',
      'ELOOP',
    ];
    const ofMachine = codes.filter((code) => systemError(failure(code))!.isOfMachine);
    expect(ofMachine).toEqual(['ENOSPC', 'EDQUOT', 'EROFS', 'EMFILE', 'ENFILE', 'EIO']);
  });

  test('that means nothing to a person is none', () => {
    expect(systemError(failure('EBADF'))).toBeNull();
    expect(systemError(new Error('ENOSPC'))).toBeNull();
    expect(systemError('ENOSPC')).toBeNull();
  });
});
