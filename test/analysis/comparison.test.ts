import { describe, expect, test } from 'vitest';
import { comparisonTable, differenceText, filtered, sorted } from '../../src/analysis/comparison-table.ts';
import type { ComparedRun, Setting } from '../../src/analysis/compared-settings.ts';
import { differingKeys, settingsOf } from '../../src/analysis/compared-settings.ts';
import { valuesOf } from '../../src/analysis/setting-values.ts';
import { sampleOf, studentQuantile, tellsApart } from '../../src/analysis/student.ts';
import { verdictOf } from '../../src/analysis/verdict.ts';
import { rateFigure } from '../../src/analysis/figures/rate-figure.ts';
import { markupOf } from '../../src/analysis/figures/svg.ts';
import { fakeEvents, runOf } from '../panel/host/fake-runs.ts';
import { settingText, settingsText } from '../../src/text/settings.ts';

const metric = 'val/recall@10';

function setting(label: string, values: number[], status: ComparedRun['status'] = 'finished'): Setting {
  const runs = values.map((value, seed): ComparedRun => {
    const metrics: ComparedRun['metrics'] =
      status === 'diverged' ? {} : { [metric]: { best: value, last: value, best_step: 1 } };
    const id = `${label} ${seed}`;
    return { id, label: id, status, seed, metrics, largestNorm: {}, clipped: null };
  });
  return { key: label, values: { rate: label }, label, isLog: false, runs };
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

  test('is what the arithmetic by hand gives for three seeds', () => {
    // a: mean 0.40, s^2 0.0004; b: mean 0.34, s^2 0.0001. Means' variances 0.0004/3 and 0.0001/3, their sum 1/6000;
    // (1/6000)^2 / ((0.0004/3)^2/2 + (0.0001/3)^2/2) = 50/17 = 2.941 degrees of freedom, t 3.2188: needed 0.04155 < 0.06.
    const settings = [setting('a', [0.38, 0.4, 0.42]), setting('b', [0.33, 0.34, 0.35])];
    const { kind, text } = verdictOf(settings, metric, 'best');
    expect(kind).toBe('better');
    expect(text).toContain("the difference of 0.060 is beyond the seeds' spread (0.042)");
    // With b at 0.36 the difference of 0.04 is not.
    const nearer = [settings[0]!, setting('b', [0.35, 0.36, 0.37])];
    expect(verdictOf(nearer, metric, 'best').kind).toBe('equal');
  });

  test('names no best one of a tie', () => {
    const one = verdictOf([setting('a', [0.3]), setting('b', [0.3])], metric, 'best');
    expect([one.kind, one.text]).toEqual([
      'too_few_seeds',
      'a and b have the same recall@10: 0.3 (1 seed) and 0.3 (1 seed). With so few seeds that may be luck. Two or three seeds each would tell.',
    ]);
    const three = verdictOf([setting('a', [1, 1, 1]), setting('b', [1, 1, 1])], metric, 'best');
    expect([three.kind, three.equals.map(({ label }) => label)]).toEqual(['equal', ['b']]);
    expect(three.text).not.toContain('best');
  });

  test('counts seeds, not runs: the same seed and settings again say nothing new', () => {
    const twice = setting('a', [0.461, 0.461]);
    const other = setting('b', [0.3, 0.3]);
    for (const { runs } of [twice, other]) for (const run of runs) run.seed = 0;
    const { kind, text } = verdictOf([twice, other], metric, 'best');
    expect(kind).toBe('too_few_seeds');
    expect(text).toContain('a is best: recall@10 0.461 (1 seed).');
    expect(text).toContain('2 of 4 runs repeat the seed and settings of another and are not counted.');
    expect(text).not.toContain('beyond');
    const { columns, rows } = comparisonTable([twice, other], ['rate'], metric, 'best');
    const seedsAt = columns.findIndex(({ id }) => id === 'seeds');
    expect(rows[0]!.cells[seedsAt]!.text).toBe('1 (1 repeated)');
    expect(rows[0]!.cells[seedsAt + 1]!.text).toBe('0.461');
  });

  test('takes of a repeated seed the run that has a value', () => {
    const made = setting('a', [NaN, 0.4]);
    for (const run of made.runs) run.seed = 7;
    expect(valuesOf(made, metric, 'best')).toEqual([0.4]);
  });

  test('concludes nothing from a spread of zero', () => {
    const settings = [setting('a', [0.5, 0.5, 0.5]), setting('b', [0.3, 0.3, 0.3])];
    const { kind, text, equals } = verdictOf(settings, metric, 'best');
    expect([kind, equals.map(({ label }) => label)]).toEqual(['too_few_seeds', ['b']]);
    expect(text).toContain('a spread of zero proves nothing');
    // With spread on one side only the interval is that side's: means' variances 0 and 0.0001 / 3, 2 degrees of freedom, t 4.3027.
    expect(tellsApart(sampleOf([0.5, 0.5, 0.5]), sampleOf([0.29, 0.3, 0.31]))).toBeCloseTo(0.0248416, 6);
  });

  test('says what guessing gives', () => {
    const settings = [setting('a', [0.3]), setting('b', [0.5])];
    for (const { runs } of settings) runs[0]!.metrics[metric]!.chance = { mean: 10 / 38, deviation: 0.05 };
    expect(verdictOf(settings, metric, 'best').text).toMatch(/Guessing gives 0\.263\.$/);
    const { rows } = comparisonTable(settings, ['rate'], metric, 'best');
    expect(rows[0]!.cells.map(({ text }) => text)).toContain('0.3 (chance 0.263)');
    expect(rows.map(({ cells }) => cells.at(-1)!.text)).toEqual(['finished at chance', 'finished']);
  });

  test('has what guessing gives as a line in its figure, also where all values are far above', () => {
    const settings = [setting('1', [0.3]), setting('2', [0.5])];
    for (const { runs } of settings) runs[0]!.metrics[metric]!.chance = { mean: 0.1, deviation: 0.05 };
    const size = { width: 400, height: 300, colourOf: () => 'black' };
    const markup = markupOf(
      rateFigure({ settings, key: 'rate', keyName: 'rate', metric, pick: 'best', ...size }),
    );
    // The axis has room of 0.1 x 0.4 around 0.1 to 0.5, drawn from 260 up to 34: 0.1 stands at 260 - 226 x 0.04 / 0.48.
    expect(markup).toMatch(/y1="241\.17" y2="241\.17" stroke-dasharray="2 3"/);
    expect(markup).toContain('>chance</text>');
    for (const { runs } of settings) delete runs[0]!.metrics[metric]!.chance;
    expect(
      markupOf(rateFigure({ settings, key: 'rate', keyName: 'rate', metric, pick: 'best', ...size })),
    ).not.toContain('chance');
  });

  test('names the line of guessing where no dot is in the way', () => {
    const atEnd = (last: number): string => {
      const settings = [
        { ...setting('1e-3', [0.5]), values: { rate: 1e-3 } },
        { ...setting('10', [last]), values: { rate: 10 } },
      ];
      for (const { runs } of settings) runs[0]!.metrics[metric]!.chance = { mean: 0.26, deviation: 0.05 };
      const size = { width: 400, height: 300, colourOf: () => 'black' };
      const input = { settings, key: 'rate', keyName: 'rate', metric, pick: 'best' as const, ...size };
      return /<text[^>]*>chance</.exec(markupOf(rateFigure(input)))![0];
    };
    expect(atEnd(0.4)).toContain('text-anchor="end"');
    // Two hundredths are 15 of 226 pixels: inside the letters.
    expect(atEnd(0.28)).not.toContain('text-anchor="end"');
  });

  test('of runs that all diverged says so, and what to do', () => {
    const settings = [setting('a', [1, 1], 'diverged'), setting('b', [1], 'diverged')];
    expect(verdictOf(settings, metric, 'best')).toMatchObject({ kind: 'no_values', best: null });
    expect(verdictOf(settings, metric, 'best').text).toMatch(
      /^All 3 runs diverged.*Lower the learning rates/,
    );
  });

  test('of one run and of none says that there is nothing to compare', () => {
    expect(verdictOf([setting('a', [0.31])], metric, 'best').text).toBe(
      'There is one setting only: nothing to compare. Its recall@10 is 0.31 (1 seed).',
    );
    expect(verdictOf([], metric, 'best').text).toBe('No runs are chosen: nothing to compare.');
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

  test('is the batch size alone when durations in steps follow from it', () => {
    // As resolved from 1,000 pairs, `epochs: 20`, `warmup: 5%` and `every: 1 epoch`.
    const resolved = (batch: number, steps: number, epoch: number, warmup: number) => ({
      'optimizer.schedule.warmup': warmup,
      'train.batch_size': batch,
      'train.epochs': 20,
      'train.steps': steps,
      'train.steps_per_epoch': epoch,
      'eval.every': epoch,
      'checkpoint.every': epoch,
    });
    const made = (...settings: Record<string, unknown>[]) =>
      settings.map((each, i) => ({ ...runOf(`${i}`, []), settings: each }));
    const two = made(resolved(32, 620, 31, 31), resolved(64, 300, 15, 15));
    expect(differingKeys(two)).toEqual(['train.batch_size']);
    // A warmup of 10% in the second is another one; so is one that was set.
    expect(differingKeys(made(resolved(32, 620, 31, 31), resolved(64, 300, 15, 30)))).toEqual([
      'optimizer.schedule.warmup',
      'train.batch_size',
    ]);
    two[0]!.file = { ...two[0]!.file!, settings: { 'eval.every': '31 steps' } };
    expect(differingKeys(two)).toEqual(['train.batch_size', 'eval.every']);
    // Steps that are set are no epochs.
    const steps = { ...resolved(32, 500, 31, 25), 'train.epochs': null };
    expect(
      differingKeys(made(steps, { ...steps, 'train.steps': 900, 'optimizer.schedule.warmup': 45 })),
    ).toEqual(['train.steps']);
  });

  test('is written as people write it', () => {
    expect(settingText(0.0003)).toBe('3e-4');
    expect(settingText(64)).toBe('64');
    expect(
      settingsText({ 'model.text_encoder.name': 'a', 'model.image_encoder.name': 'b' }, [
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
    expect(differenceText(0.38, 0.4)).toBe('−5%');
    expect(differenceText(0.5, 0.4)).toBe('+25%');
    expect(differenceText(0.5, 0)).toBeNull();
  });
});
