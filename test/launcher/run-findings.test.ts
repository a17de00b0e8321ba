import { expect, test } from 'vitest';
import { placeFinding } from '../../src/experiment/checks/place-finding.ts';
import { applyEdits } from '../../src/experiment/edit/apply-edits.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import { findingsOfRuns, lastStart } from '../../src/launcher/run-findings.ts';
import type { RunFinding } from '../../src/protocol/events.ts';
import type { RunFile } from '../../src/protocol/run.ts';
import { blankRunFile } from '../../src/store/run-file.ts';

const rate = 'optimizer.learning_rate.image';
const atChance: RunFinding = {
  step: 1200,
  severity: 'error',
  code: 'at_chance',
  key: rate,
  message: 'The loss has been at chance for 200 steps.',
  advice: 'Lower it.',
  evidence: { steps: 200 },
  change: { path: rate, value: 1e-3 },
};
const fileOf = (id: string, more: Partial<RunFile>): RunFile => ({ ...blankRunFile(id), ...more });

test('a finding stands at its key, with a quick fix that writes the change and nothing else', () => {
  const text =
    'data:\n  pairs: pairs.csv\noptimizer:\n  learning_rate:\n    image: 10 # too much\n    text: 1e-4\n';
  const parsed = parseExperiment(text);
  const [finding] = findingsOfRuns([fileOf('20260101-a-wxyz', { findings: [atChance] })]);
  const problem = placeFinding(parsed, finding!, parsed.lenient);
  expect(problem).toMatchObject({
    // Whoever wants to may start the file again.
    severity: 'warning',
    code: 'at_chance',
    path: rate,
    message: 'The last run (wxyz), step 1,200: The loss has been at chance for 200 steps. Lower it.',
    range: { line: 5, column: 12, endLine: 5, endColumn: 14 },
  });
  expect(problem.fixes.map(({ title }) => title)).toEqual([`Set ${rate} to 1e-3`]);
  expect(applyEdits(text, problem.fixes[0]!.edits)).toBe(text.replace('10 #', '1e-3 #'));
});

test('of a sweep it stands at the item that was tried, once for all runs that found it', () => {
  const text = `data: { pairs: pairs.csv }\nsweep:\n  ${rate}: [1e-3, 10]\n  seeds: [0, 1]\n`;
  const parsed = parseExperiment(text);
  const files = [1e-3, 10].flatMap((value) =>
    [0, 1].map((seed) =>
      fileOf(`20260101-a-${value}${seed}`, {
        settings: { [rate]: value, seed },
        findings: value === 10 ? [atChance] : [],
      }),
    ),
  );
  const findings = findingsOfRuns(files);
  expect(findings).toHaveLength(1);
  const problem = placeFinding(parsed, findings[0]!, parsed.lenient);
  expect(problem.message).toMatch(/^2 of 4 runs, .* first at step 1,200: The loss/);
  // Line 3 is "  optimizer.learning_rate.image: [1e-3, 10]": 2 + 29 + 3 characters, then 1e-3, a comma and a space.
  expect(problem.range).toMatchObject({ line: 3, column: 41, endColumn: 43 });
  // 1e-3 is in the list already.
  expect(problem.fixes.map(({ title }) => title)).toEqual(['Remove it from the sweep']);
});

test('a finding without a key stands at the beginning, and lists are written as YAML', () => {
  const text = 'data: { pairs: pairs.csv }\n';
  const parsed = parseExperiment(text);
  const finding = { ...atChance, change: { path: 'data.augment.crop', value: [0.8, 1] } };
  const [crop] = findingsOfRuns([fileOf('a', { findings: [{ ...finding, key: 'data.augment' }] })]);
  const problem = placeFinding(parsed, crop!, parsed.lenient);
  expect(applyEdits(text, problem.fixes[0]!.edits)).toBe(
    'data: { pairs: pairs.csv, augment: { crop: [0.8, 1] } }\n',
  );
  const [none] = findingsOfRuns([fileOf('a', { findings: [{ ...atChance, key: null }] })]);
  expect(placeFinding(parsed, none!, parsed.lenient).range).toMatchObject({ line: 1, column: 1 });
});

test('the last start is one run, or all of a sweep', () => {
  const run = (id: string, created: number, sweep: string | null = null) => ({
    file: fileOf(id, { created, sweep: sweep === null ? null : { id: sweep, index: 0, count: 2 } }),
  });
  const ids = (runs: { file: RunFile }[]) => lastStart(runs).map(({ file }) => file.id);
  expect(ids([run('a', 1), run('b', 3), run('c', 2)])).toEqual(['b']);
  expect(ids([run('a', 1, 's'), run('b', 3, 's'), run('c', 2)])).toEqual(['a', 'b']);
  expect(ids([])).toEqual([]);
});
