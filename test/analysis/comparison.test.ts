import { describe, expect, test } from 'vitest';
import { comparisonTable, differenceText, filtered, sorted } from '../../src/analysis/comparison-table.ts';
import type { ComparedRun, Setting } from '../../src/analysis/settings.ts';
import { differingKeys, labelOf, settingsOf, settingText } from '../../src/analysis/settings.ts';
import { sampleOf, studentQuantile, tellsApart } from '../../src/analysis/student.ts';
import { verdictOf } from '../../src/analysis/verdict.ts';
import { fakeEvents, runOf } from '../panel/host/fake-runs.ts';

const metric = 'val/recall@10';

function setting(label: string, values: number[], status: ComparedRun['status'] = 'finished'): Setting {
  const runs = values.map((value, seed): ComparedRun => {
    const metrics: ComparedRun['metrics'] =
      status === 'diverged' ? {} : { [metric]: { best: value, last: value } };
    const id = `${label} ${seed}`;
    return { id, label: id, status, seed, metrics, largestNorm: {}, clipped: null };
  });
  return { key: label, values: { rate: label }, label, runs };
}

describe("Student's t", () => {
  test('has the quantiles of the printed tables', () => {
    // Table of the 97.5% quantiles, for 1, 2, 4, 10 and 30 degrees of freedom.
    const table = [
      [1, 12.7062047362],
      [2, 4.3026527297],
      [4, 2.7764451052],
      [10, 2.2281388519],
      [30, 2.0422724563],
    ] as const;
    for (const [freedom, t] of table) expect(studentQuantile(0.975, freedom)).toBeCloseTo(t, 8);
  });

  test("tells means apart by Welch's interval", () => {
    // {1, 2, 3} and {4, 6, 8}: variances of the means 1/3 and 4/3, (5/3)^2 / (1/18 + 8/9) = 50/17 degrees of freedom; the quantile
    // 3.218759 by Simpson's rule over the density in Python, times sqrt(5/3).
    expect(tellsApart(sampleOf([1, 2, 3]), sampleOf([4, 6, 8]))).toBeCloseTo(4.1553995, 6);
  });

  test('says nothing about a single value', () => {
    expect(tellsApart(sampleOf([1]), sampleOf([2, 3]))).toBeNaN();
  });
});

describe('the verdict', () => {
  test('does not call one seed better', () => {
    const { kind, best, text } = verdictOf([setting('a', [0.3]), setting('b', [0.5])], metric, 'best');
    expect([kind, best?.label]).toEqual(['too_few_seeds', 'b']);
    expect(text).toContain('too few seeds to say');
  });

  test("calls settings equal within the seeds' spread", () => {
    const settings = [setting('a', [0.36, 0.38, 0.4]), setting('b', [0.34, 0.36, 0.38])];
    const { kind, best, equals, text } = verdictOf(settings, metric, 'best');
    expect([kind, best?.label, equals.map(({ label }) => label)]).toEqual(['equal', 'a', ['b']]);
    expect(text).toContain('0.380 ± 0.020 (3 seeds)');
    expect(text).toContain('treat them as equal');
  });

  test('calls a difference beyond the spread better', () => {
    const settings = [setting('a', [0.1, 0.11, 0.12]), setting('b', [0.4, 0.41, 0.42])];
    expect(verdictOf(settings, metric, 'best')).toMatchObject({ kind: 'better', best: { label: 'b' } });
  });

  test('takes the smaller loss as the better one', () => {
    const loss = (label: string, value: number): Setting => {
      const made = setting(label, [value, value + 0.01, value + 0.02]);
      for (const run of made.runs) run.metrics = { 'val/loss': run.metrics[metric]! };
      return made;
    };
    expect(verdictOf([loss('a', 3), loss('b', 2)], 'val/loss', 'last').best?.label).toBe('b');
  });

  test('has nothing to say of one setting, of none with a value, and tells of seeds that diverged', () => {
    expect(verdictOf([setting('a', [1, 2])], metric, 'best').kind).toBe('nothing');
    const diverged = setting('b', [1, 1], 'diverged');
    expect(verdictOf([diverged, { ...diverged, key: 'c' }], metric, 'best').kind).toBe('no_values');
    const half = setting('a', [0.4, 0.4]);
    half.runs[1]!.status = 'diverged';
    expect(verdictOf([half, setting('c', [0.1])], metric, 'best').text).toContain(
      '1 of its 2 seeds diverged',
    );
  });
});

describe('what differs', () => {
  const runs = [3e-4, 1e-3].flatMap((image) =>
    [0, 1].map((seed) => {
      const training = { seed, steps: 90, rates: { image, text: 2e-5 } };
      return runOf(`${image} ${seed}`, fakeEvents(training), { training });
    }),
  );

  test('is found by key; seeds are not a difference', () => {
    const keys = differingKeys(runs);
    expect(keys).toEqual(['optimizer.learning_rate.image']);
    const settings = settingsOf([...runs].reverse(), keys);
    expect(settings.map(({ label }) => label)).toEqual(['image 3e-4', 'image 1e-3']);
    expect(settings.map(({ runs: seeds }) => seeds.length)).toEqual([2, 2]);
  });

  test('is written as people write it', () => {
    expect(settingText(0.0003)).toBe('3e-4');
    expect(settingText(64)).toBe('64');
    expect(
      labelOf({ 'model.text_encoder.name': 'a', 'model.image_encoder.name': 'b' }, [
        'model.text_encoder.name',
        'model.image_encoder.name',
      ]),
    ).toBe('text encoder.name a, image encoder.name b');
  });

  test('makes a table that sorts, filters and measures by a pinned row', () => {
    const keys = differingKeys(runs);
    const table = comparisonTable(settingsOf(runs, keys), keys, metric, 'best');
    expect(table.columns.map(({ title }) => title)).toEqual([
      'image rate',
      'seeds',
      'best recall@10',
      'final loss',
      'max norm image',
      'max norm text',
      'max norm fusion',
      'clipped',
      'status',
    ]);
    expect(sorted(table.rows, 0, true).map(({ cells }) => cells[0]!.text)).toEqual(['1e-3', '3e-4']);
    expect(filtered(table.rows, '3e-4 fini')).toHaveLength(1);
    expect(differenceText(0.38, 0.4)).toBe('−5.0%');
    expect(differenceText(0.5, 0.4)).toBe('+25%');
    expect(differenceText(0.5, 0)).toBeNull();
  });
});
