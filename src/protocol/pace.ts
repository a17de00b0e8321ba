import type { PreparingEvent, RunEvent, StartedEvent } from './events.ts';
import { trainLoss } from './metrics.ts';
import type { RunState, Series } from './state.ts';

/** How fast a run goes; null while too little is known. */
export interface Pace {
  /** Over the last steps. */
  pairsPerS: number | null;
  /** Until the last step, at the pace of the present trainer so far: evaluations and checkpoints count as well. */
  leftMs: number | null;
}

interface Moment {
  step: number;
  time: number;
}

/** Steps that the present speed is averaged over. */
const recentSteps = 20;

/** From three moments of the present trainer: after its first step, some steps ago, and after its last step. */
function paceBetween(started: StartedEvent, first: Moment, recent: Moment, last: Moment): Pace {
  if (last.step <= recent.step) return { pairsPerS: null, leftMs: null };
  const msPerStep = (from: Moment): number => (last.time - from.time) / (last.step - from.step);
  return {
    // Faster than the clock counts: a millisecond stands for less.
    pairsPerS: (1000 * started.batch_size) / Math.max(msPerStep(recent), 1e-3),
    leftMs: Math.max(0, msPerStep(first) * (started.steps - last.step)),
  };
}

/** The pace of a run whose curves are known. */
export function paceOf({ series, started }: RunState): Pace {
  const losses = series.get(trainLoss);
  if (!started || !losses?.length) return { pairsPerS: null, leftMs: null };
  const at = (index: number): Moment => ({ step: losses.steps[index]!, time: losses.times[index]! });
  const last = losses.length - 1;
  const first = firstAfter(losses, started.step);
  return paceBetween(started, at(first), at(Math.max(first, last - recentSteps)), at(last));
}

/** Place of the first point that the present trainer wrote; the last place when it has written none. */
function firstAfter({ steps, length }: Series, step: number): number {
  let [from, to] = [0, length - 1];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (steps[middle]! > step) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** The latest of a run that is followed without its curves. */
export interface LiveRun {
  step: number;
  steps: number;
  loss: number | null;
  /** Unix ms of the last event. */
  time: number;
  started: StartedEvent | null;
  /** How far is what comes before the first step; null when there is no such. */
  preparing: PreparingEvent | null;
  /** After the present trainer's first step, and after each of its last ones. */
  first: Moment | null;
  recent: Moment[];
}

export const emptyLiveRun = (step: number, steps: number): LiveRun => ({
  step,
  steps,
  loss: null,
  time: 0,
  started: null,
  preparing: null,
  first: null,
  recent: [],
});

/** Takes one event up in place: `foldRun` for who needs no curves. */
export function takeEvent(live: LiveRun, event: RunEvent): void {
  live.time = event.time;
  if (event.kind === 'preparing') live.preparing = event;
  else if (event.kind === 'started' || event.kind === 'step' || event.kind === 'ended') live.preparing = null;
  if (event.kind === 'started') {
    live.started = event;
    live.steps = event.steps;
    restart(live);
    live.step = event.step;
  } else if (event.kind === 'step') {
    // A trainer that was started again without a word.
    if (event.step < live.step) restart(live);
    live.step = event.step;
    live.loss = event.metrics[trainLoss] ?? live.loss;
    const moment = { step: event.step, time: event.time };
    live.first ??= moment;
    live.recent.push(moment);
    if (live.recent.length > recentSteps + 1) live.recent.shift();
  }
}

function restart(live: LiveRun): void {
  live.first = null;
  live.recent = [];
}

export function livePace({ started, first, recent }: LiveRun): Pace {
  const last = recent.at(-1);
  if (!started || !first || !last) return { pairsPerS: null, leftMs: null };
  return paceBetween(started, first, recent[0]!, last);
}
