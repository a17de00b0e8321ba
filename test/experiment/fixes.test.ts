import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { checkExperiment } from '../../src/experiment/checks/check.ts';
import { applyEdits } from '../../src/experiment/edit/apply-edits.ts';
import type { Facts } from '../../src/experiment/checks/facts.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import type { Problem } from '../../src/experiment/document/problem.ts';
import { madeFile } from './arbitrary-file.ts';
import { commentsOf, valuesOf } from './read-back.ts';

// Many made-up files: slow machines may take their time.
vi.setConfig({ testTimeout: 180_000 });

const facts: Partial<Facts> = {
  data: {
    exists: true,
    columns: ['image', 'caption', 'text'],
    usable: 90_004,
    train_pairs: 90_000,
    val_pairs: 4,
    left_right: 3,
  },
  exists: {
    'data.val': false,
    'data.image_root': false,
    'model.image_encoder.weights': false,
    'model.text_encoder.weights': false,
  },
  engines: [{ name: 'cpu', works: true, reason: '' }],
  memory_bytes: 1e9,
  gpu: false,
};

function problemsOf(text: string): Problem[] {
  const parsed = parseExperiment(text);
  return [...parsed.problems, ...checkExperiment(parsed, facts)];
}

const about = (one: Problem) => `${one.code} ${one.path} ${one.setting ?? ''} ${one.message}`;

describe('every quick fix of made-up files', () => {
  const codes = new Set<string>();

  test('mends its problem and changes one value, no other byte of meaning', () => {
    fc.assert(
      fc.property(madeFile, ({ text, values }) => {
        const before = problemsOf(text);
        const errors = new Set(before.filter((one) => one.severity === 'error').map((one) => one.code));
        // Of two items that are alike only one is mended.
        const hasTwins = before.some((one) => one.code === 'repeated_value');
        for (const problem of before.filter((one) => !hasTwins || one.code === 'repeated_value'))
          for (const fix of problem.fixes) {
            codes.add(problem.code);
            const after = applyEdits(text, fix.edits);
            const what = `${problem.message}\n${fix.title}\n${text}\n---\n${after}`;
            const now = valuesOf(after);
            const changed = [...new Set([...Object.keys(values), ...Object.keys(now)])].filter(
              (path) => JSON.stringify(values[path]) !== JSON.stringify(now[path]),
            );
            // A fix of two values names both.
            expect(changed, what).toHaveLength(/ and /.test(fix.title) ? 2 : 1);
            if (
              /^(Set|Write|Change|Add)(?!.* remove )/.test(fix.title) &&
              !Array.isArray(values[changed[0]!])
            )
              expect(commentsOf(after), what).toEqual(commentsOf(text));
            expect(after.startsWith('\ufeff'), what).toBe(text.startsWith('\ufeff'));
            if (text.includes('\r\n')) expect(after.replaceAll('\r\n', ''), what).not.toMatch(/[\r\n]/);
            const left = problemsOf(after);
            const count = (some: Problem[]) => some.filter((one) => about(one) === about(problem)).length;
            expect(count(left), what).toBeLessThan(count(before));
            expect(
              left.filter((one) => one.severity === 'error' && !errors.has(one.code)),
              what,
            ).toEqual([]);
          }
      }),
      { numRuns: 400 },
    );
    // The files are bad enough to try most rules.
    expect(codes.size).toBeGreaterThan(25);
  });
});
