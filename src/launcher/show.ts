import { readdir } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { OtherEvaluation } from '../protocol/evaluation.ts';
import { readEvaluations } from '../store/evaluations.ts';
import { emptyRunState, foldRun, type RunState, type Series } from '../protocol/state.ts';
import { stepOf, summaryOf } from '../protocol/summary.ts';
import { readEvents } from '../store/events.ts';
import { withLastStep } from '../store/last-step.ts';
import { readRunFile } from '../store/run-folder.ts';
import { openTensorBoardLog } from '../store/tensorboard/read.ts';
import { type RunEntry, runEntry } from './run-entry.ts';

/** `tandem show --json`: a run's entry with its curves. Non-finite values are the strings of `numbers.ts`. */
export interface ShowDocument extends Omit<RunEntry, 'status'> {
  /** `foreign`: a log that another program wrote, of whose process nothing is known. */
  status: RunEntry['status'] | 'foreign';
  /** Curves without superseded points. */
  series: Record<string, [step: number, value: number][]>;
  /** Points that a restart wrote anew, by metric; metrics without any are not listed. */
  superseded: Record<string, number>;
  notes: RunState['notes'];
  /** What the finished model reached on other data, oldest first. */
  evaluations: OtherEvaluation[];
  /** What the run's numbers say, where that is worth knowing. */
  findings: RunState['findings'];
}

/** The document of one of our run folders. */
export async function showRun(dir: string): Promise<ShowDocument> {
  const file = await withLastStep(dir, await readRunFile(dir));
  const state = foldRun(emptyRunState(), await readEvents(dir));
  return {
    ...runEntry(dir, file),
    step: stepOf(state, file),
    ...curves(state),
    evaluations: await readEvaluations(dir),
  };
}

/** Whether a folder holds event files of TensorBoard. */
export async function holdsTensorBoardLog(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => name.includes('tfevents'));
}

/** The same document for a folder of TensorBoard event files. */
export async function showForeign(folder: string): Promise<ShowDocument> {
  const dir = resolve(folder);
  const log = openTensorBoardLog(dir);
  while (await log.update()) continue;
  const { state } = log;
  return {
    id: basename(dir),
    experiment: basename(dir),
    status: 'foreign',
    step: state.step,
    steps: state.started?.steps ?? state.step,
    settings: {},
    summary: summaryOf(state),
    title: null,
    sweep: null,
    reason: null,
    problem: null,
    job: null,
    created: firstTime(state),
    dir,
    evaluations: [],
    ...curves(state),
  };
}

function curves(state: RunState): Pick<ShowDocument, 'series' | 'superseded' | 'notes' | 'findings'> {
  const series: ShowDocument['series'] = {};
  const superseded: Record<string, number> = {};
  for (const [name, one] of state.series) {
    series[name] = points(one);
    if (one.superseded > 0) superseded[name] = one.superseded;
  }
  return { series, superseded, notes: state.notes, findings: state.findings };
}

function points({ length, steps, values }: Series): [number, number][] {
  return Array.from({ length }, (_, index) => [steps[index]!, values[index]!]);
}

function firstTime(state: RunState): number {
  let first = Infinity;
  for (const { length, times } of state.series.values()) if (length > 0) first = Math.min(first, times[0]!);
  return Number.isFinite(first) ? first : 0;
}
