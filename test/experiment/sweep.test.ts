import { describe, expect, test } from 'vitest';
import { checkExperiment } from '../../src/experiment/checks/check.ts';
import { drawSettings } from '../../src/experiment/draw.ts';
import { earlyStopping } from '../../src/experiment/early-stop.ts';
import { applyEdits } from '../../src/experiment/edit/apply-edits.ts';
import { completionsAt } from '../../src/experiment/editor/complete.ts';
import { hoverAt } from '../../src/experiment/editor/hover.ts';
import { parseExperiment } from '../../src/experiment/parse/parse.ts';
import { expandSweep } from '../../src/experiment/sweep.ts';

const head = 'data: { pairs: a.csv }\n';
const rate = 'optimizer.learning_rate.image';
const swept = (inside: string): string => `${head}sweep:\n  ${inside}\n`;
const problemsOf = (text: string) => parseExperiment(text).problems;

describe('settings that are drawn', () => {
  test('as many as asked for, within their bounds, the same again with the same seed', () => {
    const text = swept(
      `random: { count: 200, seed: 7 }\n  ${rate}: { log_uniform: [1e-5, 1e-1] }\n  loss.temperature: { uniform: [0.05, 0.2] }\n` +
        '  train.batch_size: { integer: [8, 11] }\n  model.fusion.kind: { choice: [late, early] }\n  model.fusion.dim: [64, 128]',
    );
    const { experiment, problems } = parseExperiment(text);
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    const trials = expandSweep(experiment!);
    expect(trials).toHaveLength(200);
    const all = (path: string) => trials.map(({ settings }) => settings[path]);
    const rates = all(rate) as number[];
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-5);
    expect(Math.max(...rates)).toBeLessThanOrEqual(1e-1);
    // Each of the four powers of ten gets a quarter: 50 of 200, give or take four standard deviations of 6.1.
    for (const power of [-5, -4, -3, -2])
      expect(Math.abs(rates.filter((one) => Math.floor(Math.log10(one)) === power).length - 50)).toBeLessThan(
        25,
      );
    const temperatures = all('loss.temperature') as number[];
    // The mean of 200 draws is 0.125, with a standard deviation of 0.0031.
    expect(temperatures.reduce((a, b) => a + b) / 200).toBeCloseTo(0.125, 1);
    expect(new Set(all('train.batch_size'))).toEqual(new Set([8, 9, 10, 11]));
    expect(new Set(all('model.fusion.kind'))).toEqual(new Set(['late', 'early']));
    expect(new Set(all('model.fusion.dim'))).toEqual(new Set([64, 128]));
    expect(expandSweep(parseExperiment(text).experiment!)).toEqual(trials);
    const other = parseExperiment(text.replace('seed: 7', 'seed: 8')).experiment!;
    expect(expandSweep(other)[0]).not.toEqual(trials[0]);
  });

  test('more of them, or another key beside them, leave the others as they are', () => {
    const from = { [rate]: { kind: 'log_uniform', low: 1e-5, high: 1e-1, isWhole: false } } as const;
    const few = drawSettings(from, { count: 5, seed: 0 })[rate]!;
    expect(drawSettings(from, { count: 50, seed: 0 })[rate]!.slice(0, 5)).toEqual(few);
    const more = {
      ...from,
      'loss.temperature': { kind: 'uniform', low: 0, high: 1, isWhole: false },
    } as const;
    expect(drawSettings(more, { count: 5, seed: 0 })[rate]).toEqual(few);
  });

  test('none twice: of few different ones all, and that is said', () => {
    const text = swept(
      'random: { count: 20 }\n  model.fusion.kind: [late, early]\n  train.batch_size: { integer: [8, 10] }',
    );
    const { experiment, problems } = parseExperiment(text);
    const settings = expandSweep(experiment!).map((trial) => JSON.stringify(trial.settings));
    expect(settings).toHaveLength(6);
    expect(new Set(settings).size).toBe(6);
    expect(problems.map(({ code }) => code)).toEqual(['fewer_settings']);
  });

  test('whole numbers get equal shares, the ends too', () => {
    const from = { n: { kind: 'integer', low: -1, high: 2, isWhole: true } } as const;
    const tries = Array.from({ length: 4000 }, (_, seed) => drawSettings(from, { count: 1, seed })['n']![0]);
    // 1000 each, with a standard deviation of 27.
    for (const value of [-1, 0, 1, 2])
      expect(Math.abs(tries.filter((one) => one === value).length - 1000)).toBeLessThan(120);
  });

  test('each with each seed', () => {
    const { experiment } = parseExperiment(
      swept('random: { count: 3 }\n  loss.temperature: { uniform: [0.1, 0.2] }\n  seeds: [0, 1]'),
    );
    const trials = expandSweep(experiment!);
    expect(trials.map(({ seed }) => seed)).toEqual([0, 0, 0, 1, 1, 1]);
    expect(trials.slice(0, 3).map(({ settings }) => settings)).toEqual(
      trials.slice(3).map(({ settings }) => settings),
    );
  });
});

