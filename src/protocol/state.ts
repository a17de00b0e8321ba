import type { EndedEvent, RunEvent, StartedEvent } from './events.ts';

/** One metric of a run in order of steps; columns grow in place, only the first `length` entries count. */
export interface Series {
  length: number;
  steps: Float64Array;
  /** Unix ms. */
  times: Float64Array;
  values: Float64Array;
  /** Points of earlier trainers that a resume wrote anew; they are no longer in the columns. */
  superseded: number;
}

/** A point on the step axis that a plot marks. */
export interface Mark {
  kind: 'skipped' | 'checkpoint' | 'resumed' | 'diverged' | 'failed';
  step: number;
  time: number;
  /** Said in words when pointed at. */
  text: string;
}

/** Something a person should know of a run. */
export interface Note {
  severity: 'info' | 'warning';
  code: string;
  message: string;
  /** Names of files and the like. */
  items: string[];
  step: number;
}

/** What `foldRun` makes of a run's events: all that screens, tables and reports show. */
export interface RunState {
  series: Map<string, Series>;
  marks: Mark[];
  notes: Note[];
  started: StartedEvent | null;
  ended: EndedEvent | null;
  /** Last step seen. */
  step: number;
  /** Unix ms of the last event. */
  time: number;
  skippedSteps: number;
}

export function emptyRunState(): RunState {
  return {
    series: new Map(),
    marks: [],
    notes: [],
    started: null,
    ended: null,
    step: 0,
    time: 0,
    skippedSteps: 0,
  };
}

/** Takes up the next events of a run in place: append-only work, nothing is copied per event. */
export function foldRun(state: RunState, events: Iterable<RunEvent>): RunState {
  for (const event of events) {
    foldEvent(state, event);
    state.time = event.time;
  }
  return state;
}

function foldEvent(state: RunState, event: RunEvent): void {
  switch (event.kind) {
    case 'started':
      if (state.started) {
        supersede(state, event.step);
        state.marks.push({
          kind: 'resumed',
          step: event.step,
          time: event.time,
          text: `resumed at step ${event.step}`,
        });
      }
      state.started = event;
      state.ended = null;
      state.step = event.step;
      return;
    case 'step':
    case 'eval':
      for (const name in event.metrics) append(state, name, event.step, event.time, event.metrics[name]!);
      state.step = Math.max(state.step, event.step);
      return;
    case 'checkpoint':
      state.marks.push({
        kind: 'checkpoint',
        step: event.step,
        time: event.time,
        text: event.best ? `checkpoint, best so far` : `checkpoint`,
      });
      return;
    case 'skipped':
      state.skippedSteps++;
      state.marks.push({
        kind: 'skipped',
        step: event.step,
        time: event.time,
        text: `update skipped: the ${event.branch} gradient is not finite`,
      });
      return;
    case 'note':
      state.notes.push({
        severity: event.severity,
        code: event.code,
        message: event.message,
        items: event.items ?? [],
        step: event.step,
      });
      return;
    case 'ended':
      state.ended = event;
      if (event.status === 'diverged' || event.status === 'failed')
        state.marks.push({
          kind: event.status,
          step: event.step,
          time: event.time,
          text: event.reason ?? event.status,
        });
  }
}

/** Appends a point, growing the columns by doubling. */
export function append(state: RunState, name: string, step: number, time: number, value: number): void {
  const series = seriesOf(state, name);
  if (series.length === series.steps.length) grow(series, series.length + 1);
  series.steps[series.length] = step;
  series.times[series.length] = time;
  series.values[series.length] = value;
  series.length++;
}

/** Appends many points at once; the three columns have one length. */
export function appendColumns(
  state: RunState,
  name: string,
  steps: Float64Array,
  times: Float64Array,
  values: Float64Array,
): void {
  const series = seriesOf(state, name);
  const length = series.length + steps.length;
  if (length > series.steps.length) grow(series, length);
  series.steps.set(steps, series.length);
  series.times.set(times, series.length);
  series.values.set(values, series.length);
  series.length = length;
}

function seriesOf(state: RunState, name: string): Series {
  let series = state.series.get(name);
  if (!series) {
    series = {
      length: 0,
      steps: new Float64Array(64),
      times: new Float64Array(64),
      values: new Float64Array(64),
      superseded: 0,
    };
    state.series.set(name, series);
  }
  return series;
}

function grow(series: Series, length: number): void {
  const room = Math.max(length, series.steps.length * 2);
  series.steps = grown(series.steps, room);
  series.times = grown(series.times, room);
  series.values = grown(series.values, room);
}

function grown(column: Float64Array, room: number): Float64Array {
  const larger = new Float64Array(room);
  larger.set(column);
  return larger;
}

/** Drops what an earlier trainer wrote after `step`: the resumed one writes those steps anew. */
export function supersede(state: RunState, step: number): void {
  for (const series of state.series.values()) {
    let kept = series.length;
    while (kept > 0 && series.steps[kept - 1]! > step) kept--;
    series.superseded += series.length - kept;
    series.length = kept;
  }
  state.marks = state.marks.filter((mark) => mark.step <= step);
  state.skippedSteps = state.marks.filter((mark) => mark.kind === 'skipped').length;
}
