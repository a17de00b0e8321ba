import { describe, expect, it, test } from 'vitest';
import type { RunConfig } from '../../src/experiment/config.ts';
import type { Chance } from '../../src/protocol/chance.ts';
import type { RunFinding } from '../../src/protocol/events.ts';
import { emptyRunState, foldRun } from '../../src/protocol/state.ts';
import type { Batch } from '../../src/data/loader.ts';
import { meanCosineOf } from '../../src/trainer/evaluation/mean-cosine.ts';
import { batchChance, batchFacts, sameCaption, sameImage } from '../../src/trainer/monitor/batch-facts.ts';
import { Columns } from '../../src/trainer/monitor/columns.ts';
import { createMonitor } from '../../src/trainer/monitor/monitor.ts';
import { fixedTemperature, modelConfig, optimizerConfig } from './tiny.ts';

const size = 32;
/** ln 32: guessing in batches of 32 pairs that differ. */
const chance = 3.4657359;

type Change = (config: RunConfig) => void;

function configOf(change: Change = () => undefined): RunConfig {
  const config = {
    name: 'monitored',
    seed: 1,
    data: {
      pairs: 'pairs.csv',
      val: null,
      cache_dir: 'cache',
      augment: { crop: [0.8, 1], flip: 0.5, swap_left_right: false, drop_word: 0 },
    },
    model: modelConfig('late'),
    loss: { ...fixedTemperature },
    optimizer: optimizerConfig(),
    train: { batch_size: size, epochs: null, steps: 1000, steps_per_epoch: 50 },
    eval: { every: 50, recall_at: [1, 5], rerank: 128 },
  } as unknown as RunConfig; // What no question asks about is left out.
  change(config);
  return config;
}

/** A healthy step: the loss falls from chance in a curve, with noise of its own. */
const healthy = (step: number): Record<string, number> => ({
  'train/loss': chance * (0.2 + 0.8 * Math.exp(-step / 150)) + 0.03 * Math.sin(7 * step),
  'train/temperature': 0.1,
  'train/grad_norm': 0.8 + 0.1 * Math.sin(3 * step),
  'train/grad_norm/image': 0.5,
  'train/grad_norm/text': 0.4,
  'train/grad_norm/fusion': 0.3,
  'train/clip_factor': 1,
  'train/learning_rate/image': 1e-3,
  'train/learning_rate/text': 1e-3,
  'train/learning_rate/fusion': 1e-3,
  'train/pairs_per_s': 200 + 20 * Math.sin(step),
  'train/data_wait': 0.05,
  'train/epoch': step / 50,
});

/** These numbers from the second step on: the first is that of a healthy run. */
const constant =
  (metrics: Record<string, number>) =>
  (at: number): Record<string, number> =>
    at === 1 ? {} : metrics;

const distinct = ids(size, (row) => row);
function ids(count: number, of: (row: number) => number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => of(row));
}

interface Watched {
  steps?: number;
  config?: Change;
  step?: (step: number) => Record<string, number>;
  imageIds?: Int32Array;
  captionIds?: Int32Array;
  every?: number;
  /** Metrics of the evaluation with this number, from 1. */
  evaluation?: (number: number) => Record<string, number>;
  chances?: Record<string, Chance>;
}

/** What the monitor says of a run with these numbers. */
function watch({
  steps = 400,
  config,
  step,
  imageIds,
  captionIds,
  every,
  evaluation,
  chances,
}: Watched): RunFinding[] {
  const found: RunFinding[] = [];
  const monitor = createMonitor(configOf(config), (finding) => found.push(finding), null);
  const batch = { size, imageIds: imageIds ?? distinct, captionIds: captionIds ?? distinct } as Batch;
  for (let at = 1; at <= steps; at++) {
    monitor.step(at, { ...healthy(at), ...step?.(at) }, batch);
    if (evaluation && every && at % every === 0)
      monitor.evaluated(at, { metrics: evaluation(at / every), chance: chances ?? {} });
  }
  return found;
}

