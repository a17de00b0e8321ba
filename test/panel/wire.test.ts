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
  const [message] = received(events(run)) as [EventsMessage];
  const state = message.runs[0]!.state!;
  const { values, length } = state.series.get('train/loss')!;
  const sent = run.state!.series.get('train/loss')!;
  expect(values.subarray(0, length)).toEqual(sent.values.subarray(0, sent.length));
  expect(Number.isNaN(values[length - 1])).toBe(true);
  expect(state.marks).toEqual(run.state!.marks);
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
