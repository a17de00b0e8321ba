import { setTimeout as sleep } from 'node:timers/promises';
import { HumanError } from '../protocol/human-error.ts';
import { isTraining } from '../protocol/run-status.ts';
import type { RunFile, RunJob } from '../protocol/run.ts';
import { isAlive, isCertainlyAlive } from '../store/process-identity.ts';
import { clearStop, readRunFile, requestStop, statusOf } from '../store/run-folder.ts';
import { heartbeatLimitMs } from '../store/status.ts';
import { endedAtOnce, finishRun } from './finish.ts';
import { askToEnd, killTree } from './kill-tree.ts';
import { killThere } from './ssh/kill-there.ts';
import { cancelJob, interruptJob } from './slurm/stop-job.ts';
import { said, t } from '../text/say.ts';

/** How a run came to its stop. */
export type Stopped = 'stopped' | 'killed' | 'not_running';

/**
 * Asks a run's trainer to save a checkpoint and end; after the grace period it is killed with everything it started.
 * A queued run is taken out of the queue. Resolves when no process is left.
 * Throws HumanError for a trainer on another machine that does not answer within the grace period.
 */
export async function stopRun(
  runDir: string,
  { graceMs = 30_000 }: { graceMs?: number } = {},
): Promise<Stopped> {
  const deadline = performance.now() + graceMs;
  let file = await readRunFile(runDir);
  while (statusOf(file) === 'queued') {
    const reason =
      file.step > 0 ? said('Stopped while it waited to go on.') : said('Stopped before it began.');
    if (await finishRun(runDir, { code: null, signal: null }, reason, 'stopped')) {
      // Its job would begin and end at once; the queue is not kept busy with it.
      if (file.job) await cancelJob(file.job);
      return 'stopped';
    }
    // A trainer is just taking it up, and will hear of the wish once it has begun.
    if (performance.now() >= deadline) break;
    await sleep(20);
    file = await readRunFile(runDir);
  }
  if (!isTraining(statusOf(file))) return 'not_running';

  const reached = await askToStop(runDir);
  while (performance.now() < deadline) {
    if (!isTraining(statusOf(await readRunFile(runDir)))) {
      await clearStop(runDir);
      return 'stopped';
    }
    await sleep(50);
  }
  if (file.job) await endJob(runDir, file.job);
  else if (!reached && !file.remote) throw outOfReach(file, graceMs);
  else await killRun(runDir);
  return 'killed';
}

/** Cancels a job whose trainer does not answer; on another machine it is known to be gone when it has been silent for long enough. */
async function endJob(runDir: string, job: RunJob): Promise<void> {
  await cancelJob(job);
  for (
    const deadline = performance.now() + 2 * heartbeatLimitMs;
    performance.now() < deadline;
    await sleep(200)
  )
    if (!isTraining(statusOf(await readRunFile(runDir)))) break;
  await finishRun(runDir, { code: null, signal: 'SIGKILL' }, endedAtOnce, 'stopped');
  await clearStop(runDir);
}

/**
 * Asks a run's trainer, through its folder and with a signal, to save a checkpoint and end. False when only the folder
 * reaches it, because it runs elsewhere or is not certain to be the process that run.json names. A scheduler's job gets the signal from there.
 */
export async function askToStop(runDir: string): Promise<boolean> {
  await requestStop(runDir);
  const { process, job } = await readRunFile(runDir);
  if (job) await interruptJob(job);
  if (job || !process || !isCertainlyAlive(process)) return false;
  askToEnd(process.pid);
  return true;
}

/** Ends a run's trainer at once; what it did since the last checkpoint is lost. Resolves when it is gone. */
export async function killRun(runDir: string): Promise<void> {
  const { process, remote } = await readRunFile(runDir);
  if (process && isCertainlyAlive(process)) {
    await killTree(process.pid);
    await untilGone(process);
  }
  if (remote) await killThere(runDir, remote);
  await finishRun(runDir, { code: null, signal: 'SIGKILL' }, endedAtOnce, 'stopped');
  // Only now: until then whoever follows the run sees that its end was asked for.
  await clearStop(runDir);
}

/** How long a killed process may take to vanish: a system that writes its memory out is slow, one of another user stays. */
const vanishMs = 10_000;

async function untilGone(process: NonNullable<RunFile['process']>): Promise<void> {
  for (const deadline = performance.now() + vanishMs; isCertainlyAlive(process); await sleep(20))
    if (performance.now() > deadline)
      throw new HumanError(
        said('Process {0} could not be ended.', process.pid),
        said('Does it belong to another user? Ask them, or end it as an administrator.'),
        'not_ended',
      );
}

function outOfReach({ process }: RunFile, graceMs: number): HumanError {
  const isHere = process !== null && isAlive(process) === true;
  const where = isHere
    ? t('may be process {0}, but this system does not say for certain,', process.pid)
    : t('runs on {0}', process?.host ?? t('another machine'));
  return new HumanError(
    said('The trainer {0} and has not stopped within {1} s.', where, graceMs / 1000),
    said(
      'It was asked to and will when it reads its folder; end it {0} if it hangs.',
      isHere ? said('by hand') : said('there'),
    ),
    'stop_elsewhere',
  );
}
