import { expect, test } from 'vitest';
import type { EventsMessage, ToPanel } from '../../src/protocol/panel.ts';
import { toWire, wireReader } from '../../src/protocol/panel-wire.ts';
import { fakeEvents, longRun, runOf } from './host/fake-runs.ts';

/** What a webview's channel makes of a message: JSON, with typed arrays beside it as they are. */
const throughChannel = (value: unknown): unknown => {
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(throughChannel);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, throughChannel(item)]));
};

const received = (message: ToPanel, longColumn?: number): ToPanel[] => {
  const read = wireReader();
  return toWire(message, longColumn)
    .map((part) => read(throughChannel(part)))
    .filter((each) => each !== null);
};

const events = (...runs: ReturnType<typeof runOf>[]): EventsMessage => ({
  kind: 'events',
  runs: runs.map(({ id, status, file, state }) => ({ id, status, file, state: state! })),
});

test('a run arrives as it was, its NaN and its maps too', () => {
  const run = runOf(
    'a',
    fakeEvents({ seed: 1, steps: 90, divergesAt: 50, rates: { image: 1e-3, text: 2e-5 } }),
  );
  run.state!.findings.push({
    step: 50,
    severity: 'warning',
    code: 'non_finite',
    key: null,
    message: 'm',
    advice: 'a',
    evidence: { loss: NaN, step: 50 },
  });
  const [message] = received(events(run)) as [EventsMessage];
  const state = message.runs[0]!.state!;
  const { values, length } = state.series.get('train/loss')!;
  const sent = run.state!.series.get('train/loss')!;
  expect(values.subarray(0, length)).toEqual(sent.values.subarray(0, sent.length));
  expect(Number.isNaN(values[length - 1])).toBe(true);
  expect(state.marks).toEqual(run.state!.marks);
  expect(state.findings).toEqual(run.state!.findings);
});

test('short columns cross in one array; steps that do not count up evenly, empty and equal columns arrive as they were', () => {
  const run = longRun('a', 40, 3, 1);
  const { series } = run.state!;
  const [loss, image] = [...series.values()];
  loss!.steps = loss!.steps.map((step) => (step > 20 ? step * 3 : step));
  series.set('val/empty', { ...image!, length: 0 });
  const [part, ...more] = toWire(events(run)) as { packed: Float64Array }[];
  expect(more).toEqual([]);
  // Three columns of values, one of times, and the steps that do not count evenly.
  expect(part!.packed).toHaveLength(5 * 40);
  const [message] = received(events(run)) as [EventsMessage];
  const arrived = message.runs[0]!.state!.series;
  for (const [name, { length, steps, times, values }] of series) {
    const got = arrived.get(name)!;
    expect(got.length).toBe(length);
    expect(got.steps).toEqual(steps.slice(0, length));
    expect(got.times).toEqual(times.slice(0, length));
    expect(got.values).toEqual(values.slice(0, length));
  }
  expect(arrived.get('train/grad_norm/text')!.steps).toBe(arrived.get('train/grad_norm/image')!.steps);
  expect([...arrived.values()].map(({ shared }) => shared)).toEqual([false, false, true, false]);
});

test('long curves of several runs go one by one, with how far it is, and end the reading once', () => {
  const runs = [longRun('a', 300, 3, 1), longRun('b', 300, 3, 2)];
  const messages = received(events(...runs), 100);
  const arrived = messages.flatMap((each) => (each.kind === 'events' ? each.runs : []));
  expect(arrived.map(({ id }) => id)).toEqual(['a', 'b']);
  arrived.forEach((run, index) => {
    const { values, steps } = run.state!.series.get('train/loss')!;
    const sent = runs[index]!.state!.series.get('train/loss')!;
    expect(values).toEqual(sent.values.slice(0, 300));
    expect(steps).toEqual(sent.steps.slice(0, 300));
  });
  const texts = messages.flatMap((each) => (each.kind === 'progress' ? [each.text] : []));
  expect(texts.filter((text) => text === null)).toHaveLength(1);
  expect(texts.at(-1)).toBeNull();
});
