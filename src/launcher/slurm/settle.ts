import type { RunFile, RunJob } from '../../protocol/run.ts';
import { isActive } from '../../protocol/run-status.ts';
import { annotateRun, statusOf } from '../../store/run-folder.ts';
import { finishRun } from '../finish.ts';
import { answerLimitMs, sacct, squeue, type JobLine } from './commands.ts';
import { jobId } from './job-id.ts';
import { goneStanding, standingOf, type JobStanding } from './states.ts';

/** What asking is about: a run and what its folder says. */
export interface JobRun {
  dir: string;
  file: RunFile;
}

/** A job that Slurm does not list yet was submitted at most this long ago. */
const submitGraceMs = 90_000;

/** Whether the scheduler may know more of a run than its folder: its job waits, trains, or ended without a word. */
export function asksScheduler(file: RunFile): boolean {
  if (file.job === null) return false;
  const status = statusOf(file);
  return isActive(status) || status === 'interrupted';
}

/**
 * Asks the scheduler once for all runs that have jobs. A run whose job is over without an end in its folder gets it here; of the others the
 * standing is given, by folder. Throws HumanError `slurm_silent` when it does not answer in time, `no_slurm` where there is none.
 */
export async function askJobs(runs: JobRun[], limitMs = answerLimitMs): Promise<Map<string, JobStanding>> {
  const asked = runs
    .filter(({ file }) => asksScheduler(file))
    .map(({ dir, file }) => ({ dir, job: file.job! }));
  const standings = new Map<string, JobStanding>();
  if (asked.length === 0) return standings;
  const known = byPlace(await squeue([...new Set(asked.map(({ job }) => job.name))], limitMs));
  const missing = asked.filter(({ job }) => !known.has(placeOf(job)) && job.id !== null);
  const ids = [...new Set(missing.map(({ job }) => job.id!))];
  const over = ids.length > 0 ? byPlace(await sacct(ids, limitMs)) : new Map<string, JobLine>();
  for (const { dir, job } of asked) {
    const line = known.get(placeOf(job)) ?? over.get(placeOf(job));
    if (line && job.id === null) await annotateRun(dir, { job: { ...job, id: line.id.split('_')[0]! } });
    const standing = line ? standingOf(line) : unlisted(job);
    if (standing.kind !== 'ended') standings.set(dir, standing);
    // The folder's own word counts: of a run that said its end, or that a trainer writes, nothing is changed.
    else await finishRun(dir, { code: null, signal: null }, standing.reason, standing.status);
  }
  return standings;
}

function unlisted(job: RunJob): JobStanding {
  const isNew = job.id === null && Date.now() - job.submitted < submitGraceMs;
  return isNew ? { kind: 'waits', id: jobId(job), reason: '' } : goneStanding(jobId(job));
}

const placeOf = ({ name, task }: RunJob): string => `${name} ${task ?? ''}`;

function byPlace(lines: JobLine[]): Map<string, JobLine> {
  return new Map(lines.map((line) => [`${line.name} ${line.id.split('_')[1] ?? ''}`, line]));
}
