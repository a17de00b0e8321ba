import { setTimeout as sleep } from 'node:timers/promises';
import { HumanError } from '../protocol/human-error.ts';
import { isTraining } from '../protocol/run-status.ts';
import type { RunFile } from '../protocol/run.ts';
import { isAlive, isCertainlyAlive } from '../store/process-identity.ts';
import { clearStop, readRunFile, requestStop, statusOf } from '../store/run-folder.ts';
import { endedAtOnce, finishRun } from './finish.ts';
import { askToEnd, killTree } from './kill-tree.ts';

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
    if (await finishRun(runDir, { code: null, signal: null }, 'Stopped before it began.', 'stopped'))
      return 'stopped';
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
  if (!reached) throw outOfReach(file, graceMs);
  await killRun(runDir);
  return 'killed';
}

/**
 * Asks a run's trainer, through its folder and with a signal, to save a checkpoint and end. False when only the folder
 * reaches it, because it runs elsewhere or is not certain to be the process that run.json names.
 */
export async function askToStop(runDir: string): Promise<boolean> {
  await requestStop(runDir);
  const { process } = await readRunFile(runDir);
  if (!process || !isCertainlyAlive(process)) return false;
  askToEnd(process.pid);
  return true;
}

/** Ends a run's trainer at once; what it did since the last checkpoint is lost. Resolves when it is gone. */
export async function killRun(runDir: string): Promise<void> {
  const { process } = await readRunFile(runDir);
  if (process && isCertainlyAlive(process)) {
    await killTree(process.pid);
    await untilGone(process);
  }
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
        `Process ${process.pid} could not be ended.`,
        'Does it belong to another user? Ask them, or end it as an administrator.',
        'not_ended',
      );
}

function outOfReach({ process }: RunFile, graceMs: number): HumanError {
  const isHere = process !== null && isAlive(process) === true;
  const where = isHere
    ? `may be process ${process.pid}, but this system does not say for certain,`
    : `runs on ${process?.host ?? 'another machine'}`;
  return new HumanError(
    `The trainer ${where} and has not stopped within ${graceMs / 1000} s.`,
    `It was asked to and will when it reads its folder; end it ${isHere ? 'by hand' : 'there'} if it hangs.`,
    'stop_elsewhere',
  );
}
