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
}

/** Still going to change by itself. */
export const isActive = (run: RunEntry): boolean => statusIsActive(run.status);

/** A trainer process stands behind it. */
export const isTraining = (run: RunEntry): boolean => statusIsTraining(run.status);

/** Can be taken up again from its last checkpoint. */
export const isResumable = (run: RunEntry): boolean => !run.foreign && canResume(run.status);

/** The name a person gave the run, else what sets it apart. */
export function runLabel(run: RunEntry): string {
  const { title, settings, experiment, id, sweep } = run.file;
  if (title) return title;
  const set = Object.entries(settings).map(([path, value]) => `${shortPath(path)} ${shortValue(value)}`);
  if (set.length > 0 && (sweep || set.length < 4)) return set.join(', ');
  return run.foreign ? id : `${experiment} ${id.slice(-4)}`;
}

/** `optimizer.learning_rate.image` -> `image rate`; else the last part. */
export function shortPath(path: string): string {
  const rate = /learning_rate\.(\w+)$/.exec(path);
  return rate ? `${rate[1]} rate` : path.slice(path.lastIndexOf('.') + 1);
}

/** A setting's value as one writes it: 0.0003 -> 3e-4. */
export function shortValue(value: unknown): string {
  if (typeof value !== 'number') return typeof value === 'object' ? JSON.stringify(value) : String(value);
  const plain = String(value);
  if (value !== 0 && Math.abs(value) < 0.001) return value.toExponential().replace('e+', 'e');
  return plain.length > 8 ? String(Number(value.toPrecision(4))) : plain;
}
