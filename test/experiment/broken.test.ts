import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../src/experiment/edit/apply-edits.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import { brokenCases, head } from './broken-cases.ts';

function place(text: string): { place: string; path: string; message: string; after: string | null } {
  const parsed = parseExperiment(text);
  expect(parsed.experiment).toBeNull();
  const problem = parsed.problems.find((one) => one.severity === 'error')!;
  const { line, column, endLine, endColumn } = problem.range;
  const [fix] = problem.fixes;
  return {
    place: `${line}:${column}-${endLine}:${endColumn}`,
    path: problem.path,
    message: problem.message,
    after: fix ? applyEdits(text, fix.edits) : null,
  };
}

describe('broken experiments', () => {
  test.each(brokenCases)('%s', (_what, text, at, path, says, fixed) => {
    const found = place(text);
    expect({ place: found.place, path: found.path }, found.message).toEqual({ place: at, path });
    expect(found.message).toMatch(says);
    if (fixed !== null) expect(found.after).toBe(fixed);
  });

  test('related information names the first of two keys', () => {
    const { problems } = parseExperiment(`${head}optimizer:\n  weight_decay: 0.1\n  weight_decay: 0.2\n`);
    expect(problems[0]!.related).toMatchObject([
      { range: { line: 3, column: 3, endLine: 3, endColumn: 15 } },
    ]);
  });

  test.each([
    [
      'the second of two keys',
      `${head}loss:\n  temperature: 0.1\n  temperature: 0.2\n`,
      0,
      `${head}loss:\n  temperature: 0.1\n`,
    ],
    [
      'the first of two keys',
      `${head}loss:\n  temperature: 0.1\n  temperature: 0.2\n`,
      1,
      `${head}loss:\n  temperature: 0.2\n`,
    ],
    [
      'the first of two keys in brackets',
      `${head}loss: { temperature: 0.1, temperature: 0.2 }\n`,
      1,
      `${head}loss: { temperature: 0.2 }\n`,
    ],
    ['an unknown key', `${head}banana: 1\nseed: 1\n`, 0, `${head}seed: 1\n`],
    ['everything after the first document', `${head}---\nname: b\n`, 0, head],
    [
      'nothing, but adds the pairs',
      'data:\n  image_size: 64\n',
      0,
      'data:\n  image_size: 64\n  pairs: pairs.csv\n',
    ],
    ['nothing, but adds the data', '# mine\n', 0, '# mine\ndata:\n  pairs: pairs.csv\n'],
  ])('a quick fix removes %s', (_what, text, index, after) => {
    const problem = parseExperiment(text).problems.find((one) => one.severity === 'error')!;
    expect(applyEdits(text, problem.fixes[index]!.edits)).toBe(after);
  });

  test('aliases that explode are read in no time, with no memory', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 200; level++)
      lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
    const before = process.memoryUsage().heapUsed;
    const { problems } = parseExperiment(`${lines.join('\n')}\n${head}`);
    expect(problems.some((one) => one.code === 'too_many_aliases')).toBe(true);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200e6);
  });

  test('brackets nested by the thousand are a problem, not a crash', () => {
    for (const text of [
      '['.repeat(20_000),
      `a: ${'{b: '.repeat(20_000)}`,
      `${'- '.repeat(5000)}x`,
      `${'? '.repeat(5000)}x`,
    ]) {
      const { problems } = parseExperiment(text);
      expect(problems.filter((one) => one.severity === 'error').length).toBeGreaterThan(0);
    }
  });

  test('names of JavaScript are keys like any other', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
      for (const text of [
        `${head}${name}: 1\n`,
        `${head}loss: { ${name}: 1 }\n`,
        `${head}sweep: { ${name}: [1] }\n`,
      ])
        expect(parseExperiment(text).problems.map((one) => one.code)).toEqual([
          text.includes('sweep') ? 'no_such_setting' : 'unknown_key',
        ]);
  });

  test('a tag that nobody knows is told, a default metric follows recall_at', () => {
    const parsed = parseExperiment(`${head}name: !mine a\neval: { recall_at: [5, 10] }\n`);
    expect(parsed.problems.map((one) => [one.severity, one.code, one.range.column])).toEqual([
      ['warning', 'unknown_tag', 7],
    ]);
    expect(parsed.experiment?.checkpoint.best).toBe('val/recall@5');
  });

  test('errors before a syntax error are kept, those after it are not guessed', () => {
    const { problems } = parseExperiment(
      `${head}loss: { temperature: 0 }\neval: { recall_at: [1\ntrain: { batch_size: x }\n`,
    );
    expect(problems.map((one) => one.code)).toEqual(['too_small', 'yaml_bracket']);
  });
});
