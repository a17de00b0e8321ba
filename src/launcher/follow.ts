import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEvent } from '../protocol/events.ts';
import { isTraining } from '../protocol/run-status.ts';
import { emptyRunState, foldRun, type RunState } from '../protocol/state.ts';
import { followEvents } from '../store/events.ts';
import { readRunFile, statusOf } from '../store/run-folder.ts';
import { type Exit, finishRun } from './finish.ts';
import { killTree } from './kill-tree.ts';
import { isNoRun, runGone } from './run-gone.ts';
import type { StartedTrainer } from './start.ts';

/** Time between two looks at a run's events. */
const intervalMs = 100;
/** Time between two looks at whether the run is still there and written. */
const standingMs = 250;

/**
 * Follows a run until its trainer is gone, whoever started it, and gives its state then. A trainer that died without a
 * word gets its end event here, from how its process ended; `finish` does it in another way (a run that was killed on
 * purpose). Throws HumanError `run_gone` when the run's folder was deleted or moved; a trainer of ours is ended then.
 */
export async function followRun(
  runDir: string,
  trainer: StartedTrainer | null,
  onEvents: (events: RunEvent[], state: RunState) => void,
  finish: (exit: Exit) => Promise<unknown> = (exit) => finishRun(runDir, exit),
): Promise<RunState> {
  const state = emptyRunState();
  const abort = new AbortController();
  const { signal } = abort;
  let exit: Exit | null = null;
  void trainer?.exited?.then((value) => (exit = value));
  const over = endOf(runDir, trainer, signal).then((value) => value && finish(value));
  const take = (events: RunEvent[]): void => {
    foldRun(state, events);
    onEvents(events, state);
  };
  try {
    // The last events are written before the process ends, or by `finish`: reading on until then finds them all.
    await Promise.all([over, followEvents(runDir, { intervalMs, signal, until: over, onEvents: take })]);
    return state;
  } catch (error) {
    if (!isNoRun(error)) throw error;
    if (trainer?.exited && exit === null) await killTree(trainer.pid);
    throw runGone(runDir);
  } finally {
    abort.abort();
  }
}

/** How our own trainer ended (null: somebody else's), once no process writes the run any more. */
async function endOf(
  runDir: string,
  trainer: StartedTrainer | null,
  signal: AbortSignal,
): Promise<Exit | null> {
  while (!signal.aborted) {
    const status = statusOf(await readRunFile(runDir));
    if (trainer?.exited) {
      const exit = await Promise.race([trainer.exited, sleep(standingMs)]);
      if (exit) return exit;
    } else {
      if (!isTraining(status)) return null;
      await sleep(standingMs);
    }
  }
  return null;
}
