import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEvent } from '../protocol/events.ts';
import { isActive } from '../protocol/run-status.ts';
import { emptyRunState, foldRun, type RunState } from '../protocol/state.ts';
import { followEvents } from '../store/events.ts';
import { readRunFile, statusOf } from '../store/run-folder.ts';
import { type Exit, finishRun } from './finish.ts';
import type { StartedTrainer } from './start.ts';

/** Time between two looks at a run's events. */
const intervalMs = 100;

/**
 * Follows a run until its trainer is gone, whoever started it, and gives its state then. A trainer that died without a
 * word gets its end event here, from how its process ended; `finish` does it in another way (a run that was killed on
 * purpose).
 */
export async function followRun(
  runDir: string,
  trainer: StartedTrainer | null,
  onEvents: (events: RunEvent[], state: RunState) => void,
  finish: (exit: Exit) => Promise<unknown> = (exit) => finishRun(runDir, exit),
): Promise<RunState> {
  const state = emptyRunState();
  const abort = new AbortController();
  const reading = followEvents(runDir, {
    intervalMs,
    signal: abort.signal,
    onEvents: (events) => {
      foldRun(state, events);
      onEvents(events, state);
    },
  });
  await Promise.race([reading, endOf(runDir, trainer)]);
  if (trainer?.exited) await finish(await trainer.exited);
  // The last events are written before the process ends: one more look finds them all.
  await sleep(1.5 * intervalMs);
  abort.abort();
  await reading;
  return state;
}

/** Resolves when no process writes the run any more. */
async function endOf(runDir: string, trainer: StartedTrainer | null): Promise<void> {
  if (trainer?.exited) {
    await trainer.exited;
    return;
  }
  for (;;) {
    const status = statusOf(await readRunFile(runDir));
    if (!isActive(status)) return;
    await sleep(250);
  }
}
