import type { MetricSummary, RunFile, SweepPlace } from '../protocol/run.ts';
import type { RunStatus } from '../protocol/events.ts';
import { statusOf } from '../store/run-folder.ts';
import { jobId } from './slurm/job-id.ts';
import { t } from '../text/say.ts';

/** A run as `tandem runs --json` lists it. */
export interface RunEntry {
  id: string;
  experiment: string;
  status: RunStatus;
  step: number;
  steps: number;
  /** What was set beside the experiment file, by dotted key. */
  settings: Record<string, unknown>;
  /** Last and best value of each metric. */
  summary: Record<string, MetricSummary>;
  title: string | null;
  sweep: SweepPlace | null;
  /** Why a failed or diverged run ended. */
  reason: string | null;
  /** Why run.json cannot be read: then nothing but the folder's name is known. null when all is well. */
  problem: string | null;
  /** Its job of a scheduler, and why that waits where it was asked; null for a run that is started here. */
  job: { id: string; waits: string | null } | null;
  /** Unix ms. */
  created: number;
  /** The run folder. */
  dir: string;
}

export function runEntry(dir: string, file: RunFile, problem: string | null = null): RunEntry {
  const status = statusOf(file);
  const isForgotten = file.status === 'queued' && status === 'interrupted';
  return {
    id: file.id,
    experiment: file.experiment,
    status,
    step: file.step,
    steps: file.steps,
    settings: file.settings,
    summary: file.summary,
    title: file.title,
    sweep: file.sweep,
    reason:
      file.reason ?? (isForgotten ? t('The command that was to start it is gone. Resume starts it.') : null),
    problem,
    job: file.job && { id: jobId(file.job), waits: null },
    created: file.created,
    dir,
  };
}
