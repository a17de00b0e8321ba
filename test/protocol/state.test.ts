import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FindingEvent, RunEvent, StartedEvent } from '../../src/protocol/events.ts';
import { toJson, toNumber } from '../../src/protocol/numbers.ts';
import { higherIsBetter } from '../../src/protocol/metrics.ts';
import { appendPoints, createColumns, pushPoint, pushShared, reserve } from '../../src/protocol/series.ts';
import { appendColumns, emptyRunState, foldRun, type RunState } from '../../src/protocol/state.ts';

const started = (step: number, time = 0): StartedEvent => ({
  kind: 'started',
  time,
  step,
  steps: 100,
  steps_per_epoch: 10,
  batch_size: 4,
  engine: 'cpu',
  provider: null,
  device: 'CPU',
  threads: 1,
  clip_norm: 1,
  train_pairs: 40,
  val_pairs: 4,
});
const step = (number: number, loss = number, time = number): RunEvent => ({
  kind: 'step',
  time,
  step: number,
  metrics: { loss, norm: 1 },
});
const evaluated = (number: number, recall = 0.5): RunEvent => ({
  kind: 'eval',
  time: number,
  step: number,
  metrics: { recall },
});
const sampled = (number: number, rss: number, time = number): RunEvent => ({
  kind: 'system',
  time,
  step: number,
  metrics: { 'system/rss': rss },
});
const checkpoint = (number: number): RunEvent => ({
  kind: 'checkpoint',
  time: number,
  step: number,
  best: false,
});
const skipped = (number: number): RunEvent => ({
  kind: 'skipped',
  time: number,
  step: number,
  branch: 'text',
  in_a_row: 1,
  last_finite_norm: {},
});
const finding = (number: number, code = 'at_chance'): FindingEvent => ({
  kind: 'finding',
  time: number,
  step: number,
  severity: 'error',
  code,
  key: 'data.pairs',
  message: 'The loss has been at chance.',
  advice: 'Look at some pairs.',
  evidence: { loss: 3.5 },
});
const fold = (events: RunEvent[]): RunState => foldRun(emptyRunState(), events);
const stepsOf = (state: RunState, name = 'loss'): number[] => {
  const series = state.series.get(name);
  return series ? [...series.steps.subarray(0, series.length)] : [];
};
const valuesOf = (state: RunState, name = 'loss'): number[] => {
  const series = state.series.get(name);
  return series ? [...series.values.subarray(0, series.length)] : [];
};

