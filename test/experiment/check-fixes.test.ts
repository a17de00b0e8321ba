import { describe, expect, test } from 'vitest';
import { checkExperiment } from '../../src/experiment/checks/check.ts';
import type { Facts } from '../../src/experiment/checks/facts.ts';
import type { Problem } from '../../src/experiment/document/problem.ts';
import { applyEdits } from '../../src/experiment/edit/apply-edits.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import { cases, factsAfter } from './check-cases.ts';

function problemsOf(text: string, facts: Partial<Facts> = {}): Problem[] {
  const parsed = parseExperiment(text);
  return [...parsed.problems, ...checkExperiment(parsed, facts)];
}

/** What is true of data that fill no larger batch, whatever the file says. */
const ofFewPairs = ['few_negatives', 'batch_norm_small_batch', 'few_steps'];

describe('each quick fix of each check', () => {
  test.each(cases)('%s: %s', (code, text, _place, _severity, _says, facts) => {
    void [_place, _severity, _says];
    const before = problemsOf(text, facts);
    const known = new Set(before.map((one) => one.code));
    // Images that are allowed to be bad are left out, which is told.
    if (code === 'bad_pictures') known.add('images_left_out');
    if (code === 'batch_larger_than_data') for (const one of ofFewPairs) known.add(one);
    for (const problem of before.filter((one) => one.code === code))
      for (const fix of problem.fixes) {
        const after = applyEdits(text, fix.edits);
        const left = problemsOf(after, factsAfter(code, facts));
        const what = `${problem.message}\n${fix.title}\n${after}`;
        expect(
          left.filter((one) => one.code === code && one.path === problem.path).map((one) => one.message),
          what,
        ).toEqual([]);
        expect(
          left.filter((one) => !known.has(one.code)).map((one) => one.message),
          what,
        ).toEqual([]);
      }
  });
});
