import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../src/experiment/edit/apply-edits.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';

/** Places of all errors, and the text after the first fix of each. */
function read(text: string) {
  const { problems } = parseExperiment(text);
  const errors = problems.filter(({ severity }) => severity === 'error');
  const places = errors.map(({ range: at, message }) => [
    `${at.line}:${at.column}-${at.endLine}:${at.endColumn}`,
    message,
  ]);
  const edits = errors.flatMap(({ fixes }) => fixes[0]?.edits ?? []);
  return { places, after: applyEdits(text, edits) };
}

const head = 'data: { pairs: a.csv }\n';

describe('signs that look like others are marked, named and replaced', () => {
  test.each<[what: string, text: string, places: [string, RegExp][], after: string]>([
    [
      'a full-width colon after a section',
      'data：\n  pairs: pairs.csv\ntrain:\n  batch_size: 2\n',
      [['1:5-1:6', /^A full-width colon; write :\.$/]],
      'data:\n  pairs: pairs.csv\ntrain:\n  batch_size: 2\n',
    ],
    [
      'a no-break space after a colon',
      'data:\n  pairs: pairs.csv\n  image_size:\u00a0 32\ntrain:\n  batch_size: 2\n',
      [['3:14-3:15', /^A no-break space; write a space\.$/]],
      'data:\n  pairs: pairs.csv\n  image_size:  32\ntrain:\n  batch_size: 2\n',
    ],
    [
      'a full-width colon and a full-width space',
      `${head}seed：　1\n`,
      [
        ['2:5-2:6', /full-width colon/],
        ['2:6-2:7', /full-width space/],
      ],
      `${head}seed: 1\n`,
    ],
    [
      'no-break spaces as an indent',
      `${head}loss:\n\u00a0\u00a0temperature: 0.2\n`,
      [
        ['3:1-3:2', /no-break space/],
        ['3:2-3:3', /no-break space/],
      ],
      `${head}loss:\n  temperature: 0.2\n`,
    ],
    [
      'a full-width comma in brackets',
      `${head}model: { fusion: { kind: late， dim: 8 } }\n`,
      [['2:30-2:31', /full-width comma/]],
      `${head}model: { fusion: { kind: late, dim: 8 } }\n`,
    ],
    [
      'full-width digits',
      `${head}train: { batch_size: ３2 }\n`,
      [['2:22-2:23', /full-width digit; write 3/]],
      `${head}train: { batch_size: 32 }\n`,
    ],
    [
      'full-width brackets',
      `${head}eval: { recall_at: ［1, 5］ }\n`,
      [
        ['2:20-2:21', /full-width bracket; write \[/],
        ['2:25-2:26', /full-width bracket; write \]/],
      ],
      `${head}eval: { recall_at: [1, 5] }\n`,
    ],
    [
      'a Cyrillic letter in a key',
      `${head}l\u043ess: { temperature: 0.2 }\n`,
      [['2:2-2:3', /Cyrillic letter that looks like o; write o/]],
      `${head}loss: { temperature: 0.2 }\n`,
    ],
    [
      'a zero-width space in a choice',
      `${head}model: { image_encoder: { name: resnet\u200b50 } }\n`,
      [['2:39-2:40', /^A zero-width space, which nobody sees; remove it\.$/]],
      `${head}model: { image_encoder: { name: resnet50 } }\n`,
    ],
    [
      'a zero-width space behind a path, where nothing else is wrong',
      'data:\n  pairs: a.csv\u200b\n',
      [['2:15-2:16', /zero-width space/]],
      'data:\n  pairs: a.csv\n',
    ],
    [
      'a dash before an item',
      `${head}eval:\n  recall_at:\n    – 1\n`,
      [['4:5-4:6', /typographic dash; write -/]],
      `${head}eval:\n  recall_at:\n    - 1\n`,
    ],
    [
      'two lines',
      'data：\n  pairs: a.csv\nloss：\n  temperature: 0.2\n',
      [
        ['1:5-1:6', /colon/],
        ['3:5-3:6', /colon/],
      ],
      'data:\n  pairs: a.csv\nloss:\n  temperature: 0.2\n',
    ],
    [
      'behind a name that may hold them',
      `name: 你好：世界\n${head}seed： 1\n`,
      [['3:5-3:6', /colon/]],
      `name: 你好：世界\n${head}seed: 1\n`,
    ],
  ])('%s', (_what, text, places, after) => {
    const found = read(text);
    expect(found.places.map(([place]) => place)).toEqual(places.map(([place]) => place));
    for (const [index, [, says]] of places.entries()) expect(found.places[index]![1]).toMatch(says);
    expect(found.after).toBe(after);
    expect(read(after).places).toEqual([]);
  });

  test.each([
    ['in a name', `name: 你好：世界，“a” a\u00a0b\n${head}`],
    ['in quotes', `name: "\u00a0\u200b："\n${head}`],
    ['in a comment', `# a：b\u00a0c\n${head}seed: 1 # 、\u200b\n`],
    ['in a text in lines', `name: |\n  a： b\u200b\n${head}`],
    ['a family of one emoji', `name: 👨\u200d👩\u200d👧\n${head}`],
    ['a byte order mark where it belongs', `\ufeff${head}`],
  ])('but not %s', (_what, text) => expect(read(text).places).toEqual([]));

  test('one fix replaces all of them', () => {
    const text = 'data：\n  pairs: a.csv\nloss：\n  temperature: 0.2\n';
    const fix = parseExperiment(text).problems[0]!.fixes[1]!;
    expect(fix.title).toBe('Replace all 2 signs that look like others');
    expect(applyEdits(text, fix.edits)).toBe('data:\n  pairs: a.csv\nloss:\n  temperature: 0.2\n');
  });
});

describe('a Windows path in double quotes', () => {
  test.each([
    ['\\t', 'data: { pairs: "C:\\temp\\new.csv" }\n', '1:19-1:21', /\\t is a tab/, "'C:\\temp\\new.csv'"],
    ['\\n', 'data: { pairs: "..\\new.csv" }\n', '1:19-1:21', /\\n is a line end/, "'..\\new.csv'"],
    [
      '\\t behind a doubled one',
      'data: { pairs: "C:\\\\a\\tb.csv" }\n',
      '1:22-1:24',
      /\\t is a tab/,
      "'C:\\a\\tb.csv'",
    ],
    [
      'an escape that there is none of, beside \\t',
      'data: { pairs: "C:\\data\\temp.csv" }\n',
      '1:19-1:21',
      /\\d means nothing/,
      "'C:\\data\\temp.csv'",
    ],
    [
      '\\t among the swept',
      `${head}sweep: { model.text_encoder.weights: ["w\\tiny", null] }\n`,
      '2:41-2:43',
      /tab/,
      "'w\\tiny'",
    ],
  ])('%s', (_what, text, place, says, written) => {
    const found = read(text);
    expect(found.places).toEqual([[place, expect.stringMatching(says)]]);
    expect(found.after).toBe(text.replace(/"[^"]*"/, () => written));
    expect(read(found.after).places).toEqual([]);
  });
});