describe('foldRun', () => {
  test('points in order, with times; non-finite values stay', () => {
    const state = fold([started(0), step(1), step(2, NaN), step(3, -Infinity), evaluated(3), step(4)]);
    expect(stepsOf(state)).toEqual([1, 2, 3, 4]);
    expect(valuesOf(state)).toEqual([1, NaN, -Infinity, 4]);
    expect(stepsOf(state, 'recall')).toEqual([3]);
    expect(state).toMatchObject({ step: 4, time: 4, skippedSteps: 0, ended: null, marks: [] });
  });

  test('samples of the machine belong to the steps done by then: they come late, several of one step, and take nothing back', () => {
    const state = fold([
      started(0),
      step(1),
      step(2),
      sampled(1, 100),
      sampled(1, 110),
      step(3),
      sampled(3, 90),
    ]);
    expect(stepsOf(state)).toEqual([1, 2, 3]);
    expect(stepsOf(state, 'system/rss')).toEqual([1, 1, 3]);
    expect(valuesOf(state, 'system/rss')).toEqual([100, 110, 90]);
    expect(state.marks).toEqual([]);
    foldRun(state, [started(2, 50), step(3, 30, 51)]);
    expect(valuesOf(state, 'system/rss')).toEqual([100, 110]);
    // Of a step that is taking long they are all that is heard.
    expect(fold([sampled(7, 100)]).step).toBe(7);
  });

  test('a resumed run: later steps of the killed trainer are superseded, in every metric and mark', () => {
    const state = fold([
      started(0),
      ...[1, 2, 3, 4].map((number) => step(number)),
      evaluated(2, 0.1),
      checkpoint(2),
      skipped(4),
      evaluated(4, 0.9),
      checkpoint(4),
      { kind: 'ended', time: 5, step: 4, status: 'failed', reason: 'out of memory' },
      started(2, 100),
      step(3, 30, 103),
    ]);
    expect(stepsOf(state)).toEqual([1, 2, 3]);
    expect(valuesOf(state)).toEqual([1, 2, 30]);
    expect(valuesOf(state, 'recall')).toEqual([0.1]);
    expect(state.series.get('loss')!.superseded).toBe(2);
    expect(state.series.get('recall')!.superseded).toBe(1);
    expect(state.marks.map(({ kind, step: at }) => [kind, at])).toEqual([
      ['checkpoint', 2],
      ['resumed', 2],
    ]);
    expect(state).toMatchObject({ step: 3, skippedSteps: 0, ended: null, started: { step: 2, time: 100 } });
  });

  test('steps that go back without a word are a restart too', () => {
    const state = fold([
      started(0),
      ...[1, 2, 3, 4, 5].map((n) => step(n)),
      evaluated(5),
      ...[3, 4].map((n) => step(n, 0)),
    ]);
    expect(stepsOf(state)).toEqual([1, 2, 3, 4]);
    expect(valuesOf(state)).toEqual([1, 2, 0, 0]);
    expect(stepsOf(state, 'recall')).toEqual([]);
    expect(state.marks).toMatchObject([{ kind: 'resumed', step: 2, text: 'resumed at step 2' }]);
    expect(state.step).toBe(4);
  });

  test('a start line that was lost does not double the curve', () => {
    const state = fold([step(1), step(2), started(0), step(1), step(2)]);
    expect(stepsOf(state)).toEqual([1, 2]);
    expect(state.series.get('loss')!.superseded).toBe(2);
  });

  test('an evaluation that comes after later steps takes nothing back', () => {
    const state = fold([started(0), step(1), step(2), step(3), evaluated(2), step(4)]);
    expect(stepsOf(state)).toEqual([1, 2, 3, 4]);
    expect(stepsOf(state, 'recall')).toEqual([2]);
    expect(state.step).toBe(4);
  });

  test('skips, notes and the end are marked', () => {
    const state = fold([
      started(0),
      skipped(1),
      {
        kind: 'note',
        time: 2,
        step: 1,
        severity: 'warning',
        code: 'bad_pictures',
        message: 'm',
        items: ['a'],
      },
      { kind: 'ended', time: 3, step: 1, status: 'diverged', reason: 'the text gradient' },
    ]);
    expect(state.skippedSteps).toBe(1);
    expect(state.notes).toEqual([
      { severity: 'warning', code: 'bad_pictures', message: 'm', items: ['a'], step: 1 },
    ]);
    expect(state.marks.map(({ kind, text }) => [kind, text])).toEqual([
      ['skipped', 'update skipped: the text gradient is not finite'],
      ['diverged', 'the text gradient'],
    ]);
    expect(state.ended).toMatchObject({ status: 'diverged' });
  });

  test('findings are kept and marked; those of steps that are done again are superseded', () => {
    const { kind: _kind, time: _time, ...kept } = finding(2, 'first_loss');
    const state = fold([started(0), finding(2, 'first_loss'), step(3), finding(3)]);
    expect(state.findings).toEqual([kept, { ...kept, code: 'at_chance', step: 3 }]);
    expect(state.marks.map((mark) => [mark.kind, mark.step, mark.text])).toEqual([
      ['finding', 2, 'The loss has been at chance.'],
      ['finding', 3, 'The loss has been at chance.'],
    ]);
    foldRun(state, [started(2)]);
    expect(state.findings).toEqual([kept]);
    expect(state.marks.map((mark) => mark.kind)).toEqual(['finding', 'resumed']);
  });

  test('in pieces as at once; steps never run back', () => {
    const event = fc.oneof(
      { weight: 6, arbitrary: fc.nat(20).map((n) => step(n)) },
      fc.nat(20).map((n) => evaluated(n)),
      fc.nat(20).map((n) => started(n)),
      fc.nat(20).map(checkpoint),
      fc.nat(20).map(skipped),
      fc.nat(20).map((n) => finding(n)),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.nat(60), (events, cut) => {
        const state = fold(events.slice(0, cut));
        foldRun(state, events.slice(cut));
        expect(state).toEqual(fold(events));
        const points = events.filter(({ kind }) => kind === 'step').length;
        const loss = state.series.get('loss');
        expect((loss?.length ?? 0) + (loss?.superseded ?? 0)).toBe(points);
        const steps = stepsOf(state);
        for (let i = 1; i < steps.length; i++) expect(steps[i]!).toBeGreaterThanOrEqual(steps[i - 1]!);
        expect(state.findings).toHaveLength(state.marks.filter(({ kind }) => kind === 'finding').length);
        expect(state.skippedSteps).toBe(state.marks.filter(({ kind }) => kind === 'skipped').length);
      }),
      { numRuns: 300 },
    );
  });

  test('appends in place: a column is replaced only when it is full', () => {
    const state = fold([step(1)]);
    const column = state.series.get('loss')!.steps;
    foldRun(
      state,
      Array.from({ length: 62 }, (_, index) => step(index + 2)),
    );
    expect(state.series.get('loss')!.steps).toBe(column);
    foldRun(state, [step(64), step(65)]);
    expect(state.series.get('loss')!.steps).not.toBe(column);
    expect(stepsOf(state)).toEqual(Array.from({ length: 65 }, (_, index) => index + 1));
  });
});

