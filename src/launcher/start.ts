import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { HumanError } from '../protocol/human-error.ts';
import { isTraining } from '../protocol/run-status.ts';
import { writerOf } from '../store/claim.ts';
import { logFile, readRunFile, statusOf } from '../store/run-folder.ts';
import { type Exit, finishRun } from './finish.ts';
import { killTree } from './kill-tree.ts';
import { startNotifier } from './notify/start.ts';
import { isNoRun, runGone } from './run-gone.ts';
import { programOf } from './ssh/remote-program.ts';
import { beginLog, logTail, tellingLine } from './trainer-log.ts';
import { type TrainerProgram, trainerEnvironment } from './trainer-program.ts';
import { said } from '../text/say.ts';

/** A trainer that has taken up its run. */
export interface StartedTrainer {
  pid: number;
  /** How the process ended. Null when another process was quicker to take up the run: its end is seen in the folder. */
  exited: Promise<Exit> | null;
}

/**
 * Starts a trainer on a run folder, detached: it outlives whoever started it. Its output goes to the run's log.
 * Resolves once the trainer has taken up the run. Throws HumanError when it ended before that or could not be
 * started; the run is then marked as failed. `signal` ends a trainer that has not yet begun.
 */
export async function startTrainer(
  runDir: string,
  program: TrainerProgram,
  { claimTimeoutMs = 120_000, signal }: { claimTimeoutMs?: number; signal?: AbortSignal } = {},
): Promise<StartedTrainer> {
  await beginLog(logFile(runDir));
  const before = await readRunFile(runDir);
  const isQueued = before.status === 'queued';
  const starts = programOf(before, program);
  const { child, exited } = await spawnDetached(runDir, starts, isQueued ? ['--queued'] : []);
  let exit: Exit | null = null;
  void exited.then((value) => (exit = value));
  /** Only a child that has not been waited for still owns its pid. */
  const end = (): Promise<void> => (exit === null ? killTree(child.pid!) : Promise.resolve());

  const deadline = performance.now() + claimTimeoutMs;
  while (performance.now() < deadline) {
    const file = await readRunFile(runDir).catch(async (error: unknown) => {
      // Its folder was deleted: nothing may train on in its place.
      await end();
      throw isNoRun(error) ? runGone(runDir) : error;
    });
    const status = statusOf(file);
    const isTaken = isTraining(status);
    const isOurs = file.process?.pid === child.pid;
    // A short run may have ended between two looks.
    if (isTaken || (exit !== null && status !== 'queued' && isOurs)) {
      // From here on whoever follows the run decides how long this process lives.
      child.unref();
      if (isOurs) await startNotifier(runDir, program, before);
      return { pid: file.process?.pid ?? child.pid!, exited: isOurs ? exited : null };
    }
    if (isQueued && status === 'stopped' && !isOurs) {
      await end();
      throw new HumanError(
        said('{0} was stopped before it began.', file.id),
        said('Resume starts it again.'),
        'stopped_before',
      );
    }
    // Ours may have ended because another trainer has the run; then that one's beginning is waited for.
    if (exit !== null && (await writerOf(runDir)) === null) {
      const failure = await diedAtOnce(runDir, exit);
      await startNotifier(runDir, program, before);
      throw failure;
    }
    if (signal?.aborted) break;
    await sleep(30);
  }
  await end();
  const failure = await diedAtOnce(runDir, await exited);
  await startNotifier(runDir, program, before);
  throw failure;
}

/** Its end is listened for from the beginning: a trainer may live for a millisecond. Rejects with a HumanError when there is no such program. */
async function spawnDetached(
  runDir: string,
  program: TrainerProgram,
  options: string[],
): Promise<{ child: ChildProcess; exited: Promise<Exit> }> {
  const log = await open(logFile(runDir), 'a');
  try {
    const child = spawn(
      program.nodePath,
      [program.trainerFile, ...(program.args ?? []), runDir, ...options],
      {
        cwd: runDir,
        detached: true,
        windowsHide: true,
        stdio: ['ignore', log.fd, log.fd],
        env: trainerEnvironment(program),
      },
    );
    const exited = new Promise<Exit>((resolve) =>
      child.once('exit', (code, signal) => resolve({ code, signal })),
    );
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    return { child, exited };
  } catch (error) {
    const reason = new HumanError(
      said('{0} could not be started ({1}).', program.nodePath, (error as Error).message),
      said('Check that the path names Node 20 or newer.'),
      'no_node',
    );
    await finishRun(runDir, { code: null, signal: null }, reason.said);
    throw reason;
  } finally {
    await log.close();
  }
}

async function diedAtOnce(runDir: string, exit: Exit): Promise<HumanError> {
  await finishRun(runDir, exit);
  const line = tellingLine(await logTail(logFile(runDir)));
  return new HumanError(
    line === null
      ? said('The trainer ended before it began.')
      : said('The trainer ended before it began: {0}.', line.replace(/\.$/, '')),
    said('Its whole output is in {0}.', logFile(runDir)),
    'trainer_died',
  );
}