describe('what is wrong with a sweep', () => {
  const random = 'random: { count: 5 }\n  ';
  test.each([
    [
      'an unknown distribution',
      `${random}${rate}: { loguniform: [1e-5, 1e-2] }`,
      'unknown_distribution',
      /log_uniform is near/,
    ],
    [
      'none at all',
      `${random}${rate}: { normal: [0, 1] }`,
      'unknown_distribution',
      /there are log_uniform, uniform/,
    ],
    [
      'two in one',
      `${random}${rate}: { uniform: [0, 1], log_uniform: [1, 2] }`,
      'wrong_type',
      /one distribution/,
    ],
    [
      'bounds reversed',
      `${random}${rate}: { log_uniform: [1e-2, 1e-5] }`,
      'range_upside_down',
      /write \[1e-5, 1e-2\]/,
    ],
    [
      'the logarithm of 0',
      `${random}${rate}: { log_uniform: [0, 1e-2] }`,
      'log_of_zero',
      /must be above 0, such as 1e-5/,
    ],
    ['one bound', `${random}${rate}: { uniform: [1e-2] }`, 'wrong_type', /two numbers/],
    ['a bound beyond', `${random}${rate}: { uniform: [0, 11] }`, 'too_big', /10/],
    ['a word of a number', `${random}model.fusion.kind: { uniform: [0, 1] }`, 'wrong_type', /choice/],
    ['halves of whole numbers', `${random}train.batch_size: { integer: [8.5, 16] }`, 'not_whole', /./],
    ['no count', `random: { seed: 3 }\n  ${rate}: { uniform: [0, 1] }`, 'count_missing', /count: 20/],
    ['no random', `${rate}: { uniform: [0, 1] }`, 'count_missing', /random: \{ count: 20 \}/],
    ['too many', `random: { count: 20000 }\n  ${rate}: { uniform: [0, 1] }`, 'too_big', /10000/],
    [
      'a metric that is not measured',
      `${rate}: [1e-3]\n  stop_early: { metric: val/recall@7 }`,
      'unknown_metric',
      /recall@7 is not measured/,
    ],
    [
      'an unknown early stopping',
      `${rate}: [1e-3]\n  stop_early: { kind: median }`,
      'unknown_choice',
      /asha/,
    ],
    [
      'an unknown key of it',
      `${rate}: [1e-3]\n  stop_early: { reductoin: 3 }`,
      'unknown_key',
      /reduction is near/,
    ],
    ['a budget of nothing', `${rate}: [1e-3]\n  budget: { hours: 0 }`, 'too_small', /above/],
    ['a section that is none', `${rate}: [1e-3]\n  budget: 8`, 'wrong_type', /runs, steps, hours/],
  ])('%s', (_what, inside, code, message) => {
    const errors = problemsOf(swept(inside)).filter(({ severity }) => severity === 'error');
    expect(errors.map((one) => one.code)).toEqual([code]);
    expect(errors[0]!.message).toMatch(message);
    // What can be mended by the program is right then.
    for (const { edits } of errors[0]!.fixes)
      expect(
        problemsOf(applyEdits(swept(inside), edits)).filter(({ severity }) => severity === 'error'),
      ).toEqual([]);
  });

  test('nothing to try', () => {
    expect(problemsOf(swept('stop_early: { kind: asha }'))).toMatchObject([
      { code: 'empty_sweep', severity: 'warning' },
    ]);
  });

  const checked = (inside: string, data = 'data: { pairs: a.csv }', more = '') =>
    checkExperiment(parseExperiment(`${data}\n${more}sweep:\n  ${rate}: [1e-4, 1e-3]\n  ${inside}\n`), {
      data: { train_pairs: 640, val_pairs: 64 },
    }).filter(({ code }) => /stop_early|rung/.test(code));

  test('early stopping that can stop nothing', () => {
    expect(checked('stop_early: { }')).toEqual([]);
    expect(checked('stop_early: { }', 'data: { pairs: a.csv, val_fraction: 0 }')).toMatchObject([
      { code: 'stop_early_without_validation', severity: 'warning' },
    ]);
    expect(checked('stop_early: { min: 2 epochs }', head, 'train: { epochs: 2 }\n')).toMatchObject([
      { code: 'no_rung', severity: 'warning' },
    ]);
    expect(checked('stop_early: { min: 1 epoch }', head, 'eval: { every: 2 epochs }\n')).toMatchObject([
      { code: 'rung_before_evaluation', severity: 'info' },
    ]);
  });
});

