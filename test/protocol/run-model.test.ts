import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RunEvent, RunStatus, StartedEvent } from '../../src/protocol/events.ts';
import { decidingMetric, recallK, resultsOf, shortMetric } from '../../src/protocol/metrics.ts';
import { emptyLiveRun, livePace, paceOf, takeEvent } from '../../src/protocol/pace.ts';
import type { MetricSummary } from '../../src/protocol/run.ts';
import {
  canResume,
  countStatuses,
  isActive,
  isTraining,
  statusOrder,
} from '../../src/protocol/run-status.ts';
import { emptyRunState, foldRun } from '../../src/protocol/state.ts';
import { isBetter, summarise, summaryOf } from '../../src/protocol/summary.ts';

describe('the status of a run', () => {
  test('is told by predicates that agree', () => {
    const which = (fits: (status: RunStatus) => boolean) => statusOrder.filter(fits);
    expect(which(isTraining)).toEqual(['running', 'stopping']);
    expect(which(isActive)).toEqual(['running', 'stopping', 'queued']);
    expect(which(canResume)).toEqual(['diverged', 'failed', 'interrupted', 'stopped']);
    expect(countStatuses(['finished', 'running', 'finished'])).toEqual([
      ['running', 1],
      ['finished', 2],
    ]);
  });
});

const evaluated = (values: number[], metric: string): RunEvent[] =>
  values.map((value, index) => ({
    kind: 'eval',
    time: index,
    step: index + 1,
    metrics: { [metric]: value },
  }));

describe('best and last', () => {
  const bestOf = (values: number[], metric = 'val/loss'): MetricSummary | undefined =>
    summaryOf(foldRun(emptyRunState(), evaluated(values, metric)))[metric];

  test('NaN is never the best, an infinite value only without a finite one, and of equal ones the first stays', () => {
    expect(bestOf([NaN, -Infinity, 2, 1, 1, 3, NaN])).toEqual({ last: NaN, best: 1, best_step: 4 });
    expect(bestOf([0.2, Infinity, 0.4, 0.4], 'val/recall@1')).toEqual({ last: 0.4, best: 0.4, best_step: 3 });
    expect(bestOf([NaN, Infinity, -Infinity])).toEqual({ last: -Infinity, best: -Infinity, best_step: 3 });
    expect(bestOf([NaN, NaN])).toEqual({ last: NaN, best: NaN, best_step: 1 });
    expect(bestOf([])).toBeUndefined();
    expect(isBetter('val/loss', -Infinity, 5)).toBe(false);
    expect(isBetter('val/loss', 5, -Infinity)).toBe(true);
  });

  test('are the same point by point, as the trainer writes them, and from a whole curve', () => {
    const value = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, 0, 1));
    const check = (values: number[], metric: string): void => {
      let summary: MetricSummary | undefined;
      values.forEach((each, index) => (summary = summarise(metric, each, index + 1, summary)));
      expect(bestOf(values, metric)).toEqual(summary);
    };
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 12 }),
        fc.constantFrom('val/loss', 'val/recall@5', 'other'),
        check,
      ),
    );
  });
});

describe('names of metrics', () => {
  test('recall with the largest K up to 10 tells runs apart, else the validation loss', () => {
    const names = [
      'train/loss',
      'val/recall@1',
      'val/recall@50',
      'val/recall@10',
      'val/recall@5',
      'val/loss',
    ];
    expect(decidingMetric(names)).toBe('val/recall@10');
    expect(decidingMetric(['val/recall@50', 'val/recall@20'])).toBe('val/recall@20');
    expect(decidingMetric(['train/loss', 'val/loss'])).toBe('val/loss');
    expect(decidingMetric(['train/loss'])).toBeNull();
    expect(resultsOf([...names, 'train/learning_rate/image', 'train/epoch'])).toEqual([
      'val/recall@10',
      'val/recall@5',
      'val/recall@1',
      'val/recall@50',
      'val/loss',
      'train/loss',
    ]);
    expect(recallK('val/image_to_text/recall@5')).toBeNull();
    expect(shortMetric('val/recall@5')).toBe('recall@5');
    expect(shortMetric('val/loss')).toBe('val/loss');
  });
});

describe('the pace of a run', () => {
  const started = (step: number, time: number): StartedEvent => ({
    kind: 'started',
    time,
    step,
    steps: 100,
    steps_per_epoch: 10,
    batch_size: 8,
    engine: 'onnx',
    provider: 'cpu',
    device: 'CPU',
    threads: 1,
    clip_norm: null,
    train_pairs: 80,
    val_pairs: 8,
  });
  const stepAt = (step: number, time: number): RunEvent => ({
    kind: 'step',
    time,
    step,
    metrics: { 'train/loss': 1 },
  });
  /** Steps of 100 ms from `from` on; every tenth is followed by an evaluation of a second. */
  const steps = (from: number, to: number, begin: number): RunEvent[] =>
    Array.from({ length: to - from }, (_, i) =>
      stepAt(from + i + 1, begin + i * 100 + Math.floor((from + i) / 10) * 1000),
    );

  test('counts evaluations into the time left, and only the last 20 steps into the speed', () => {
    // Step k ends at 100 (k - 1) + 1000 floor((k - 1) / 10): step 1 at 0, step 31 at 6000. 30 steps in 6 s: 69 steps left take 13.8 s.
    // Steps 11 to 31 take 4 s: 20 x 8 pairs in 4 s.
    const state = foldRun(emptyRunState(), [started(0, 0), ...steps(0, 31, 0)]);
    expect(paceOf(state)).toEqual({ pairsPerS: 40, leftMs: 13_800 });
  });

  test('is the same with curves and without, also after a restart', () => {
    const events = [started(0, 0), ...steps(0, 47, 0), started(40, 60_000), ...steps(40, 71, 60_000)];
    for (let count = 0; count <= events.length; count++) {
      const live = emptyLiveRun(0, 100);
      for (const event of events.slice(0, count)) takeEvent(live, event);
      const state = foldRun(emptyRunState(), events.slice(0, count));
      expect([count, livePace(live)]).toEqual([count, paceOf(state)]);
    }
    // The pause of the restart is no part of it: 30 steps since step 41 took 6 s.
    expect(paceOf(foldRun(emptyRunState(), events)).leftMs).toBe(29 * 200);
  });

  test('is not known after one step', () => {
    expect(paceOf(foldRun(emptyRunState(), [started(0, 0), stepAt(1, 5)]))).toEqual({
      pairsPerS: null,
      leftMs: null,
    });
    expect(paceOf(emptyRunState()).leftMs).toBeNull();
  });
});
