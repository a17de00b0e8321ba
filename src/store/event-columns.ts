import { pushPoint, pushShared, reserve, type Series } from '../protocol/series.ts';
import { beginStep, foldRun, seriesOf, type RunState } from '../protocol/state.ts';
import { parseEvent } from './event-lines.ts';
import { readNumber } from './number-text.ts';

/** Takes whole lines of events.jsonl straight into a state. */
export interface LineFolder {
  /** `lines` ends after a newline. `share` is the part of the file that is read with it, 0 to 1: it tells how much room columns need. */
  fold(lines: Buffer, share?: number): void;
}

/** A metric of step events, and the one that followed it in the line before. */
interface Metric {
  name: string;
  /** As it stands in the line: `"train/loss":`. */
  bytes: Buffer;
  /** null until a whole line with it was taken up. */
  series: Series | null;
  /** The series whose steps and times this one shares; null when it has its own. */
  leader: Series | null;
  next: Metric | null;
  /** The last line that named it, by number. */
  line: number;
}

const stepStart = Buffer.from('{"kind":"step","time":');
const stepKey = Buffer.from(',"step":');
const metricsKey = Buffer.from(',"metrics":{');
/** Escapes, characters that no JSON string has as they are, and whole numbers: as keys these come before all others. */
const needsParsing = /[\\\0-\x1f]|^\d+$/;
const [comma, quote, colon, newline, closing] = [44, 34, 58, 10, 125];

/**
 * `foldRun` of the events in lines of text, with the same result, more than twice as fast (`npm run bench -- events`): a step event as our writer writes
 * it is read from the bytes without making an object; every other line goes through `parseEvent` and `foldRun`.
 */
export function createLineFolder(state: RunState): LineFolder {
  const metrics = new Map<string, Metric>();
  let first: Metric | null = null;
  const found: Metric[] = [];
  const values: number[] = [];
  const number = { value: 0, end: 0 };
  let line = 0;

  function fold(lines: Buffer, share = 1): void {
    for (
      let start = 0, end = lines.indexOf(newline);
      end >= 0;
      start = end + 1, end = lines.indexOf(newline, start)
    ) {
      if (foldStep(lines, start, end, share)) continue;
      const event = parseEvent(lines.toString('utf8', start, end));
      if (event) foldRun(state, [event]);
    }
  }

  /** False when the line is not a step event in our writer's form; then nothing was taken up. */
  function foldStep(bytes: Buffer, start: number, end: number, share: number): boolean {
    if (!startsWith(bytes, start, stepStart)) return false;
    line++;
    // A time or a step in quotes is none.
    if (bytes[start + stepStart.length] === quote || !readNumber(bytes, start + stepStart.length, number))
      return false;
    const time = number.value;
    if (!startsWith(bytes, number.end, stepKey)) return false;
    if (bytes[number.end + stepKey.length] === quote) return false;
    if (!readNumber(bytes, number.end + stepKey.length, number)) return false;
    const step = number.value;
    if (!startsWith(bytes, number.end, metricsKey)) return false;
    let at = number.end + metricsKey.length;
    let count = 0;
    let last: Metric | null = null;
    let isNew = false;
    while (bytes[at] === quote) {
      const guess: Metric | null = last ? last.next : first;
      const metric: Metric | null =
        guess && startsWith(bytes, at, guess.bytes) ? guess : metricAt(bytes, at, end);
      // Of two values by one name in a line the last one counts.
      if (!metric || metric.line === line) return false;
      metric.line = line;
      isNew ||= !metric.series;
      if (last) last.next = metric;
      else first = metric;
      last = metric;
      if (!readNumber(bytes, at + metric.bytes.length, number)) return false;
      found[count] = metric;
      values[count++] = number.value;
      at = number.end;
      if (bytes[at] !== comma) break;
      at++;
      if (bytes[at] !== quote) return false;
    }
    if (bytes[at] !== closing || bytes[at + 1] !== closing || at + 2 !== end) return false;
    beginStep(state, step, time);
    if (isNew) for (let i = 0; i < count; i++) attach(found[i]!, found[0]!);
    const { series } = found[0] ?? {};
    for (let i = 0; i < count; i++) put(found[i]!, series!, step, time, values[i]!, share);
    state.time = time;
    return true;
  }

  function put(
    metric: Metric,
    first: Series,
    step: number,
    time: number,
    value: number,
    share: number,
  ): void {
    const series = metric.series!;
    const { length } = series;
    if (metric.leader) {
      if (metric.leader === first && series.shared && length + 1 === first.length)
        return pushShared(series, first, value);
      metric.leader = null;
    }
    if (length === series.steps.length && length >= 1024 && share < 1)
      reserve(series, Math.ceil(Math.min(length / share, 16 * length) * 1.05));
    pushPoint(series, step, time, value);
  }

  function attach(metric: Metric, first: Metric): void {
    if (metric.series) return;
    metric.series = seriesOf(state, metric.name);
    metric.leader = metric === first ? null : leaderOf(metric.series, first.series!);
  }

  /** The metric whose name stands here; null for a name that only `JSON.parse` reads right or that is not followed by a colon. */
  function metricAt(bytes: Buffer, at: number, end: number): Metric | null {
    const close = bytes.indexOf(quote, at + 1);
    if (close < 0 || close >= end || bytes[close + 1] !== colon) return null;
    const name = bytes.toString('utf8', at + 1, close);
    if (needsParsing.test(name)) return null;
    const known = metrics.get(name);
    if (known) return known;
    const copy = Buffer.from(bytes.subarray(at, close + 2));
    const metric: Metric = { name, bytes: copy, series: null, leader: null, next: null, line: 0 };
    metrics.set(name, metric);
    return metric;
  }

  return { fold };
}

/**
 * Nearly always every step has the same metrics: the first one of the line leads, and the others share its steps and times
 * for as long as each line brings exactly one more point to all of them. Here, whether a series can begin to do so.
 */
function leaderOf(series: Series, first: Series): Series | null {
  if (series === first) return null;
  if (series.length === 0 && first.length === 0) series.shared = true;
  else if (!series.shared || series.steps !== first.steps || series.times !== first.times) return null;
  return series.length === first.length ? first : null;
}

function startsWith(bytes: Buffer, at: number, expected: Buffer): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}