const codes = (watched: Watched): string[] => watch(watched).map(({ code, step }) => `${code} ${step}`);

test('a healthy run has no finding', () => {
  const recall = { mean: 0.02, deviation: 0.02 };
  expect(
    watch({
      steps: 1000,
      every: 50,
      evaluation: (number) => ({
        'val/loss': 1 + 2 * Math.exp(-number / 5),
        'val/recall@1': 0.5 * (1 - Math.exp(-number / 5)),
        'val/recall@5': 0.8 * (1 - Math.exp(-number / 5)),
        'val/mean_cosine/image': 0.3,
        'val/mean_cosine/text': 0.3,
      }),
      chances: { 'val/recall@1': recall, 'val/recall@5': recall },
    }),
  ).toEqual([]);
});

describe('at chance', () => {
  const flat = (value: number) => (step: number) => ({ 'train/loss': value + 0.02 * Math.sin(5 * step) });

  it('is said after 200 steps within 2% of ln batch, with the rate that is to blame', () => {
    const [finding, ...others] = watch({
      step: flat(chance),
      config: (config) => (config.optimizer.learning_rate.text = 10),
    });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      code: 'at_chance',
      severity: 'error',
      step: 200,
      key: 'optimizer.learning_rate.text',
      change: { path: 'optimizer.learning_rate.text', value: 1e-3 },
      message:
        'The loss has been at chance for 200 steps after the warm-up: 3.47, and guessing in these batches gives 3.47.',
      evidence: { steps: 200 },
    });
    expect(finding!.evidence['chance']).toBeCloseTo(chance, 5);
  });

  it('begins to count after the warm-up', () => {
    const config: Change = (one) => (one.optimizer.schedule.warmup = 55);
    expect(codes({ step: flat(chance), config })).toEqual(['at_chance 260']);
  });

  it.each([
    ['3% below it', (step: number) => ({ 'train/loss': 0.97 * chance + 0.005 * Math.sin(step) })],
    ['on the way down', (step: number) => ({ 'train/loss': chance * (1.015 - 0.03 * (step / 220)) })],
  ])('is not said of a loss %s', (_name, step) => {
    expect(codes({ steps: 220, step })).toEqual([]);
  });

  it('blames a temperature at which no other loss is possible, and the pairs when nothing else is unusual', () => {
    const keyOf = (config: Change) => watch({ step: flat(chance), config })[0]!.key;
    expect(keyOf((config) => (config.loss.temperature = 10))).toBe('loss.temperature');
    expect(keyOf(() => undefined)).toBe('data.pairs');
  });
});

describe('the floor of a fixed temperature', () => {
  // log(1 + 31 exp(-(32 / 31) / 0.5)) = log(1 + 31 * 0.126877) = 1.5957.
  const config: Change = (one) => (one.loss.temperature = 0.5);

  it('is named when the loss lies on it', () => {
    const [finding] = watch({ steps: 100, config, step: constant({ 'train/loss': 1.62 }) });
    expect(finding).toMatchObject({ code: 'temperature_floor', key: 'loss.temperature', step: 50 });
    expect(finding!.evidence['floor']).toBeCloseTo(1.5957, 3);
  });

  it('is not there above it, nor where the temperature is learnt or allows nearly 0', () => {
    expect(codes({ steps: 100, config, step: constant({ 'train/loss': 1.8 }) })).toEqual([]);
    const learnt: Change = (one) => (one.loss = { ...one.loss, temperature: 0.5, learn_temperature: true });
    expect(codes({ steps: 100, config: learnt, step: constant({ 'train/loss': 1.6 }) })).toEqual([]);
    expect(codes({ steps: 100, step: constant({ 'train/loss': 0.002 }) })).toEqual([]);
  });
});

