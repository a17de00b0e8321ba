import { t } from '../text/say.ts';
import { branchName } from '../text/settings.ts';
import type { Chance } from './chance.ts';
import type { EndedEvent, PreparingEvent, RunEvent, RunFinding, StartedEvent } from './events.ts';
import { appendPoints, createColumns, pushPoint, takeBack, type Series } from './series.ts';

export type { Series } from './series.ts';

/** A point on the step axis that a plot marks. */
export interface Mark {
  kind: 'skipped' | 'checkpoint' | 'resumed' | 'diverged' | 'failed' | 'finding';
  step: number;
  time: number;
  /** Said in words when pointed at. */
  text: string;
  /** How grave a finding is. */
  severity?: RunFinding['severity'];
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
  findings: RunFinding[];
  started: StartedEvent | null;
  ended: EndedEvent | null;
  /** How far is what comes before the first step; null when the steps have begun, or there is no such. */
  preparing: PreparingEvent | null;
  /** Last step seen. */
  step: number;
  /** Unix ms of the last event. */
  time: number;
  skippedSteps: number;
  /** What guessing gives of a metric, by its name; empty when no evaluation said. */
  chance: Record<string, Chance>;
}

export function emptyRunState(): RunState {
  return {
    series: new Map(),
    marks: [],
    notes: [],
    findings: [],
    started: null,
    preparing: null,
    ended: null,
    step: 0,
    time: 0,
    skippedSteps: 0,
    chance: {},
  };
}

/**
 * Takes up the next events of a run in place: append-only work, nothing is copied per event.
 *
 * A trainer that starts again at step k, or one that says nothing and goes back to step k + 1, makes all that was said of
 * later steps void: those points leave the columns and are counted in `superseded`. Non-finite values stay in the columns.
 */
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
      // The first start of a run makes nothing void, unless a killed trainer's own start line was lost.
      if (state.started || state.series.size) goBack(state, event.step, event.time);
      state.started = event;
      state.preparing = null;
      state.ended = null;
      state.step = event.step;
      return;
    case 'preparing':
      state.preparing = event;
      return;
    case 'step':
      beginStep(state, event.step, event.time);
      for (const name in event.metrics) append(state, name, event.step, event.time, event.metrics[name]!);
      return;
    case 'eval':
    case 'system':
      // An evaluation of a step that is done comes after later steps when it took its time: it takes nothing back.
      for (const name in event.metrics) append(state, name, event.step, event.time, event.metrics[name]!);
      state.step = Math.max(state.step, event.step);
      if (event.kind === 'eval' && event.chance) state.chance = event.chance;
      return;
    case 'checkpoint':
      state.marks.push({
        kind: 'checkpoint',
        step: event.step,
        time: event.time,
        text: event.best ? t('checkpoint, best so far') : t('checkpoint'),
      });
      return;
    case 'skipped':
      state.skippedSteps++;
      state.marks.push({
        kind: 'skipped',
        step: event.step,
        time: event.time,
        text: t('update skipped: the {0} gradient is not finite', branchName(event.branch)),
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
    case 'finding': {
      const { kind, time, ...finding } = event;
      state.findings.push(finding);
      state.marks.push({ kind, step: event.step, time, text: event.message, severity: event.severity });
      return;
    }
    case 'ended':
      state.ended = event;
      state.preparing = null;
      if (event.status === 'diverged' || event.status === 'failed')
        state.marks.push({
          kind: event.status,
          step: event.step,
          time: event.time,
          text: event.reason ?? (event.status === 'failed' ? t('failed') : t('diverged')),
        });
  }
}

/** A step event of this step is about to be taken up: when the steps go back, a trainer was started again without a word. */
export function beginStep(state: RunState, step: number, time: number): void {
  if (step < state.step) goBack(state, step - 1, time);
  state.step = step;
  state.preparing = null;
}

function goBack(state: RunState, step: number, time: number): void {
  supersede(state, step);
  state.marks.push({ kind: 'resumed', step, time, text: t('resumed at step {0}', step) });
}

/** Appends a point, growing the columns by doubling. */
function append(state: RunState, name: string, step: number, time: number, value: number): void {
  pushPoint(seriesOf(state, name), step, time, value);
}

/** Appends many points at once; the three columns have one length. */
export function appendColumns(
  state: RunState,
  name: string,
  steps: Float64Array,
  times: Float64Array,
  values: Float64Array,
): void {
  appendPoints(seriesOf(state, name), { steps, times, values }, 0, steps.length);
}

/** The series of a metric, made when it is not there yet. */
export function seriesOf(state: RunState, name: string): Series {
  let series = state.series.get(name);
  if (!series) state.series.set(name, (series = createColumns()));
  return series;
}

/** The state without what was said of later steps: that which a trainer goes on from. */
export function takenBackTo(state: RunState, step: number): RunState {
  supersede(state, step);
  state.step = Math.min(state.step, step);
  return state;
}

/** Drops what an earlier trainer wrote after `step`: the resumed one writes those steps anew. */
function supersede(state: RunState, step: number): void {
  for (const series of state.series.values()) takeBack(series, step);
  state.marks = state.marks.filter((mark) => mark.step <= step);
  state.findings = state.findings.filter((finding) => finding.step <= step);
  state.skippedSteps = state.marks.filter((mark) => mark.kind === 'skipped').length;
}
