import { HumanError } from '../../protocol/human-error.ts';
import type { RunEntry } from '../run-entry.ts';
import { askJobs, asksScheduler, type JobRun } from '../slurm/settle.ts';
import type { JobStanding } from '../slurm/states.ts';
import { note } from './output.ts';
import { t } from '../../text/say.ts';

/**
 * How the jobs of runs stand, by folder; null when none of the runs has one that may still change. A scheduler that does not answer is said,
 * and the folders alone are gone by.
 */
export async function jobStandings(runs: JobRun[]): Promise<Map<string, JobStanding> | null> {
  if (!runs.some(({ file }) => asksScheduler(file))) return null;
  try {
    return await askJobs(runs);
  } catch (error) {
    if (!(error instanceof HumanError)) throw error;
    note(t('{0} Shown is what the run folders say.', error.what));
    return new Map();
  }
}

/** An entry with why its job waits. */
export function withStanding<Entry extends Pick<RunEntry, 'job'>>(
  entry: Entry,
  standing?: JobStanding,
): Entry {
  if (!entry.job || standing?.kind !== 'waits') return entry;
  return { ...entry, job: { ...entry.job, waits: standing.reason || 'PENDING' } };
}