describe('gradients', () => {
  it('of exactly 0 for 20 steps are a dead branch, each told once', () => {
    const dead = watch({
      steps: 100,
      step: (step) => ({
        ...(step > 10 && { 'train/grad_norm/text': 0 }),
        ...(step > 40 && { 'train/grad_norm/image': 0 }),
      }),
    });
    expect(dead.map(({ code, step, change }) => [code, step, change])).toEqual([
      ['dead_branch', 30, { path: 'optimizer.learning_rate.text', value: 1e-4 }],
      ['dead_branch', 60, { path: 'optimizer.learning_rate.image', value: 1e-4 }],
    ]);
    const now = (step: number) => ({ 'train/grad_norm/text': step % 15 === 0 ? 1e-9 : 0 });
    expect(codes({ steps: 100, step: now }).filter((code) => code.startsWith('dead'))).toEqual([]);
  });

  it('of which one is more than a thousand times another decide what is clipped', () => {
    const norms = (image: number) => () => ({
      'train/grad_norm/image': image,
      'train/grad_norm/fusion': 0.1,
      'train/grad_norm': image,
      'train/clip_factor': 1 / image,
    });
    const found = watch({ steps: 60, step: norms(120) });
    expect(found).toMatchObject([
      {
        code: 'dominating_branch',
        severity: 'warning',
        change: { path: 'optimizer.clip_by', value: 'branch' },
      },
    ]);
    expect(found[0]!.evidence['ratio']).toBeCloseTo(1200, 6);
    expect(codes({ steps: 60, step: norms(90) })).toEqual([]);
  });

  it.each([
    [0.3, 'info', undefined],
    [0.05, 'info', { path: 'optimizer.clip_norm', value: 20 }],
    [0.005, 'warning', { path: 'optimizer.clip_norm', value: 200 }],
  ])('shortened to %s of their length are told as %s', (factor, severity, change) => {
    const found = watch({
      steps: 150,
      step: () => ({ 'train/clip_factor': factor, 'train/grad_norm': 1 / factor }),
    });
    expect(found.map(({ code, step }) => [code, step])).toEqual([['mostly_clipped', 100]]);
    expect(found[0]).toMatchObject({ severity, evidence: { clipped: 1, clip_factor: factor } });
    expect(found[0]!.change).toEqual(change);
  });

  it('are not told about when half of them are left as they are', () => {
    const step = (at: number) => ({ 'train/clip_factor': at % 2 ? 0.2 : 1 });
    expect(codes({ steps: 200, step })).toEqual([]);
  });

  it('that are not finite are told with their branch, step and last finite norm', () => {
    const found = watch({
      steps: 40,
      step: (at) => (at === 33 || at === 35 ? { 'train/grad_norm/text': NaN, 'train/grad_norm': NaN } : {}),
    });
    expect(found).toMatchObject([
      {
        code: 'non_finite',
        step: 33,
        key: 'optimizer.learning_rate.text',
        evidence: { step: 33, last_finite_norm: 0.4 },
        message:
          'At step 33 the gradient of the text branch was not finite, and the update was left out; the last finite norm of the text branch was 0.4.',
      },
    ]);
  });
});

