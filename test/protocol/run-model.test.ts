import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endedAtChance } from '../../src/protocol/chance.ts';
import type { EvalEvent, RunEvent, RunStatus, StartedEvent } from '../../src/protocol/events.ts';
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
import { applyDelta, changesSince, cursorOf } from '../../src/protocol/panel-delta.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { toJson } from '../../src/protocol/numbers.ts';
import { isBetter, readSummary, summarise, summaryOf } from '../../src/protocol/summary.ts';

describe('the status of a run', () => {
  test('is told by predicates that agree', () => {
    const which = (fits: (status: RunStatus) => boolean) => statusOrder.filter(fits);
    expect(which(isTraining)).toEqual(['running', 'stopping']);
    expect(which(isActive)).toEqual(['running', 'stopping', 'queued']);
    expect(which(canResume)).toEqual(['diverged', 'failed', 'interrupted', 'stopped', 'stopped_early']);
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
    expect(bestOf([NaN, -Infinity, 2, 1, 1, 3, NaN])).toEqual({ last: NaN, best: 1, best_step: 4, count: 7 });
    expect(bestOf([0.2, Infinity, 0.4, 0.4], 'val/recall@1')).toEqual({
      last: 0.4,
      best: 0.4,
      best_step: 3,
      count: 4,
    });
    expect(bestOf([NaN, Infinity, -Infinity])).toEqual({
      last: -Infinity,
      best: -Infinity,
      best_step: 3,
      count: 3,
    });
    expect(bestOf([NaN, NaN])).toEqual({ last: NaN, best: NaN, best_step: 1, count: 2 });
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

describe('chance', () => {
  const summary = (recalls: Record<string, [last: number, chance: number, deviation: number]>) =>
    Object.fromEntries(
      Object.entries(recalls).map(([name, [last, mean, deviation]]) => [
        name,
        { last, best: last, best_step: 9, chance: { mean, deviation } },
      ]),
    );

  test('is where a run ended when all of its recalls are within two standard deviations of guessing', () => {
    // 38 pairs: 10 / 38 = 0.263, the mean of 76 queries deviates by sqrt(0.263 x 0.737 / 76) = 0.0505.
    const dead = summary({ 'val/recall@1': [0.026, 0.026, 0.018], 'val/recall@10': [0.276, 0.263, 0.0505] });
    expect(endedAtChance('finished', dead)).toBe(true);
    expect(endedAtChance('stopped', dead)).toBe(true);
    expect(endedAtChance('running', dead)).toBe(false);
    const alive = summary({ 'val/recall@1': [0.08, 0.026, 0.018], 'val/recall@10': [0.276, 0.263, 0.0505] });
    expect(endedAtChance('finished', alive)).toBe(false);
  });

  test('says nothing where it is not known, or where every guess is right', () => {
    expect(endedAtChance('finished', { 'val/recall@10': { last: 0, best: 0, best_step: 1 } })).toBe(false);
    expect(endedAtChance('finished', summary({ 'val/recall@10': [1, 1, 0] }))).toBe(false);
  });

  test('of the last evaluation stands in the state and the summary', () => {
    const chance = { 'val/recall@5': { mean: 0.25, deviation: 0.1 } };
    const [first] = evaluated([0.5], 'val/recall@5');
    const state = foldRun(emptyRunState(), [{ ...(first as EvalEvent), chance }]);
    expect(summaryOf(state)['val/recall@5']).toEqual({
      last: 0.5,
      best: 0.5,
      best_step: 1,
      count: 1,
      chance: { mean: 0.25, deviation: 0.1 },
    });
    expect(readSummary(JSON.parse(toJson(summaryOf(state))))).toEqual(summaryOf(state));
    const cursor = cursorOf(emptyRunState());
    const run = { state: null, status: 'running', file: null } as unknown as RunView;
    applyDelta(run, { id: '', status: 'running', file: null, ...changesSince(state, cursor) });
    expect(run.state?.chance).toEqual(chance);
  });

  test('findings reach a panel as they come, once, and go when their steps are done again', () => {
    const at = (step: number): RunEvent => ({
      kind: 'finding',
      time: step,
      step,
      severity: 'info',
      code: 'plateau',
      key: null,
      message: 'm',
      advice: 'a',
      evidence: { loss: NaN },
    });
    const state = foldRun(emptyRunState(), evaluated([1, 2], 'val/loss'));
    const run = { state: null, status: 'running', file: null } as unknown as RunView;
    const take = (cursor: ReturnType<typeof cursorOf>): void => {
      const changes = changesSince(state, cursor)!;
      applyDelta(run, { id: '', status: 'running', file: null, ...changes });
    };
    take(cursorOf(emptyRunState()));
    const cursor = cursorOf(state);
    foldRun(state, [at(2)]);
    take(cursor);
    expect(run.state!.findings).toEqual(state.findings);
    expect(run.state!.findings).toMatchObject([{ code: 'plateau', step: 2, evidence: { loss: NaN } }]);
    expect(changesSince(state, cursorOf(state))).toBeNull();
    const before = cursorOf(state);
    foldRun(state, [{ kind: 'started', time: 9, step: 1 } as RunEvent]);
    take(before);
    expect(run.state!.findings).toEqual([]);
  });

  test('that is damaged in a file is left out', () => {
    expect(
      readSummary({ a: { last: 'NaN', best: 1, best_step: 2, chance: { mean: 'x' } }, b: null }),
    ).toEqual({
      a: { last: NaN, best: 1, best_step: 2 },
      b: { last: NaN, best: NaN, best_step: 0 },
    });
    expect(readSummary('x')).toEqual({});
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
