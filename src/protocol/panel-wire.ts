import type { EventsMessage, RunDelta, ToPanel } from './panel.ts';
import type { Series } from './series.ts';

/**
 * The messages that carry `message` through a webview, to be posted one after the other; the panel reads them with `wireReader`.
 * A webview's channel is JSON with typed arrays beside it: a Map would arrive as `{}` and NaN as null, so both are written out.
 * A column of `longColumn` numbers or more goes ahead in a message of its own, so that none holds up the panel for long; equal
 * columns (curves of a run mostly share their steps and times) go once.
 * Curves of several runs go run by run for the same reason.
 */
export function toWire(message: ToPanel, longColumn = 50_000): unknown[] {
  if (message.kind === 'events' && message.runs.length > 1 && pointsOf(message) > longColumn)
    return [
      ...message.runs.flatMap((run, index) => ofOneRun(run, index, message.runs.length, longColumn)),
      done,
    ];
  const columns: Columns = { short: [], long: [], longColumn };
  const whole = encode(message, columns);
  if (!columns.long.length) return [whole];
  const steps = Math.max(...columns.long.map(({ data }) => data.length)).toLocaleString('en');
  const ahead = columns.long.flatMap((column, index) => [
    { kind: 'progress', text: `reading ${steps} steps`, fraction: index / columns.long.length },
    column,
  ]);
  return [...ahead, whole, done];
}

const done = { kind: 'progress', text: null, fraction: null };

function ofOneRun(run: RunDelta, index: number, count: number, longColumn: number): unknown[] {
  const parts = toWire({ kind: 'events', runs: [run] }, longColumn).filter((part) => part !== done);
  return [{ kind: 'progress', text: `reading ${count} runs`, fraction: index / count }, ...parts];
}

const pointsOf = ({ runs }: EventsMessage): number =>
  runs.reduce(
    (sum, { state }) =>
      sum + [...(state?.series.values() ?? [])].reduce((all, { length }) => all + length, 0),
    0,
  );

/** Reads what a webview's channel brings, in order; null for a column that a later message needs. Columns are taken as they are, not copied. */
export function wireReader(): (data: unknown) => ToPanel | null {
  const arrived = new Map<number, Float64Array>();
  return (data) => {
    if (isColumn(data)) {
      arrived.set(data.column, data.data);
      return null;
    }
    const used = new Set<number>();
    const message = decode(data, (id) => {
      used.add(id);
      return arrived.get(id) ?? new Float64Array(0);
    });
    for (const id of used) arrived.delete(id);
    return message as ToPanel;
  };
}

/** A long column, sent ahead of the message that refers to it by its number. */
interface SentColumn {
  column: number;
  data: Float64Array;
}

const isColumn = (data: unknown): data is SentColumn =>
  typeof data === 'object' && data !== null && 'column' in data && 'data' in data;

/** Columns of one message. */
interface Columns {
  short: Float64Array[];
  long: SentColumn[];
  longColumn: number;
}

let lastColumn = 0;

function encode(value: unknown, columns: Columns): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : { $number: String(value) };
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Float64Array) return place(value, columns);
  if (ArrayBuffer.isView(value)) return value;
  if (value instanceof Map)
    return { $map: [...value].map(([key, item]) => [key, encode(item, columns)] as const) };
  if (Array.isArray(value)) return value.map((item) => encode(item, columns));
  if (isSeries(value)) return encodeSeries(value, columns);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, encode(item, columns)]),
  );
}

/** Without the spare room at the end of its columns. */
function encodeSeries({ length, steps, times, values, superseded }: Series, columns: Columns): object {
  const before = columns.short.length + columns.long.length;
  const encoded = {
    steps: place(steps.subarray(0, length), columns),
    times: place(times.subarray(0, length), columns),
  };
  const isShared = length > 0 && columns.short.length + columns.long.length < before + 2;
  return {
    ...encoded,
    length,
    values: place(values.subarray(0, length), columns),
    superseded,
    shared: isShared,
  };
}

/** A copy of the column by itself (a view would take its whole buffer along) or its number; for an equal one, that one's. */
function place(column: Float64Array, { short, long, longColumn }: Columns): unknown {
  if (column.length < longColumn) {
    const equal = short.find((other) => isSame(other, column));
    if (equal) return equal;
    const copy = column.slice();
    short.push(copy);
    return copy;
  }
  let sent = long.find(({ data }) => isSame(data, column));
  if (!sent) long.push((sent = { column: ++lastColumn, data: column.slice() }));
  return { $column: sent.column };
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const isSeries = (value: object): value is Series =>
  'steps' in value && value.steps instanceof Float64Array && 'length' in value;

function decode(value: unknown, columnOf: (id: number) => Float64Array): unknown {
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map((item) => decode(item, columnOf));
  if ('$number' in value) return Number(value.$number);
  if ('$column' in value) return columnOf(value.$column as number);
  if ('$map' in value)
    return new Map((value.$map as [unknown, unknown][]).map(([key, item]) => [key, decode(item, columnOf)]));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decode(item, columnOf)]));
}
