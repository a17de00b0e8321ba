import { describe, expect, test } from 'vitest';
import { parseFilter, unknownNames } from '../../src/analysis/run-filter.ts';
import type { Filterable } from '../../src/analysis/run-filter.ts';
import type { RunFile } from '../../src/protocol/run.ts';
import { blankRunFile } from '../../src/store/run-file.ts';

function run(label: string, file: Partial<RunFile>, settings: Record<string, unknown> = {}): Filterable {
  const whole = { ...blankRunFile(`20260105-090000-emoji-${label}`), ...file };
  return { label, status: whole.status, file: whole, settings };
}

const recall = (best: number, last: number) => ({
  'val/recall@10': { best, last, best_step: 1 },
  'train/loss': { best: 1, last: 2.5, best_step: 1 },
});

const runs = [
  run(
    'low',
    { status: 'finished', summary: recall(0.4, 0.3), tags: ['paper'], trained_ms: 30_000, note: 'too slow' },
    { 'optimizer.learning_rate.text': 1e-3, 'fusion.name': 'add', 'train.epochs': 3 },
  ),
  run(
    'high',
    { status: 'finished', summary: recall(0.6, 0.2), starred: true, trained_ms: 700_000 },
    { 'optimizer.learning_rate.text': 2e-5, 'fusion.name': 'attention', 'train.epochs': 20 },
  ),
  run('dead', { status: 'diverged', created: new Date(2026, 0, 5, 9).getTime(), tags: ['paper-2'] }),
];

/** Labels of the runs that a filter leaves. */
const left = (text: string): string => {
  const { passes } = parseFilter(text);
  return runs
    .filter(passes)
    .map(({ label }) => label)
    .join(' ');
};

describe('a filter of runs', () => {
  test.each([
    ['', 'low high dead'],
    ['emoji', 'low high dead'],
    ['"too slow"', 'low'],
    ['-slow', 'high dead'],
    ['status:div', 'dead'],
    ['-status:diverged', 'low high'],
    ['tag:paper', 'low'],
    ['-tag:paper starred', 'high'],
    // The best value, whatever the run ended with.
    ['recall@10 > 0.4', 'high'],
    ['recall@10>=0.4', 'low high'],
    ['val/recall@10 = 0.6', 'high'],
    ['last:recall@10 > 0.25', 'low'],
    ['loss < 2', 'low high'],
    ['last:loss < 2', ''],
    ['optimizer.learning_rate.text < 1e-3', 'high'],
    ['optimizer.learning_rate.text <= 1e-3', 'low high'],
    ['learning_rate.text = 0.001', 'low'],
    ['train.epochs != 3', 'high'],
    ['fusion.name = Attention', 'high'],
    ['fusion.name != attention', 'low'],
    // A run without the value is not found; `-` turns that about.
    ['-recall@10 > 0.4', 'low dead'],
    ['duration > 10min', 'high'],
    ['duration <= 30', 'low'],
    ['started >= 2026-01-05', 'dead'],
    ['started < 2026-01-05', 'low high'],
    ['emoji recall@10 > 0.3 train.epochs = 20', 'high'],
    ['status = diverged', 'dead'],
  ])('%s', (text, expected) => expect(left(text)).toBe(expected));

  test('that is still being typed hides nothing, and says what is missing', () => {
    for (const text of ['recall@10 >', '> 0.4', 'recall@10 >=']) {
      expect(parseFilter(text).problem).toMatch(/stands between a name and a value/);
      expect(left(text)).toBe('low high dead');
    }
    expect(parseFilter('recall@10 > 0.4').problem).toBeNull();
  });

  test('names what no run has', () => {
    expect(unknownNames(parseFilter('recal@10 > 0.4 train.epochs > 2'), runs)).toEqual(['recal@10']);
    expect(unknownNames(parseFilter('recall@10 > 2 nothing'), runs)).toEqual([]);
  });
});
