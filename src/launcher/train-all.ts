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

/**
 * Trains queued runs to their ends, no more than `max` at a time, whoever starts them: a window may take some over. One
 * that cannot begin, or whose folder goes away, does not keep the others; the first such failure is the result.
 */
export async function trainAll(dirs: string[], options: TrainAllOptions): Promise<Error | null> {
  const waiting = new Set(dirs);
  const followed = new Map<string, Promise<void>>();
  const failures: unknown[] = [];
  const fail = (error: unknown): void => void failures.push(error);
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
      .catch(fail)
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
        askToStop(dir).catch(fail);
      }
  };
  const onKill = (): void => {
    for (const dir of followed.keys()) killRun(dir).catch(fail);
  };
  options.stop.addEventListener('abort', onStop);
  options.kill.addEventListener('abort', onKill);
  try {
    while (waiting.size > 0 || followed.size > 0) {
      if (options.stop.aborted) {
        for (const dir of waiting) await stopRun(dir, { graceMs: 0 }).catch(fail);
        waiting.clear();
        onStop();
      } else if (waiting.size > 0) {
        const { started, failed, running } = await pumpQueue(options.runsDirs, options.max, options.program, {
          only: waiting,
        });
        for (const { dir, trainer } of started) follow(dir, trainer);
        for (const { dir, error } of failed) {
          waiting.delete(dir);
          fail(error);
        }
        for (const dir of waiting) {
          // Another window may have started one of ours, stopped it before it began, or deleted it.
          const status = await readRunFile(dir).then(statusOf, fail);
          if (status && isTraining(status)) follow(dir, null);
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
  const [first] = failures;
  return first === undefined || first instanceof Error ? (first ?? null) : new Error(String(first));
}
