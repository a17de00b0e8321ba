import type { RunDelta, RunView, ToPanel } from './panel.ts';
import type { RunState } from './state.ts';

/**
 * The messages that carry `message` through a webview, to be posted one after the other; the panel reads each with `fromWire`.
 * A webview's channel is JSON with typed arrays beside it: a Map would arrive as `{}` and NaN as null, so both are written out.
 * Long curves are cut into parts of at most `maxRows` steps, so that no message holds up the panel, with a progress message before each.
 */
export function toWire(message: ToPanel, maxRows = 100_000): unknown[] {
  if (message.kind !== 'snapshot' && message.kind !== 'events' && message.kind !== 'runs')
    return [encode(message)];
  const parts: RunDelta[][] = [];
  const runs = (message.runs as (RunView | RunDelta)[]).map((run) => {
    if (!run.state || longest(run.state) <= maxRows) return run;
    parts.push(cut(run as { state: RunState } & (RunView | RunDelta), maxRows));
    return { ...run, state: { ...run.state, series: new Map() } };
  });
  const whole = encode({ ...message, runs });
  return [
    whole,
    ...parts.flatMap((part) => part.flatMap((delta, index) => withProgress(part, delta, index))),
  ];
}

/** A message as the panel's code takes it; what came through a webview's channel is put together again. */
export function fromWire(data: unknown): ToPanel {
  return decode(data) as ToPanel;
}

function withProgress(part: RunDelta[], delta: RunDelta, index: number): unknown[] {
  const events = encode({ kind: 'events', runs: [delta] });
  const steps = part.reduce((sum, each) => sum + rowsOf(each), 0).toLocaleString('en');
  const fraction = (index + 1) / part.length;
  return [
    { kind: 'progress', text: `reading ${steps} steps`, fraction },
    events,
    ...(index === part.length - 1 ? [{ kind: 'progress', text: null, fraction: null }] : []),
  ];
}

const rowsOf = (delta: RunDelta): number =>
  Math.max(0, ...Object.values(delta.appended ?? {}).map(({ steps }) => steps.length));

const longest = (state: RunState): number =>
  Math.max(0, ...[...state.series.values()].map((series) => series.length));

/** The columns of a long run as parts of `maxRows` steps. */
function cut(run: (RunView | RunDelta) & { state: RunState }, maxRows: number): RunDelta[] {
  const parts: RunDelta[] = [];
  const length = longest(run.state);
  for (let from = 0; from < length; from += maxRows) {
    const appended: RunDelta['appended'] = {};
    for (const [name, series] of run.state.series) {
      const to = Math.min(series.length, from + maxRows);
      if (to <= from) continue;
      appended[name] = {
        steps: series.steps.subarray(from, to),
        times: series.times.subarray(from, to),
        values: series.values.subarray(from, to),
      };
    }
    parts.push({ id: run.id, status: run.status, file: run.file, appended });
  }
  return parts;
}

/** Columns already written into the message: curves of one run mostly share their steps and times. */
type Shared = Float64Array[];

function encode(value: unknown, shared: Shared = []): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : { $number: String(value) };
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Float64Array) return once(value, shared);
  if (ArrayBuffer.isView(value)) return value;
  if (value instanceof Map)
    return { $map: [...value].map(([key, item]) => [key, encode(item, shared)] as const) };
  if (Array.isArray(value)) return value.map((item) => encode(item, shared));
  if (isSeries(value)) value = { ...value, ...trimmed(value) };
  return Object.fromEntries(
    Object.entries(value as object)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, encode(item, shared)]),
  );
}

/** A copy of the column by itself (a view would take its whole buffer along), or the equal one that is already there. */
function once(column: Float64Array, shared: Shared): Float64Array {
  const equal = shared.find((other) => sameColumn(other, column));
  if (equal) return equal;
  const copy = column.slice();
  shared.push(copy);
  return copy;
}

function sameColumn(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

type Columns = { length: number; steps: Float64Array; times: Float64Array; values: Float64Array };

const isSeries = (value: object): value is Columns =>
  'steps' in value && value.steps instanceof Float64Array && 'length' in value;

/** Without the spare room at the end. */
const trimmed = ({ length, steps, times, values }: Columns): object => ({
  steps: steps.subarray(0, length),
  times: times.subarray(0, length),
  values: values.subarray(0, length),
});

function decode(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(decode);
  if ('$number' in value) return Number(value.$number);
  if ('$map' in value)
    return new Map((value.$map as [unknown, unknown][]).map(([key, item]) => [key, decode(item)]));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decode(item)]));
}
