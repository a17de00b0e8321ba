import type { Said } from '../text/say.ts';
import type { Chance } from './chance.ts';
import type { Launcher } from '../experiment/config.ts';
import type { EarlyStopping } from '../experiment/early-stop.ts';
import type { Sweep } from '../experiment/schema/sweep-section.ts';
import type { RunFinding, RunStatus } from './events.ts';
import type { RunMemory } from './run-memory.ts';

/** `run.json`: who a run is and how it stands. Rewritten whole (aside, then renamed) by the run's one writer. */
export interface RunFile {
  /** `<time>-<experiment>-<4 letters>`, also the folder's name. */
  id: string;
  experiment: string;
  /** The experiment file, relative to the folder that holds `.tandem`. */
  experiment_path: string;
  /** Sweep that the run is a trial of; null for a single run. */
  sweep: SweepPlace | null;
  /** What was set beside the file: `--set` and the trial's values, by dotted key. */
  settings: Record<string, unknown>;
  /** sha256 of config.json. */
  config_hash: string;
  git_commit: string | null;
  /** Tells whether data are the same as another run's (`fingerprint.ts`); null before the data were read, and in runs of earlier versions. */
  data: string | null;
  versions: Record<string, string>;
  created: number;
  /** As last written by the writer; readers use `statusOf`, which also looks at the process. */
  status: RunStatus;
  /**
   * The trainer's process; null before it starts. `start_time` tells a reused pid from the real one, `folder` this run from a
   * copy of its folder (see `folder-mark.ts`); earlier versions did not write it.
   */
  process: { pid: number; start_time: string; host: string; folder?: string } | null;
  /** The command that will start it while it is queued; null: any window or command may. Without it such a run waits for nobody. */
  starter: RunFile['process'];
  /** Unix ms of the last sign of life, written at least every 10 s while running. */
  heartbeat: number | null;
  engine: RunEngine | null;
  step: number;
  steps: number;
  /** Time spent training, without the queue and pauses, up to the heartbeat; null in runs of earlier versions. */
  trained_ms: number | null;
  /** What it was expected to take when it was planned; null in runs of earlier versions. */
  memory: RunMemory | null;
  /** Why a failed or diverged run ended. */
  reason: string | null;
  /** The reason as it is kept for readers of other languages. */
  said?: { reason: Said };
  summary: Record<string, MetricSummary>;
  /** What its numbers say, as in its events. */
  findings: RunFinding[];
  /** Value of the sweep's metric at each rung that was reached, the first first. */
  rungs: number[];
  /** What a person said of it. */
  title: string | null;
  note: string | null;
  starred: boolean;
  /** Words that runs are grouped and found by, in the order in which they were given. */
  tags: string[];
  /** `#rrggbb` that it is drawn in, in place of the one that follows from its name or place. */
  colour: string | null;
  /** The scheduler's job that trains it; null: processes that windows and commands start. */
  job: RunJob | null;
  /** How the machine is reached that it trains on, when that is not this one. */
  remote: Launcher | null;
}

export interface RunEngine {
  name: string;
  provider: string | null;
  device: string;
  threads: number;
  why: string;
  /** Milliseconds of a step on each provider that was measured, null without a figure; missing where nothing was measured. */
  measured?: readonly { provider: string; device: string; step_ms: number | null }[];
}

/** What others than its trainer change of a run: the fields that are given, and tags one by one. */
export interface Annotation extends Partial<
  Pick<RunFile, 'title' | 'note' | 'starred' | 'colour' | 'job' | 'remote'>
> {
  tag?: string[];
  untag?: string[];
}

/** A job of a scheduler, and how to submit it again. Written by whoever submits, never by the trainer. */
export interface RunJob {
  /** The job's name, which no other has: what the scheduler is asked for. */
  name: string;
  /** Place in the job's array; null for a job of one run. */
  task: number | null;
  /** The scheduler's id of the job or its array; null until it has answered. */
  id: string | null;
  /** Unix ms. */
  submitted: number;
  launcher: Launcher;
}

export interface SweepPlace {
  /** Shared by all runs of one sweep. */
  id: string;
  /** 0-based position among its trials x seeds, and how many there are. */
  index: number;
  count: number;
  /** When this run is compared with the others; missing where none is stopped early. */
  stop_early?: EarlyStopping;
  /** What all runs together may use; missing without a limit. */
  budget?: Budget;
}

export type Budget = NonNullable<Sweep['budget']>;

export interface MetricSummary {
  last: number;
  best: number;
  best_step: number;
  /** Values so far: the best of few noisy ones says little. Missing in runs of earlier versions, as is the chance. */
  count?: number;
  /** What guessing gives, where that is known. */
  chance?: Chance;
}
