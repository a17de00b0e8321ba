import { describe, expect, test } from 'vitest';
import { bestAmong, tooltipLines, describeRun } from '../../src/extension/tree/describe.ts';
import { trainedMs } from '../../src/analysis/runs-table.ts';
import type { RunEntry } from '../../src/extension/runs/run-entry.ts';
import type { MetricSummary } from '../../src/protocol/run.ts';
import { buildTree, type TreeOptions } from '../../src/extension/tree/nodes.ts';
import { blankRunFile } from '../../src/store/run-file.ts';

const created = Date.UTC(2026, 0, 5, 9);
const minute = 60_000;

function run(recall: Partial<MetricSummary>, more: Partial<RunEntry['file']> = {}): RunEntry {
  const file: RunEntry['file'] = {
    ...blankRunFile('20260105-090000-emoji-abcd'),
    created,
    heartbeat: created + 60 * minute,
    status: 'finished',
    step: 90,
    steps: 90,
    summary: { 'val/recall@10': { last: 0.25, best: 0.276, best_step: 45, ...recall } },
    ...more,
  };
  return { dir: '/r', baseDir: '/', file, status: file.status, foreign: false, problem: null, live: null };
}

test('a run that trains and was not evaluated yet has its loss first: a narrow sidebar cuts rows at their end', () => {
  const training = run(
    {},
    { status: 'running', summary: { 'train/loss': { last: 2.3104, best: 2.2, best_step: 9 } } },
  );
  expect(describeRun(training, created)).toMatch(/^loss 2\.31 · 90\/90/);
});

describe('a sweep in the explorer', () => {
  const trials = [
    [1e-3, 2e-5],
    [3e-4, 2e-4],
    [1e-2, 2e-5],
  ].map(([image, text], index) => {
    const settings = {
      'optimizer.learning_rate.image': image,
      'optimizer.learning_rate.text': text,
      'train.epochs': 3,
    };
    const trial = run({}, { settings, sweep: { id: 's', index, count: 3 }, created: created + index });
    return { ...trial, dir: `/r${index}` };
  });
  const options: TreeOptions = {
    groupBy: 'none',
    sortBy: 'setting:optimizer.learning_rate.image',
    filter: () => true,
    experiments: [],
    shown: new Map<string, number>(),
  };

  test('names its rows shortly by what differs, also when one is left, and sorts them by a setting', () => {
    const labels = buildTree(trials, options).map((node) => 'label' in node && node.label);
    expect(labels).toEqual(['img 3e-4 · txt 2e-4', 'img 1e-3 · txt 2e-5', 'img 0.01 · txt 2e-5']);
    const drawn = trials.map((trial, index) => ({
      ...trial,
      file: { ...trial.file, settings: { 'optimizer.learning_rate.image': [1.481e-3, 0.02, 7][index] } },
    }));
    const brief = buildTree(drawn, options).map((node) => 'label' in node && node.label);
    expect(brief).toEqual(['img 1.48e-3', 'img 0.02', 'img 7']);
    const [one] = buildTree(trials, { ...options, filter: (each) => each === trials[0] });
    expect(one).toMatchObject({ label: 'img 1e-3 · txt 2e-5' });
  });

  test('says its best value first, and when it began', () => {
    const better = trials.map((trial, index) => ({
      ...trial,
      file: { ...trial.file, ...run({ best: 0.3 + index / 100 }).file, sweep: trial.file.sweep },
    }));
    const described = (runs: RunEntry[]) => {
      const [sweep] = buildTree(runs, { ...options, groupBy: 'sweep' });
      expect(sweep).toMatchObject({ kind: 'sweep', label: 'Sweep of 3 runs' });
      return (sweep as { description: string }).description;
    };
    expect(described(better)).toMatch(/^0\.32 recall@10 \(best\) · Jan 5/);
    expect(bestAmong(better)).toMatchObject({ name: 'val/recall@10', best: 0.32 });
    expect(bestAmong(better.map((one) => ({ ...one, file: { ...one.file, summary: {} } })))).toBeNull();
    expect(described(better.slice(0, 2))).toMatch(/^0\.31 recall@10 \(best\) · 2 runs · Jan 5/);
  });

  test('its rows leave room for their values: without the name of their group, and never longer than 32 letters', () => {
    const long = 'panda 🐼 '.repeat(10).trim();
    const single = (experiment: string) => run({}, { experiment, title: null, sweep: null, settings: {} });
    const label = (experiment: string, groupBy: 'none' | 'experiment') => {
      let [node] = buildTree([single(experiment)], { ...options, groupBy });
      if (node && 'children' in node) [node] = node.children;
      return node && 'label' in node ? node.label : undefined;
    };
    expect(label('emoji', 'none')).toBe('emoji abcd');
    expect(label('emoji', 'experiment')).toBe('abcd');
    expect(label(long, 'none')).toBe('panda 🐼 panda 🐼…🐼 panda 🐼 abcd');
    expect(label(long, 'experiment')).toBe('abcd');
  });
});

describe('a run in the explorer', () => {
  test('stands beside its chance, and says which of its values it shows', () => {
    const chance = { mean: 10 / 38, deviation: 0.05 };
    const row = describeRun(run({ chance, count: 3 }), created);
    expect(row).toBe('0.276 recall@10 (best of 3, chance 0.263) · at chance');
    const lines = tooltipLines(run({ chance, count: 3 }), created, (text) => text);
    expect(lines).toContain('best recall@10: 0.276 (chance 0.263), best of 3 evaluations, step 45');
    expect(lines).toContain('last recall@10: 0.25 (chance 0.263)');
    expect(lines.join()).toContain('It ended at chance');
  });

  test('of an earlier version says nothing of chance', () => {
    expect(describeRun(run({}), created)).toBe('0.276 recall@10 (best)');
  });

  test('has trained for as long as it trained, without the queue', () => {
    const later = created + 90 * minute;
    expect(trainedMs(run({}, { trained_ms: 5 * minute }), later)).toBe(5 * minute);
    expect(describeRun(run({}, { trained_ms: 5 * minute }), later)).toBe('0.276 recall@10 (best) · 5 min');
    const training = run({}, { status: 'running', trained_ms: 5 * minute, heartbeat: later - 2_000 });
    expect(trainedMs(training, later)).toBe(5 * minute + 2_000);
    expect(trainedMs(run({}, { trained_ms: null }), later)).toBeNull();
    expect(trainedMs(run({}, { status: 'queued', trained_ms: 0 }), later)).toBeNull();
  });
});
