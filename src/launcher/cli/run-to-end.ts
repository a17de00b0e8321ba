import { relative } from 'node:path';
import type { RunEvent } from '../../protocol/events.ts';
import { atChanceText, ofHowMany, withChance } from '../../analysis/metric-words.ts';
import { endedAtChance } from '../../protocol/chance.ts';
import { recallK, trainLoss, valLoss } from '../../protocol/metrics.ts';
import type { RunFile } from '../../protocol/run.ts';
import type { RunState } from '../../protocol/state.ts';
import { readEvents } from '../../store/events.ts';
import { readRunFile } from '../../store/run-folder.ts';
import { finishRun } from '../finish.ts';
import { followRun } from '../follow.ts';
import { showRun } from '../show.ts';
import { startTrainer } from '../start.ts';
import { askToStop, killRun } from '../stop.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { onInterrupt } from './interrupt.ts';
import { print, printJson } from './output.ts';
import { openProgress } from './progress.ts';
import { shortNumber } from '../../text/numbers.ts';
import { duration } from '../../text/durations.ts';
import { t } from '../../text/say.ts';

/**
 * Starts the trainer of a run and stays with it to its end: progress, Ctrl-C, the last words. Resolves to the exit
 * code. The run goes on without us when we are killed.
 */
export async function runToEnd(
  dir: string,
  { json, context }: { json: boolean; context: Context },
): Promise<number> {
  const progress = openProgress((await readRunFile(dir)).experiment, json ? process.stderr : process.stdout);
  const abort = new AbortController();
  let asked = false;
  let isTaken = false;
  let killing = null as Promise<void> | null; // the compiler does not see that the callback sets it
  const forget = onInterrupt(
    () => {
      asked = true;
      progress.say(t('Stopping after a last checkpoint. Ctrl-C again ends at once.'));
      if (isTaken) void askToStop(dir);
    },
    () => {
      if (killing) process.exit(exitCodes.stopped);
      abort.abort();
      killing = killRun(dir);
    },
  );
  try {
    const began = performance.now();
    const before = (await readEvents(dir)).length;
    const trainer = await startTrainer(dir, context.trainer, { signal: abort.signal });
    isTaken = true;
    if (asked) await askToStop(dir);
    await followRun(
      dir,
      trainer,
      skipping(before, (events, state) => progress.update(events, state)),
      (exit) => killing ?? finishRun(dir, exit),
    );
    progress.close();
    return await lastWords(dir, performance.now() - began, { json, context });
  } catch (error) {
    // A trainer that was ended before it began has nothing to tell.
    if (!abort.signal.aborted) throw error;
    await killing;
    return exitCodes.stopped;
  } finally {
    progress.close();
    forget();
  }
}

/** Leaves out the first events: what an earlier trainer said was shown then. */
function skipping(
  count: number,
  show: (events: RunEvent[], state: RunState) => void,
): (events: RunEvent[], state: RunState) => void {
  let left = count;
  return (events, state) => {
    const fresh = events.slice(left);
    left = Math.max(0, left - events.length);
    if (fresh.length > 0) show(fresh, state);
  };
}

/** Prints how a run ended and gives the exit code. */
async function lastWords(
  dir: string,
  tookMs: number,
  { json, context }: { json: boolean; context: Context },
): Promise<number> {
  const document = await showRun(dir);
  if (json) printJson(document);
  else {
    print(
      t(
        '{0} at step {1} of {2}, after {3}.',
        endings[document.status as keyof typeof endings]?.() ?? document.status,
        document.step,
        document.steps,
        duration(tookMs),
      ),
    );
    if (document.reason) print(document.reason);
    for (const line of bestLines(await readRunFile(dir))) print(line);
    print(t('Run: {0}', relative(context.cwd, dir) || dir));
    if (['stopped', 'stopped_early', 'failed', 'interrupted'].includes(document.status))
      print(t('Go on with: {0}', `tandem resume ${document.id}`));
  }
  return exitCodeOf(document.status);
}

const endings = {
  finished: () => t('Finished'),
  stopped: () => t('Stopped'),
  stopped_early: () => t('Stopped early'),
  failed: () => t('Failed'),
  diverged: () => t('Diverged'),
  interrupted: () => t('Interrupted'),
};

function exitCodeOf(status: string): number {
  if (status === 'finished' || status === 'stopped_early') return exitCodes.done;
  return status === 'stopped' ? exitCodes.stopped : exitCodes.failed;
}

/** The metrics that a person asks for first. */
function bestLines({ summary, status }: RunFile): string[] {
  const lines = Object.entries(summary)
    .filter(([name]) => name === trainLoss || name === valLoss || recallK(name) !== null)
    .map(([name, metric]) => {
      const { last, best, best_step, chance } = metric;
      const ofMany = ofHowMany(name, metric);
      const values = t(
        '{0}, best {1} at step {2}',
        withChance(shortNumber(last), chance),
        shortNumber(best),
        best_step,
      );
      return `  ${name.padEnd(14)} ${ofMany ? t('{0} ({1})', values, ofMany) : values}`;
    });
  return endedAtChance(status, summary) ? [...lines, atChanceText()] : lines;
}
