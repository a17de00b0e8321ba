import { setTimeout as sleep } from 'node:timers/promises';
import type { EndStatus } from '../protocol/events.ts';
import { writerOf } from '../store/claim.ts';
import { readRunFile, stopRequested } from '../store/run-folder.ts';
import { heartbeatLimitMs } from '../store/status.ts';
import { trainRun, type TrainOptions } from './run.ts';

/** A trainer on a machine that was lost is known to be gone this long after its last sign of life. */
const goneMs = heartbeatLimitMs + 30_000;

/**
 * Trains a run as a scheduler's job does, which may be started several times: a run that a person stopped, or that is done, stays so. At a
 * SIGTERM (a time limit that is near, a job that goes first) it saves and is `queued` again; a SIGINT, or a request in its folder, is a
 * person's and stops it.
 */
export async function trainScheduled(
  dir: string,
  signals: NodeJS.EventEmitter = process,
  options: Pick<TrainOptions, 'timeProvider' | 'sampler'> = {},
): Promise<EndStatus | 'queued'> {
  let isPaused = false;
  let isStopped = false;
  const onTerm = (): void => void (isPaused = true);
  const onInterrupt = (): void => void (isStopped = true);
  signals.on('SIGTERM', onTerm).on('SIGINT', onInterrupt);
  try {
    // What else keeps the run from being taken up is the claim's to say.
    for (const deadline = performance.now() + goneMs; (await writerOf(dir)) && performance.now() < deadline;)
      await sleep(2_000);
    const { status } = await readRunFile(dir);
    if (status === 'stopped' || status === 'finished' || status === 'diverged') return status;
    let goesOn = false;
    const end = await trainRun(dir, signals, {
      ...options,
      goesOn: async () => (goesOn = isPaused && !isStopped && !(await stopRequested(dir))),
    });
    if (!goesOn) return end;
    console.log('The run goes on from here when its job is started again.');
    return 'queued';
  } finally {
    signals.off('SIGTERM', onTerm).off('SIGINT', onInterrupt);
  }
}
