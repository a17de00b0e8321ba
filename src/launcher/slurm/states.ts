import type { EndStatus } from '../../protocol/events.ts';
import type { JobLine } from './commands.ts';

/** How a run's job stands. */
export type JobStanding =
  /** In the queue, with Slurm's reason; empty where it gives none. */
  | { kind: 'waits'; id: string; reason: string }
  /** Started: its trainer trains, begins or ends. */
  | { kind: 'runs'; id: string }
  /** Over, as the run is to say that did not say its end itself. */
  | { kind: 'ended'; id: string; status: EndStatus; reason: string };

/** What a line of the scheduler means for a run. */
export function standingOf({ id, state, reason, exit }: JobLine): JobStanding {
  if (waiting.has(state)) return { kind: 'waits', id, reason };
  if (going.has(state)) return { kind: 'runs', id };
  const ended = (status: EndStatus, what: string, todo: string): JobStanding => ({
    kind: 'ended',
    id,
    status,
    reason: `The Slurm job ${id} ${what}. ${todo}`,
  });
  switch (state) {
    case 'CANCELLED':
    case 'REVOKED':
      return ended('stopped', 'was cancelled', resumes);
    case 'TIMEOUT':
      return ended('failed', 'met its time limit', `${resumes} A longer launcher.time spares restarts.`);
    case 'DEADLINE':
      return ended('failed', 'met its deadline', resumes);
    case 'OUT_OF_MEMORY':
      return ended(
        'failed',
        'ran out of memory',
        'Raise launcher.memory or make train.batch_size smaller, then resume the run.',
      );
    case 'NODE_FAIL':
    case 'BOOT_FAIL':
      return ended('failed', `lost its machine (${state})`, resumes);
    case 'PREEMPTED':
      return ended('stopped', 'was preempted and is not put into the queue again', resumes);
    case 'COMPLETED':
      return ended('failed', 'ended without an end of the training', 'The log says why.');
    default:
      return ended('failed', failure(state, reason, exit), `The log says more. ${resumes}`);
  }
}

/** Slurm has forgotten the job, and nothing kept how it ended. */
export function goneStanding(id: string): JobStanding {
  return {
    kind: 'ended',
    id,
    status: 'failed',
    reason: `Slurm does not know the job ${id} any more: it ended, and nothing here says how. ${resumes}`,
  };
}

const resumes = 'Resume submits the run again and goes on from its last checkpoint.';

const waiting = new Set([
  'PENDING',
  'REQUEUED',
  'REQUEUE_FED',
  'REQUEUE_HOLD',
  'SPECIAL_EXIT',
  'RESV_DEL_HOLD',
]);
const going = new Set([
  'RUNNING',
  'COMPLETING',
  'CONFIGURING',
  'SIGNALING',
  'STAGE_OUT',
  'SUSPENDED',
  'STOPPED',
  'RESIZING',
]);

function failure(state: string, reason: string, { code, signal }: JobLine['exit']): string {
  // The trainer saved because its time was nearly over, and the job could not be put back.
  if (code === 75) return 'came near its time limit: the run saved and is not put into the queue again';
  if (signal === 9)
    return 'was killed (signal 9), as Slurm does when a job takes more memory than launcher.memory';
  const because = reason && reason !== 'NonZeroExitCode' ? `, ${reason}` : '';
  if (state === 'FAILED' && signal !== 0) return `was ended by signal ${signal}${because}`;
  if (state === 'FAILED') return `failed with exit code ${code}${because}`;
  return `ended as ${state}${because}`;
}