describe('rungs', () => {
  const rungsOf = (inside: string, steps: number) =>
    earlyStopping(parseExperiment(swept(`${rate}: [1e-3]\n  stop_early: { ${inside} }`)).experiment!, {
      steps,
      stepsPerEpoch: 10,
      batchSize: 8,
    });
  test('are the first length times powers of the reduction, before the end', () => {
    expect(rungsOf('', 810)).toEqual({ metric: 'val/recall@1', reduction: 3, rungs: [10, 30, 90, 270] });
    expect(rungsOf('reduction: 4, min: 5%, metric: val/loss', 200)).toEqual({
      metric: 'val/loss',
      reduction: 4,
      rungs: [10, 40, 160],
    });
    expect(rungsOf('', 10)!.rungs).toEqual([]);
  });
});

describe('in the editor', () => {
  const labels = (text: string) => {
    const offset = text.indexOf('‸');
    return completionsAt(text.replace('‸', ''), offset).map(({ label }) => label);
  };
  test('sections, distributions and values of a sweep are offered', () => {
    expect(labels(swept('‸'))).toEqual(
      expect.arrayContaining(['random', 'stop_early', 'budget', 'seeds', rate]),
    );
    expect(labels(swept(`${rate}: { ‸ }`))).toEqual(['log_uniform', 'uniform', 'integer', 'choice']);
    expect(labels(swept('stop_early: { ‸ }'))).toEqual(['kind', 'metric', 'reduction', 'min']);
    expect(labels(swept('stop_early: { metric: ‸ }'))).toEqual(
      expect.arrayContaining(['val/recall@5', 'val/loss']),
    );
    expect(labels(swept('stop_early: { min: ‸ }'))).toContain('1 epoch');
  });

  test('and say what they mean', () => {
    const text = swept(
      `random: { count: 20 }\n  stop_early: { reduction: 3 }\n  ${rate}: { log_uniform: [1e-5, 1e-2] }`,
    );
    const said = (word: string) => hoverAt(text, text.indexOf(word) + 1)!.markdown;
    expect(said('count')).toContain('Settings that are drawn');
    expect(said('stop_early')).toContain('rung');
    expect(said('reduction')).toContain('the next rung');
    expect(said('log_uniform')).toContain('each factor as likely');
    expect(said(rate)).toContain('swept');
  });
});