describe('columns', () => {
  test('a series that shares steps and times writes nothing into them', () => {
    const leader = createColumns(4);
    const other = { ...createColumns(4), shared: true };
    for (const point of [1, 2, 3]) {
      pushPoint(leader, point, point * 10, point * 100);
      pushShared(other, leader, -point);
    }
    expect(other.steps).toBe(leader.steps);
    pushPoint(other, 7, 70, 700);
    pushPoint(leader, 4, 40, 400);
    expect([...other.steps.subarray(0, other.length)]).toEqual([1, 2, 3, 7]);
    expect([...leader.steps.subarray(0, leader.length)]).toEqual([1, 2, 3, 4]);
    expect([...other.values.subarray(0, other.length)]).toEqual([-1, -2, -3, 700]);
    expect(other.shared).toBeUndefined();
  });

  test('a shared series takes whole columns up on its own', () => {
    const leader = createColumns(2);
    const other = { ...createColumns(2), shared: true };
    pushPoint(leader, 1, 1, 1);
    pushShared(other, leader, 2);
    appendPoints(
      other,
      { steps: Float64Array.of(5, 6), times: Float64Array.of(5, 6), values: Float64Array.of(5, 6) },
      1,
      2,
    );
    expect([...other.steps.subarray(0, 2)]).toEqual([1, 6]);
    expect([...leader.steps.subarray(0, 2)]).toEqual([1, 0]);
  });

  test('room can be made beforehand', () => {
    const series = createColumns(1);
    reserve(series, 100);
    const column = series.steps;
    for (let i = 0; i < 100; i++) pushPoint(series, i, i, i);
    expect(series.steps).toBe(column);
    const state = emptyRunState();
    appendColumns(state, 'x', Float64Array.of(1), Float64Array.of(2), Float64Array.of(3));
    expect(valuesOf(state, 'x')).toEqual([3]);
  });
});

test('numbers that JSON cannot hold go through as words', () => {
  expect(toJson({ a: [NaN, Infinity, -Infinity, 1], b: null })).toBe(
    '{"a":["NaN","Infinity","-Infinity",1],"b":null}',
  );
  expect([
    toNumber('NaN'),
    toNumber('Infinity'),
    toNumber('-Infinity'),
    toNumber(2),
    toNumber('2'),
    toNumber(null),
  ]).toEqual([NaN, Infinity, -Infinity, 2, undefined, undefined]);
});

test('which metrics are better when they are higher', () => {
  expect(['val/recall@1', 'train/pairs_per_s', 'zero_shot/accuracy'].every(higherIsBetter)).toBe(true);
  expect(['val/loss', 'val/image_to_text/median_rank', 'train/grad_norm'].some(higherIsBetter)).toBe(false);
});