describe('the loss', () => {
  it('of the first step far from chance is told: with the temperature, the weights or the pairs that it may come from', () => {
    const first = (loss: number, config?: Change) =>
      watch({ steps: 1, step: () => ({ 'train/loss': loss }), ...(config && { config }) }).map(
        ({ code, key, change }) => [code, key, change?.value],
      );
    expect(first(51.3, (config) => (config.loss.temperature = 0.01))).toEqual([
      ['first_loss', 'loss.temperature', 0.07],
    ]);
    expect(first(51.3, (config) => (config.model.text_encoder.weights = '/bert'))).toEqual([
      ['first_loss', 'model.text_encoder.weights', undefined],
    ]);
    expect(first(1.7)).toEqual([['first_loss', 'data.pairs', undefined]]);
    expect([first(6.9), first(1.8)]).toEqual([[], []]);
  });

  it('that jumps is told with the gradient of the step before', () => {
    const level = (spikeNorm: number, peak: number) => (at: number) => ({
      'train/loss': at >= 233 && at < 236 ? peak : (at === 1 ? 3 : 1) + 0.03 * Math.sin(7 * at),
      'train/grad_norm': at === 232 ? spikeNorm : 0.8,
    });
    const found = watch({ steps: 300, step: level(40, 3) });
    expect(found).toMatchObject([
      {
        code: 'loss_spike',
        key: 'optimizer.clip_norm',
        evidence: { step: 233, loss: 3, norm_before: 40, usual_norm: 0.8 },
      },
    ]);
    expect(watch({ steps: 300, step: level(0.9, 3) })[0]).toMatchObject({ key: null });
    // A quarter of chance is 0.87.
    expect(codes({ steps: 300, step: level(40, 1.8) })).toEqual([]);
  });

  it('that no longer falls at a high rate is a plateau, unless evaluations still get better', () => {
    const step = (at: number) => ({ 'train/loss': 2 + 0.1 * Math.sin(0.7 * at) });
    const found = watch({ steps: 700, step });
    expect(found).toMatchObject([
      {
        code: 'plateau',
        severity: 'info',
        step: 400,
        change: { path: 'optimizer.schedule.kind', value: 'cosine' },
      },
    ]);
    const better = (number: number) => ({ 'val/loss': 3 - 0.1 * number });
    expect(codes({ steps: 700, step, every: 100, evaluation: better })).toEqual([]);
    const low = (at: number) => ({ ...step(at), 'train/learning_rate/image': 5e-5 });
    expect(codes({ steps: 700, step: low })).toEqual([]);
  });
});

describe('data', () => {
  it('that repeat images or captions in a batch are told when more than 5% of negatives are lost', () => {
    // Captions in pairs: of 31 negatives one is the same, 3.2%; in fours 3 of 31, 9.7%.
    expect(codes({ steps: 60, captionIds: ids(size, (row) => row >> 1) })).toEqual([]);
    const found = watch({ steps: 60, captionIds: ids(size, (row) => row >> 2) });
    expect(found).toMatchObject([{ code: 'repeated_pairs', key: 'data.pairs', step: 50 }]);
    expect(found[0]!.evidence['same_caption']).toBeCloseTo(3 / 31, 12);
    expect(found[0]!.message).toContain('caption');
    const images = watch({ steps: 60, imageIds: ids(size, (row) => row >> 2) });
    expect(images[0]!.message).toContain('9.7% of a pair’s negatives in a batch have its own image');
  });

  it('that the engine waits for are told, after the first epoch where decoded images are kept', () => {
    const waiting = (share: number) => () => ({ 'train/data_wait': share });
    expect(codes({ step: waiting(0.8) })).toEqual(['data_wait 100']);
    expect(codes({ steps: 90, step: waiting(0.8) })).toEqual([]);
    const uncached = watch({ steps: 90, step: waiting(0.8), config: (one) => (one.data.cache_dir = null) });
    expect(uncached).toMatchObject([{ code: 'data_wait', step: 50, key: 'data.cache_dir' }]);
    expect(codes({ step: waiting(0.45) })).toEqual([]);
    // Of images whose features are kept none is decoded.
    const frozen = watch({
      step: waiting(0.8),
      config: (one) => (one.model.image_encoder.train = 'frozen'),
    });
    expect(frozen[0]!.message).toContain('kept features are read more slowly than the engine computes');
    expect(frozen[0]!.advice).not.toContain('image_size');
  });

  it('at half of the pace of before are told', () => {
    const slower = (rate: number) => (at: number) => ({ 'train/pairs_per_s': at > 300 ? rate : 200 });
    // More than half of the last 50 steps are slow at step 330: 26 of them would be enough.
    expect(codes({ step: slower(90) })).toEqual(['slower 330']);
    expect(codes({ step: slower(110) })).toEqual([]);
  });
});

