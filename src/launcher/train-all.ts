import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEvent } from '../protocol/events.ts';
import { isTraining } from '../protocol/run-status.ts';
import type { RunState } from '../protocol/state.ts';
import { readRunFile, statusOf } from '../store/run-folder.ts';
import { finishRun } from './finish.ts';
import { followRun } from './follow.ts';
import { pumpQueue } from './queue.ts';
import type { StartedTrainer } from './start.ts';
import { askToStop, killRun, stopRun } from './stop.ts';
import type { TrainerProgram } from './trainer-program.ts';

export interface TrainAllOptions {
  /** Folders whose running runs count against `max`. */
  runsDirs: string[];
  max: number;
  program: TrainerProgram;
  /** Aborted: running trainers save and end, queued runs leave the queue. */
  stop: AbortSignal;
  /** Aborted: trainers are killed. */
  kill: AbortSignal;
  onStarted: (dir: string) => Promise<void>;
  onEvents: (dir: string, events: RunEvent[], state: RunState) => void;
  onEnded: (dir: string) => Promise<void>;
  /** Nothing can start because that many other runs are training. Said once. */
  onWaiting: (others: number) => void;
}

/** Trains queued runs to their ends, no more than `max` at a time, whoever starts them: a window may take some over. */
export async function trainAll(dirs: string[], options: TrainAllOptions): Promise<void> {
  const waiting = new Set(dirs);
  const followed = new Map<string, Promise<void>>();
  const failures: unknown[] = [];
  let hasSaidWaiting = false;

  const follow = (dir: string, trainer: StartedTrainer | null): void => {
    waiting.delete(dir);
    const task = (async () => {
      await options.onStarted(dir);
      await followRun(
        dir,
        trainer,
        (events, state) => options.onEvents(dir, events, state),
        (exit) => (options.kill.aborted ? killRun(dir) : finishRun(dir, exit)),
      );
      await options.onEnded(dir);
    })()
      .catch((error: unknown) => failures.push(error))
      .finally(() => followed.delete(dir));
    followed.set(
      dir,
      task.then(() => undefined),
    );
  };

  const asked = new Set<string>();
  const onStop = (): void => {
    for (const dir of followed.keys())
      if (!asked.has(dir)) {
        asked.add(dir);
        void askToStop(dir);
      }
  };
  const onKill = (): void => {
    for (const dir of followed.keys()) void killRun(dir);
  };
  options.stop.addEventListener('abort', onStop);
  options.kill.addEventListener('abort', onKill);
  try {
    while (waiting.size > 0 || followed.size > 0) {
      if (options.stop.aborted) {
        for (const dir of waiting) await stopRun(dir, { graceMs: 0 });
        waiting.clear();
        onStop();
      } else if (waiting.size > 0) {
        const { started, failed, running } = await pumpQueue(options.runsDirs, options.max, options.program, {
          only: waiting,
        });
        for (const { dir, trainer } of started) follow(dir, trainer);
        for (const { dir, error } of failed) {
          waiting.delete(dir);
          failures.push(error);
        }
        for (const dir of waiting) {
          // Another window may have started one of ours, or stopped it before it began.
          const status = statusOf(await readRunFile(dir));
          if (isTraining(status)) follow(dir, null);
          else if (status !== 'queued') waiting.delete(dir);
        }
        if (followed.size === 0 && running > 0 && !hasSaidWaiting) {
          hasSaidWaiting = true;
          options.onWaiting(running);
        }
      }
      await Promise.race([...followed.values(), sleep(500)]);
    }
  } finally {
    options.stop.removeEventListener('abort', onStop);
    options.kill.removeEventListener('abort', onKill);
  }
  // Runs that could not begin are marked as failed in their folders; the first cause is ours to tell.
  if (failures.length > 0) throw failures[0];
}
