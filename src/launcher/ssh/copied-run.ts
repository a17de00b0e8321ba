import { setTimeout as sleep } from 'node:timers/promises';
import type { Launcher } from '../../experiment/config.ts';
import { HumanError } from '../../protocol/human-error.ts';
import type { RunStatus } from '../../protocol/events.ts';
import type { RunFile } from '../../protocol/run.ts';
import { isActive, isTraining } from '../../protocol/run-status.ts';
import {
  claimRun,
  clearStop,
  readRunFile,
  statusOf,
  stopRequested,
  updateRunFile,
} from '../../store/run-folder.ts';
import { parseRunFile } from '../../store/run-file.ts';
import { quoted } from '../shell.ts';
import type { Machine } from './machine.ts';
import { placeThere, projectOf, trainerLine, type Place } from './places.ts';

/** Time between two looks at the run there. */
const lookMs = 2_000;
/** A machine that cannot be reached for this long is given up; its trainer goes on, and resume finds it again. */
const lostMs = 10 * 60_000;

/** What each side keeps for itself: who writes there, what was asked for here. */
const own = ['claims', 'stop', 'annotations.jsonl', '.reserve', '.curves', '.time.*', '.*.*'];
const without = (names: string[]): string[] => names.map((name) => `--exclude=${name}`);

/**
 * Trains a run on another machine in a copy of its project and keeps the run folder here as the one there is. Resolves to the exit code of a
 * trainer. A stop that is asked for here is asked for there.
 */
export async function trainCopied(
  dir: string,
  machine: Machine,
  launcher: Launcher,
  { onlyQueued, trainerFile, isAsked }: { onlyQueued: boolean; trainerFile: string; isAsked: () => boolean },
): Promise<number> {
  const claim = await claimRun(dir);
  try {
    const before = await readRunFile(dir);
    if (onlyQueued && statusOf(before) === 'stopped') return 0;
    await clearStop(dir);
    await updateRunFile(dir, {
      status: 'running',
      process: claim.process,
      heartbeat: Date.now(),
      reason: null,
    });
    console.log(`Copying the project to ${launcher.host}.`);
    const there = await placeThere(machine, launcher.folder!, dir);
    await bring(dir, before, machine, there);
    const log = await machine.run(
      `touch ${quoted(there.run)}/trainer.log; wc -c < ${quoted(there.run)}/trainer.log`,
    );
    const started = await start(machine, there, launcher, trainerFile);
    const { process } = claim;
    const status = await follow(dir, machine, there, { started, logFrom: Number(log), isAsked, process });
    return status === 'finished' || status === 'stopped' ? 0 : 3;
  } finally {
    await claim.release();
  }
}

/** The project, and the run where it came further here than there; where it went on there, it is what counts. */
async function bring(dir: string, here: RunFile, machine: Machine, there: Place): Promise<void> {
  await machine.copy([
    ...without(['/.git', 'node_modules', '/.tandem']),
    `${projectOf(dir)}/`,
    `:${there.project}/`,
  ]);
  const known = await lookAt(machine, there).catch(() => null);
  if (known === null || known.file.step < here.step) {
    await machine.run(`mkdir -p ${quoted(there.run)}`);
    await machine.copy([...without([...own, 'trainer.log']), `${dir}/`, `:${there.run}/`]);
  }
}

/** Starts the trainer there, detached from the connection. One that trains there already stays the only one. */
async function start(
  machine: Machine,
  there: Place,
  launcher: Launcher,
  trainerFile: string,
): Promise<number> {
  const line = quoted(trainerLine(launcher, there.run, trainerFile));
  const printed = await machine.run(
    `cd ${quoted(there.run)} && { setsid nohup bash -lc ${line} >>trainer.log 2>&1 </dev/null & echo $!; }`,
  );
  return Number(printed.trim().split('\n').at(-1));
}

interface Look {
  file: RunFile;
  isAlive: boolean;
  log: string;
}

/** Everything that is asked at a time: run.json, whether one of the processes lives, and what they printed since. */
async function lookAt(machine: Machine, { run }: Place, pids: number[] = [], logFrom = 0): Promise<Look> {
  const isOne = pids.map((pid) => `kill -0 ${pid} 2>/dev/null`).join(' || ') || 'false';
  // First the processes: of one that is gone run.json has the last word.
  const printed = await machine.run(
    `cd ${quoted(run)} && { { ${isOne}; } && printf yes; printf '\\0'; } && cat run.json && printf '\\0' && tail -c +${logFrom + 1} trainer.log`,
  );
  const [isAlive = '', text = '', log = ''] = printed.split('\0');
  return { file: parseRunFile(text, run), isAlive: isAlive === 'yes', log };
}

/** Keeps the folder here up to date until no trainer is left there; gives what became of the run. */
async function follow(
  dir: string,
  machine: Machine,
  there: Place,
  {
    started,
    logFrom,
    isAsked,
    process: own,
  }: { started: number; logFrom: number; isAsked: () => boolean; process: Process },
): Promise<RunStatus> {
  let [from, reachedAt, isTold] = [logFrom, performance.now(), false];
  // One that an earlier connection started is found by what it wrote.
  let pid = (await lookAt(machine, there)).file.process?.pid ?? started;
  for (;;) {
    try {
      const { file, isAlive, log } = await lookAt(machine, there, [started, pid], from);
      process.stdout.write(log);
      from += Buffer.byteLength(log);
      pid = file.process?.pid ?? pid;
      await fetch(dir, machine, there);
      reachedAt = performance.now();
      const isOver = !isAlive && !isActive(file.status);
      if (isTraining(file.status) || isOver) await take(dir, file, own);
      // Of one that is gone without a word, whoever started this program tells the end, from the log.
      if (!isAlive) return isOver ? file.status : 'interrupted';
      if (!isTold && (isAsked() || (await stopRequested(dir)))) {
        await machine.run(`touch ${quoted(`${there.run}/stop`)}`);
        isTold = true;
      }
    } catch (error) {
      if (!(error instanceof HumanError) || error.code !== 'ssh_failed') throw error;
      console.error(error.what);
      if (performance.now() - reachedAt > lostMs) throw error;
    }
    await sleep(lookMs);
  }
}

/** Events and curves only ever grow; checkpoints are whole or not there. */
async function fetch(dir: string, machine: Machine, { run }: Place): Promise<void> {
  await machine.copy([
    '--append',
    '--include=/events.jsonl',
    '--include=/tensorboard/***',
    '--exclude=*',
    `:${run}/`,
    `${dir}/`,
  ]);
  await machine.copy([
    '--delete',
    ...without(['.writing-*']),
    '--include=/checkpoints/***',
    '--exclude=*',
    `:${run}/`,
    `${dir}/`,
  ]);
}

/** run.json as it is there, with this program as the process that answers for it here. */
async function take(dir: string, there: RunFile, process: Process): Promise<void> {
  // That a stop was asked for is said by a file of its own.
  const status = there.status === 'stopping' ? 'running' : there.status;
  await updateRunFile(dir, (file) => ({ ...there, id: file.id, status, process }));
}

type Process = NonNullable<RunFile['process']>;