describe('evaluations', () => {
  const guessing = { mean: 0.02, deviation: 0.01 };
  const chances = { 'val/recall@1': guessing, 'val/recall@5': { mean: 0.1, deviation: 0.02 } };
  const atChance = { 'val/recall@1': 0.03, 'val/recall@5': 0.12 };

  it('whose vectors have all become one are a collapse', () => {
    const evaluation = (cosine: number, recalls = atChance) => ({
      steps: 300,
      every: 60,
      chances,
      evaluation: () => ({ ...recalls, 'val/mean_cosine/image': cosine, 'val/mean_cosine/text': 0.4 }),
      // Not fallen: otherwise recall at chance is a finding of its own.
      step: () => ({ 'train/loss': 3.2 }),
    });
    expect(watch(evaluation(0.97))).toMatchObject([
      {
        code: 'collapse',
        severity: 'error',
        // The evaluation of step 60 does not count yet.
        step: 180,
        key: 'optimizer.learning_rate.image',
        evidence: { mean_cosine_image: 0.97 },
      },
    ]);
    expect(codes(evaluation(0.94))).toEqual([]);
    expect(codes(evaluation(0.97, { 'val/recall@1': 0.2, 'val/recall@5': 0.4 }))).toEqual([]);
  });

  it('that get worse three times while training gets better are overfitting, unless a recall is still the best', () => {
    const losses = [2, 1.5, 1.2, 1.25, 1.3, 1.4];
    const watched = (recall: (number: number) => number, some = losses) => ({
      steps: 300,
      every: 50,
      chances,
      evaluation: (number: number) => ({ 'val/loss': some[number - 1]!, 'val/recall@1': recall(number) }),
    });
    const found = watch(watched((number) => (number <= 3 ? 0.3 : 0.29)));
    expect(found).toMatchObject([
      {
        code: 'overfitting',
        step: 300,
        key: 'train.steps',
        change: { path: 'train.steps', value: 150 },
        evidence: { val_loss: 1.4, best_val_loss: 1.2, best_step: 150 },
      },
    ]);
    expect(codes(watched((number) => 0.3 + number / 100))).toEqual([]);
    expect(codes(watched(() => 0.3, [2, 1.5, 1.2, 1.25, 1.24, 1.4]))).toEqual([]);
    // Of three worse ones the last is 1.5% above the best.
    expect(codes(watched(() => 0.3, [2, 1.5, 1.2, 1.206, 1.212, 1.218]))).toEqual([]);
  });

  it('whose recalls stay at chance while the loss falls are told', () => {
    const watched = (recall: number) => ({
      steps: 300,
      every: 100,
      chances,
      evaluation: () => ({ 'val/recall@1': recall, 'val/recall@5': 0.12 }),
    });
    expect(watch(watched(0.03))).toMatchObject([
      {
        code: 'recall_at_chance',
        step: 300,
        key: 'data.pairs',
        evidence: { recall: 0.03, recall_chance: 0.02 },
      },
    ]);
    // More than two deviations above chance.
    expect(codes(watched(0.05))).toEqual([]);
    expect(codes({ ...watched(0.03), step: () => ({ 'train/loss': 0.75 * chance }) })).toEqual([]);
  });
});

test('a resumed run says nothing twice, and what was said of later steps again', () => {
  const step = (at: number) => ({ 'train/loss': chance + 0.01 * Math.sin(5 * at) });
  const batch = { size, imageIds: distinct, captionIds: distinct } as Batch;
  const before = foldRun(
    emptyRunState(),
    watch({ steps: 200, step }).map((finding) => ({ kind: 'finding', time: 1, ...finding })),
  );
  const goOn = (state: typeof before | null): string[] => {
    const found: RunFinding[] = [];
    const monitor = createMonitor(configOf(), (finding) => found.push(finding), state);
    for (let at = 201; at <= 420; at++) monitor.step(at, { ...healthy(at), ...step(at) }, batch);
    return found.map(({ code }) => code);
  };
  expect(before.findings.map(({ code }) => code)).toEqual(['at_chance']);
  expect(goOn(before)).toEqual([]);
  expect(goOn(emptyRunState())).toEqual(['at_chance']);
});

