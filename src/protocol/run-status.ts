import type { RunStatus } from './events.ts';

/** A trainer process stands behind the run. */
export const isTraining = (status: RunStatus): boolean => status === 'running' || status === 'stopping';

/** Still going to change by itself: it trains, or waits for its turn. */
export const isActive = (status: RunStatus): boolean => status === 'queued' || isTraining(status);

/** Came to an end that was not all of its steps: it can be taken up again from its last checkpoint. */
export const canResume = (status: RunStatus): boolean =>
  !isActive(status) && status !== 'finished' && status !== 'log';

/** Exit code of a trainer that a scheduler ends: it has saved, and goes on when it is started again (EX_TEMPFAIL). */
export const laterCode = 75;

/** All statuses, in the order in which groups of runs and counts name them: what goes on, what went wrong, what is done. */
export const statusOrder: readonly RunStatus[] = [
  'running',
  'stopping',
  'queued',
  'diverged',
  'failed',
  'interrupted',
  'stopped',
  'stopped_early',
  'finished',
  'log',
];

/** How many runs have each status, without those that none has. */
export function countStatuses(statuses: readonly RunStatus[]): [status: RunStatus, count: number][] {
  const counts = statusOrder.map((status): [RunStatus, number] => [
    status,
    statuses.filter((each) => each === status).length,
  ]);
  return counts.filter(([, count]) => count > 0);
}
