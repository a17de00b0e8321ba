import { said, type Said } from '../../text/say.ts';
import type { EndStatus } from '../../protocol/events.ts';
import type { JobLine } from './commands.ts';

/** How a run's job stands. */
export type JobStanding =
  /** In the queue, with Slurm's reason; empty where it gives none. */
  | { kind: 'waits'; id: string; reason: string }
  /** Started: its trainer trains, begins or ends. */
  | { kind: 'runs'; id: string }
  /** Over, as the run is to say that did not say its end itself. */
  | { kind: 'ended'; id: string; status: EndStatus; reason: Said };

/** What a line of the scheduler means for a run. */
export function standingOf({ id, state, reason, exit }: JobLine): JobStanding {
  if (waiting.has(state)) return { kind: 'waits', id, reason };
  if (going.has(state)) return { kind: 'runs', id };
  const ended = (status: EndStatus, what: Said, todo: Said): JobStanding => ({
    kind: 'ended',
    id,
    status,
    reason: said('The Slurm job {0} {1}. {2}', id, what, todo),
  });
  switch (state) {
    case 'CANCELLED':
    case 'REVOKED':
      return ended('stopped', said('was cancelled'), resumes);
    case 'TIMEOUT':
      return ended(
        'failed',
        said('met its time limit'),
        said('{0} A longer launcher.time spares restarts.', resumes),
      );
    case 'DEADLINE':
      return ended('failed', said('met its deadline'), resumes);
    case 'OUT_OF_MEMORY':
      return ended(
        'failed',
        said('ran out of memory'),
        said('Raise launcher.memory or make train.batch_size smaller, then resume the run.'),
      );
    case 'NODE_FAIL':
    case 'BOOT_FAIL':
      return ended('failed', said('lost its machine ({0})', state), resumes);
    case 'PREEMPTED':
      return ended('stopped', said('was preempted and is not put into the queue again'), resumes);
    case 'COMPLETED':
      return ended('failed', said('ended without an end of the training'), said('The log says why.'));
    default:
      return ended('failed', failure(state, reason, exit), said('The log says more. {0}', resumes));
  }
}

/** Slurm has forgotten the job, and nothing kept how it ended. */
export function goneStanding(id: string): JobStanding {
  return {
    kind: 'ended',
    id,
    status: 'failed',
    reason: said(
      'Slurm does not know the job {0} any more: it ended, and nothing here says how. {1}',
      id,
      resumes,
    ),
  };
}

const resumes = said('Resume submits the run again and goes on from its last checkpoint.');

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

function failure(state: string, reason: string, { code, signal }: JobLine['exit']): Said {
  // The trainer saved because its time was nearly over, and the job could not be put back.
  if (code === 75) return said('came near its time limit: the run saved and is not put into the queue again');
  if (signal === 9)
    return said('was killed (signal 9), as Slurm does when a job takes more memory than launcher.memory');
  const because = reason && reason !== 'NonZeroExitCode' ? said(', {0}', reason) : '';
  if (state === 'FAILED' && signal !== 0) return said('was ended by signal {0}{1}', signal, because);
  if (state === 'FAILED') return said('failed with exit code {0}{1}', code, because);
  return said('ended as {0}{1}', state, because);
}
