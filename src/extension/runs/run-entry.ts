import type { JobStanding } from '../../launcher/slurm/states.ts';
import { settingsText } from '../../text/settings.ts';
import type { RunStatus } from '../../protocol/events.ts';
import type { LiveRun } from '../../protocol/pace.ts';
import type { RunFile } from '../../protocol/run.ts';
import {
  canResume,
  isActive as statusIsActive,
  isTraining as statusIsTraining,
} from '../../protocol/run-status.ts';

/** A run as the explorer, the status bar and the panel know it. */
export interface RunEntry {
  /** The run folder (or a foreign log folder), absolute: a run's identity in this window. */
  dir: string;
  /** Folder that holds `.tandem`; null for foreign logs. */
  baseDir: string | null;
  file: RunFile;
  /** Derived from the file and the process, not as last written. */
  status: RunStatus;
  /** A TensorBoard log that another program wrote: read-only. */
  foreign: boolean;
  /** Why the run's files could not be read; null when all is well. */
  problem: string | null;
  /** What the events say beyond the file, for runs that are followed. */
  live: LiveRun | null;
  /** How its job stands with the scheduler; absent for runs without one, and until it has answered. */
  standing?: JobStanding;
}

/** Still going to change by itself. */
export const isActive = (run: RunEntry): boolean => statusIsActive(run.status);

/** A trainer process stands behind it. */
export const isTraining = (run: RunEntry): boolean => statusIsTraining(run.status);

/** Can be taken up again from its last checkpoint. */
export const isResumable = (run: RunEntry): boolean =>
  !run.foreign && run.problem === null && canResume(run.status);

/** The name a person gave the run, else what sets it apart. */
export function runLabel(run: RunEntry): string {
  const { title, settings, experiment, id, sweep } = run.file;
  if (title) return title;
  const count = Object.keys(settings).length;
  if (count > 0 && (sweep || count < 4)) return settingsText(settings);
  return run.foreign ? id : `${experiment} ${id.slice(-4)}`;
}
