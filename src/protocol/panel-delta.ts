import type { RunDelta, RunView } from './panel.ts';
import { appendShared } from './series.ts';
import type { Series } from './series.ts';
import { appendColumns, emptyRunState, seriesOf } from './state.ts';
import type { RunState } from './state.ts';

/** What a panel already has of a run's state. */
export interface Cursor {
  lengths: Map<string, number>;
  superseded: Map<string, number>;
  marks: number;
  notes: number;
  findings: number;
  startedAt: number | null;
  ended: boolean;
  preparing: RunState['preparing'];
  chance: RunState['chance'];
}

export function cursorOf(state: RunState): Cursor {
  return {
    lengths: new Map([...state.series].map(([name, series]) => [name, series.length])),
    superseded: new Map([...state.series].map(([name, series]) => [name, series.superseded])),
    marks: state.marks.length,
    notes: state.notes.length,
    findings: state.findings.length,
    startedAt: state.started?.time ?? null,
    ended: state.ended !== null,
    preparing: state.preparing,
    chance: state.chance,
  };
}

/**
 * What a panel that stands at `cursor` needs to reach `state`: only what was appended, or the state whole after a new start
 * (a resume takes back points). null: nothing new.
 */
export function changesSince(
  state: RunState,
  cursor: Cursor,
): Omit<RunDelta, 'id' | 'status' | 'file'> | null {
  if ((state.started?.time ?? null) !== cursor.startedAt || tookBack(state, cursor)) return { state };
  const appended: NonNullable<RunDelta['appended']> = {};
  for (const [name, series] of state.series) {
    const from = cursor.lengths.get(name) ?? 0;
    if (series.length === from) continue;
    appended[name] = {
      steps: series.steps.slice(from, series.length),
      times: series.times.slice(from, series.length),
      values: series.values.slice(from, series.length),
    };
  }
  const marks = state.marks.slice(cursor.marks);
  const notes = state.notes.slice(cursor.notes);
  const findings = state.findings.slice(cursor.findings);
  const ended = state.ended && !cursor.ended ? state.ended : undefined;
  const isPreparing = state.preparing !== cursor.preparing;
  if (
    !Object.keys(appended).length &&
    !marks.length &&
    !notes.length &&
    !findings.length &&
    !ended &&
    !isPreparing
  )
    return null;
  return {
    appended,
    marks,
    notes,
    findings,
    ...(ended && { ended }),
    ...(isPreparing && { preparing: state.preparing }),
    ...(state.chance !== cursor.chance && { chance: state.chance }),
  };
}

function tookBack(state: RunState, cursor: Cursor): boolean {
  const { marks, notes, findings, series: columns } = state;
  if (marks.length < cursor.marks || notes.length < cursor.notes || findings.length < cursor.findings)
    return true;
  for (const [name, length] of cursor.lengths) {
    const series = columns.get(name);
    if (!series || series.length < length || series.superseded !== cursor.superseded.get(name)) return true;
  }
  return false;
}

/** Takes a delta up in place; columns grow, nothing else is copied. */
export function applyDelta(run: RunView, delta: RunDelta): void {
  run.status = delta.status;
  run.file = delta.file ?? run.file;
  if (delta.state) run.state = delta.state;
  if (delta.appended || delta.marks?.length || delta.notes?.length || delta.ended || delta.preparing)
    run.state ??= emptyRunState();
  const state = run.state;
  if (!state) return;
  const leaders = new Map<Float64Array, Series>();
  for (const [name, { steps, times, values }] of Object.entries(delta.appended ?? {})) {
    const series = seriesOf(state, name);
    const leader = leaders.get(steps);
    if (leader && series.shared && leader.length === series.length + steps.length)
      appendShared(series, leader, values);
    else {
      appendColumns(state, name, steps, times, values);
      leaders.set(steps, series);
    }
    const last = steps.length - 1;
    if (last < 0) continue;
    state.step = Math.max(state.step, steps[last]!);
    state.time = Math.max(state.time, times[last]!);
  }
  for (const mark of delta.marks ?? []) {
    state.marks.push(mark);
    if (mark.kind === 'skipped') state.skippedSteps++;
  }
  state.notes.push(...(delta.notes ?? []));
  state.findings.push(...(delta.findings ?? []));
  if (delta.ended) state.ended = delta.ended;
  if (delta.preparing !== undefined) state.preparing = delta.preparing;
  if (delta.chance) state.chance = delta.chance;
}
