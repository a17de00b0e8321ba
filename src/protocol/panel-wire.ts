import type { EventsMessage, RunDelta, ToPanel } from './panel.ts';
import type { Series } from './series.ts';
import { counted } from '../text/numbers.ts';
import { t } from '../text/say.ts';

/**
 * The messages that carry `message` through a webview, to be posted one after the other; the panel reads them with `wireReader`.
 * A webview's channel is JSON with typed arrays beside it: a Map would arrive as `{}` and NaN as null, so both are written out.
 * A column of `longColumn` numbers or more goes ahead in a message of its own, so that none holds up the panel for long; shorter
 * ones go together in one array, which is read in a third of the time of many. Equal columns (curves of a run mostly share their
 * steps and times) go once, and steps that only count up go as where they begin.
 * Curves of several runs go run by run for the same reason.
 */
export function toWire(message: ToPanel, longColumn = 50_000): unknown[] {
  if (message.kind === 'events' && message.runs.length > 1 && pointsOf(message) > longColumn)
    return [
      ...message.runs.flatMap((run, index) => ofOneRun(run, index, message.runs.length, longColumn)),
      done,
    ];
  const columns: Columns = { short: [], shortLength: 0, counts: new Set(), long: [], longColumn };
  const encoded = encode(message, columns);
  const whole = columns.short.length ? { packed: pack(columns), message: encoded } : encoded;
  if (!columns.long.length) return [whole];
  const steps = counted(Math.max(...columns.long.map(({ data }) => data.length)));
  const ahead = columns.long.flatMap((column, index) => [
    { kind: 'progress', text: t('reading {0} steps', steps), fraction: index / columns.long.length },
    column,
  ]);
  return [...ahead, whole, done];
}

const done = { kind: 'progress', text: null, fraction: null };

function ofOneRun(run: RunDelta, index: number, count: number, longColumn: number): unknown[] {
  const parts = toWire({ kind: 'events', runs: [run] }, longColumn).filter((part) => part !== done);
  return [{ kind: 'progress', text: t('reading {0} runs', count), fraction: index / count }, ...parts];
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
    const packed = isPacked(data) ? data.packed : new Float64Array(0);
    const parts = new Map<string, Float64Array>();
    // A column that several curves share becomes one array for all of them.
    const shared = (key: string, make: () => Float64Array): Float64Array => {
      let column = parts.get(key);
      if (!column) parts.set(key, (column = make()));
      return column;
    };
    const message = decode(isPacked(data) ? data.message : data, {
      column(id) {
        used.add(id);
        return arrived.get(id) ?? new Float64Array(0);
      },
      part: ([from, length]) => shared(`${from} ${length}`, () => packed.subarray(from, from + length)),
      count: ([first, by, length]) =>
        shared(`${first} ${by} ${length}`, () => countColumn(first, by, length)),
    });
    for (const id of used) arrived.delete(id);
    return message as ToPanel;
  };
}

function countColumn(first: number, by: number, length: number): Float64Array {
  const column = new Float64Array(length);
  for (let i = 0; i < length; i++) column[i] = first + i * by;
  return column;
}

/** A message whose short columns stand one after the other in one array. */
interface Packed {
  packed: Float64Array;
  message: unknown;
}

const isPacked = (data: unknown): data is Packed =>
  typeof data === 'object' && data !== null && 'packed' in data && 'message' in data;

/** A long column, sent ahead of the message that refers to it by its number. */
interface SentColumn {
  column: number;
  data: Float64Array;
}

const isColumn = (data: unknown): data is SentColumn =>
  typeof data === 'object' && data !== null && 'column' in data && 'data' in data;

/** Columns of one message. */
interface Columns {
  /** With where each begins in the packed array. */
  short: { data: Float64Array; from: number }[];
  shortLength: number;
  /** Columns of steps that were written as how they count. */
  counts: Set<string>;
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
  const before = sentCount(columns);
  const encoded = {
    steps: counting(steps, length, columns) ?? place(steps.subarray(0, length), columns),
    times: place(times.subarray(0, length), columns),
  };
  const isShared = length > 0 && sentCount(columns) === before;
  return {
    ...encoded,
    length,
    values: place(values.subarray(0, length), columns),
    superseded,
    shared: isShared,
  };
}

const sentCount = ({ short, long, counts }: Columns): number => short.length + long.length + counts.size;

/** Steps that count up evenly, as the first one, how far each is from the last, and how many; null for others. */
function counting(steps: Float64Array, length: number, { counts }: Columns): object | null {
  if (length < 3) return null;
  const first = steps[0]!;
  const by = steps[1]! - first;
  for (let i = 2; i < length; i++) if (steps[i] !== first + i * by) return null;
  counts.add(`${first} ${by} ${length}`);
  return { $count: [first, by, length] };
}

/** The column's place among the short ones, or its number; for an equal one, that one's. */
function place(column: Float64Array, columns: Columns): unknown {
  const { short, long, longColumn } = columns;
  if (column.length < longColumn) {
    let found = short.find(({ data }) => isSame(data, column));
    if (!found) {
      short.push((found = { data: column, from: columns.shortLength }));
      columns.shortLength += column.length;
    }
    return { $part: [found.from, column.length] };
  }
  let sent = long.find(({ data }) => isSame(data, column));
  // A view of a larger buffer would take all of that with it.
  const isWhole = column.byteLength === column.buffer.byteLength;
  if (!sent) long.push((sent = { column: ++lastColumn, data: isWhole ? column : column.slice() }));
  return { $column: sent.column };
}

function pack({ short, shortLength }: Columns): Float64Array {
  const packed = new Float64Array(shortLength);
  for (const { data, from } of short) packed.set(data, from);
  return packed;
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  // As the readers of runs leave it: curves of one run share the arrays themselves.
  if (a.buffer === b.buffer && a.byteOffset === b.byteOffset) return true;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const isSeries = (value: object): value is Series =>
  'steps' in value && value.steps instanceof Float64Array && 'length' in value;

/** Where the columns of a message are found. */
interface Sources {
  column: (id: number) => Float64Array;
  part: (place: [from: number, length: number]) => Float64Array;
  count: (steps: [first: number, by: number, length: number]) => Float64Array;
}

function decode(value: unknown, from: Sources): unknown {
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map((item) => decode(item, from));
  if ('$number' in value) return Number(value.$number);
  if ('$column' in value) return from.column(value.$column as number);
  if ('$part' in value) return from.part(value.$part as [number, number]);
  if ('$count' in value) return from.count(value.$count as [number, number, number]);
  if ('$map' in value)
    return new Map((value.$map as [unknown, unknown][]).map(([key, item]) => [key, decode(item, from)]));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decode(item, from)]));
}
