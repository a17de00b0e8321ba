import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { followRun } from '../../src/launcher/follow.ts';
import { startTrainer } from '../../src/launcher/start.ts';
import { trainerEnvironment } from '../../src/launcher/trainer-program.ts';
import { HumanError } from '../../src/protocol/human-error.ts';
import { isTraining } from '../../src/protocol/run-status.ts';
import { readRunFile, statusOf } from '../../src/store/run-folder.ts';
import { programs } from '../launcher/programs.ts';

/** Where a trainer is killed. */
export interface Kill {
  where: 'time' | 'line' | 'checkpoint';
  /** Milliseconds, or the number of the event's line, or of the operation on the folder of checkpoints: from 1. */
  at: number;
  /** How much of the line or the operation is done, from 0 to 1. */
  share: number;
}

/** A trainer is started and followed as the product does it, or is started by nobody and watched by a stranger. */
export type Company = 'launcher' | 'stranger';

/** How long whoever follows a run may take to see that its trainer is dead. */
const noticeMs = 5_000;

/**
 * One life of the trainer of a run, to its end or until it is killed; whether it was. Whoever followed it has ended then;
 * throws when that takes longer than it may.
 */
export async function trainerLife(dir: string, kill: Kill | null, company: Company): Promise<boolean> {
  const program = {
    nodePath: process.execPath,
    trainerFile: programs.trainer,
    env: kill === null ? {} : environmentOf(kill),
  };
  return company === 'launcher' ? launched(dir, program) : unlaunched(dir, program);
}

type Program = Parameters<typeof startTrainer>[1];

function environmentOf(kill: Kill): Record<string, string> {
  return {
    NODE_OPTIONS: `--import=${new URL('kill-here.mjs', import.meta.url).href}`,
    KILL_HERE: JSON.stringify(kill),
  };
}

async function launched(dir: string, program: Program): Promise<boolean> {
  try {
    const trainer = await startTrainer(dir, program);
    const following = followRun(dir, trainer, () => undefined);
    const { signal } = (await trainer.exited)!;
    await soon(following);
    return signal === 'SIGKILL';
  } catch (error) {
    // Killed before it had taken up the run.
    if (error instanceof HumanError && error.code === 'trainer_died') return true;
    throw error;
  }
}

async function unlaunched(dir: string, program: Program): Promise<boolean> {
  const child = spawn(program.nodePath, [program.trainerFile, dir], {
    env: trainerEnvironment(program),
    stdio: 'ignore',
  });
  let isOver = false;
  const exited = once(child, 'exit').finally(() => (isOver = true));
  while (!isOver && !isTraining(statusOf(await readRunFile(dir)))) await sleep(10);
  const following = followRun(dir, null, () => undefined);
  await exited;
  await soon(following);
  return child.signalCode === 'SIGKILL';
}

async function soon(following: Promise<unknown>): Promise<void> {
  const late = new AbortController();
  await Promise.race([
    following,
    sleep(noticeMs, undefined, { signal: late.signal }).then(() => {
      throw new Error('Whoever follows the run has not noticed that its trainer is dead.');
    }),
  ]).finally(() => late.abort());
}