test('evaluations of earlier trainers count after a resume', () => {
  const losses = [2, 1.2, 1.25, 1.3];
  const before = foldRun(emptyRunState(), [
    ...Array.from({ length: 200 }, (_, at) => ({
      kind: 'step' as const,
      time: at,
      step: at + 1,
      metrics: healthy(at + 1),
    })),
    ...losses.map((loss, at) => ({
      kind: 'eval' as const,
      time: at,
      step: 50 * (at + 1),
      metrics: { 'val/loss': loss },
    })),
  ]);
  const found: RunFinding[] = [];
  const monitor = createMonitor(configOf(), (finding) => found.push(finding), before);
  const batch = { size, imageIds: distinct, captionIds: distinct } as Batch;
  for (let at = 201; at <= 250; at++) monitor.step(at, healthy(at), batch);
  monitor.evaluated(250, { metrics: { 'val/loss': 1.4 }, chance: {} });
  expect(found).toMatchObject([{ code: 'overfitting', step: 250, evidence: { best_step: 100 } }]);
});

describe('what a batch allows', () => {
  test('chance is the mean logarithm of what a pair is told from', () => {
    const fusion = { kind: 'late' as const, hard_negatives: 3 };
    // Rows 0 and 1 share an image, 1 and 2 a caption, 3 is alone: told from 2 + 1, 1 + 1, 2 + 1 and 3 + 1.
    const batch = {
      size: 4,
      imageIds: ids(4, (row) => [7, 7, 8, 9][row]!),
      captionIds: ids(4, (row) => [1, 2, 2, 3][row]!),
    };
    const facts = batchFacts(batch, fusion);
    expect(facts[batchChance]).toBeCloseTo((2 * Math.log(3) + Math.log(2) + Math.log(4)) / 4, 12);
    expect([facts[sameImage], facts[sameCaption]]).toEqual([2 / 12, 2 / 12]);
    // The same pair twice is one repetition, not two.
    const twice = {
      size: 3,
      imageIds: ids(3, (row) => [1, 1, 2][row]!),
      captionIds: ids(3, (row) => [1, 1, 2][row]!),
    };
    expect(batchFacts(twice, fusion)[batchChance]).toBeCloseTo((2 * Math.log(2) + Math.log(3)) / 3, 12);
  });

  test('early fusion is at chance where both of its losses are', () => {
    const batch = { size, imageIds: distinct, captionIds: distinct };
    const facts = batchFacts(batch, { kind: 'early', hard_negatives: 3 });
    expect(facts[batchChance]).toBeCloseTo((Math.log(32) + Math.log(4)) / 2, 12);
  });
});

test('the mean cosine between different vectors, counted pair by pair', () => {
  // [1, 0], [0, 2], [3, 4]: cosines 0, 0.6 and 0.8.
  expect(meanCosineOf(Float32Array.from([1, 0, 0, 2, 3, 4]), 2)).toBeCloseTo(1.4 / 3, 6);
  // The second is the first's caption again.
  expect(meanCosineOf(Float32Array.from([1, 0, 1, 0, 3, 4]), 2, Int32Array.from([5, 5, 6]))).toBeCloseTo(
    0.6,
    6,
  );
  expect(meanCosineOf(Float32Array.from([2, 1, 2, 1, 2, 1]), 2)).toBeCloseTo(1, 6);
  expect(meanCosineOf(Float32Array.from([2, 1]), 2)).toBeNaN();
});

test('columns keep the newest rows, with NaN where a row lacks a name', () => {
  const columns = new Columns(3);
  for (let at = 1; at <= 7; at++) columns.push({ a: at, ...(at >= 6 && { b: -at }) });
  expect([...columns.last('a', 3)!]).toEqual([5, 6, 7]);
  expect([...columns.last('b', 3)!]).toEqual([NaN, -6, -7]);
  expect([columns.last('a', 50), columns.last('c', 1)]).toEqual([null, null]);
});
