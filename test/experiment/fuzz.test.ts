import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { checkExperiment } from '../../src/experiment/checks/check.ts';
import { completionsAt } from '../../src/experiment/editor/complete.ts';
import { removeKey, setValue } from '../../src/experiment/edit/edit.ts';
import { applyEdits } from '../../src/experiment/edit/apply-edits.ts';
import { experimentFields } from '../../src/experiment/editor/fields.ts';
import { hoverAt } from '../../src/experiment/editor/hover.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import type { Problem, SourceRange } from '../../src/experiment/document/problem.ts';
import { madeFile } from './arbitrary-file.ts';

// Many small files: slow machines may take their time.
vi.setConfig({ testTimeout: 180_000 });

const folder = fileURLToPath(new URL('../cases/experiments/', import.meta.url));
const cases = readdirSync(folder).map((file) => readFileSync(folder + file, 'utf8'));

/** Line and column of an offset, counted anew; between the halves of \\r\\n one is still on the line before. */
function placeOf(text: string, offset: number): [number, number] {
  let line = 1;
  let start = text.startsWith('\ufeff') ? 1 : 0;
  for (const { index, 0: sign } of text.matchAll(/\r\n|\n|\r/g))
    if (index + sign.length <= offset) {
      line++;
      start = index + sign.length;
    }
  return [line, Math.max(offset - start, 0) + 1];
}

function expectInRange(text: string, range: SourceRange): void {
  expect(range.start).toBeGreaterThanOrEqual(0);
  expect(range.end).toBeGreaterThanOrEqual(range.start);
  expect(range.end).toBeLessThanOrEqual(text.length);
  expect([range.line, range.column]).toEqual(placeOf(text, range.start));
  expect([range.endLine, range.endColumn]).toEqual(placeOf(text, range.end));
}

function expectSound(text: string, problems: readonly Problem[]): void {
  for (const problem of problems) {
    expectInRange(text, problem.range);
    for (const one of problem.related ?? []) expectInRange(text, one.range);
    for (const fix of problem.fixes) {
      let at = 0;
      for (const edit of [...fix.edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
        expect(edit.start).toBeGreaterThanOrEqual(at);
        expect(edit.end).toBeLessThanOrEqual(text.length);
        at = edit.end;
      }
    }
  }
}

/** Everything that runs while a file is being typed. */
function useAll(text: string): void {
  const parsed = parseExperiment(text);
  expectSound(text, parsed.problems);
  expect(parsed.experiment === null).toBe(parsed.problems.some((one) => one.severity === 'error'));
  const facts = {
    data: { exists: true, columns: ['a'], usable: 5, train_pairs: 4, val_pairs: 1, left_right: 2 },
    memory_bytes: 1e9,
    gpu: false,
  };
  expectSound(text, checkExperiment(parsed, facts));
  expect(experimentFields(parsed).length).toBeGreaterThan(40);
  for (const offset of [0, text.length >> 1, text.length]) {
    for (const item of completionsAt(text, offset)) expectInRange(text, item.range);
    const hover = hoverAt(text, offset);
    if (hover) expectInRange(text, hover.range);
  }
  setValue(text, 'optimizer.learning_rate.image', '1e-3');
  removeKey(text, 'train.batch_size');
}

const signs = fc.constantFrom(
  ...[
    'data',
    'constructor',
    '__proto__',
    'toString',
    'loss.temperature',
    'pairs',
    'train',
    'sweep',
    'seeds',
    'optimizer',
    'learning_rate',
    ': ',
    ':',
    '\n',
    '\r\n',
    '\r',
    '  ',
    '\t',
    '- ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '"',
    "'",
    '#',
    ' # ',
    '&a ',
    '*a',
    '<<',
    '|',
    '>',
    '---',
    '...',
    '%YAML 1.1',
    '!',
    '!!map ',
    '? ',
    '1e-3',
    '5%',
    '🐼',
    '\ufeff',
    '\u2028',
    '\u0000',
    'é',
    '~',
    'null',
    '@',
    '`',
    '\\',
    '\ud800',
  ],
);

describe('any text is read without a crash, with places inside it', () => {
  test('signs that mean something', () => {
    fc.assert(
      fc.property(fc.array(signs, { maxLength: 40 }), (parts) => useAll(parts.join(''))),
      { numRuns: 500 },
    );
  });

  test('any characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => useAll(text)),
      { numRuns: 500 },
    );
  });

  test('every beginning of the cases', () => {
    for (const text of cases)
      for (let end = 0; end <= text.length; end += text.length > 300 ? 23 : 9) useAll(text.slice(0, end));
  });

  test('beginnings of made-up files, and with a part cut out', () => {
    fc.assert(
      fc.property(madeFile, fc.nat(), fc.nat({ max: 20 }), ({ text }, from, length) => {
        const start = from % (text.length + 1);
        useAll(text.slice(0, start));
        useAll(text.slice(0, start) + text.slice(start + length));
      }),
      { numRuns: 120 },
    );
  });

  test('a quick fix of a case leaves no error that was not there', () => {
    for (const text of cases) {
      const { problems } = parseExperiment(text);
      const key = (one: Problem) => `${one.code} ${one.path} ${one.message}`;
      const before = new Set(problems.map(key));
      for (const problem of problems)
        for (const fix of problem.fixes) {
          const after = parseExperiment(applyEdits(text, fix.edits)).problems;
          expect(after.map(key), fix.title).not.toContain(key(problem));
          const fresh = after.filter((one) => one.severity === 'error' && !before.has(key(one)));
          // What a syntax error hid may come to light.
          if (!problem.code.startsWith('yaml_')) expect(fresh, fix.title).toEqual([]);
        }
    }
  });
});
