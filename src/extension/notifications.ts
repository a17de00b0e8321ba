import * as vscode from 'vscode';
import type { RunStatus } from '../protocol/events.ts';
import { endedAtChance } from '../protocol/chance.ts';
import { shortMetric } from '../protocol/metrics.ts';
import { isActive as statusIsActive } from '../protocol/run-status.ts';
import { logTail } from '../launcher/trainer-log.ts';
import { logFile } from '../store/run-folder.ts';
import { offer, type RunAction } from './offer.ts';
import { isActive, type RunEntry } from './runs/run-entry.ts';
import type { RunList } from './runs/run-list.ts';
import { counted, shortNumber } from '../text/numbers.ts';
import { shortened, sentences } from '../text/words.ts';
import { t } from '../text/say.ts';
import { atChanceText, withChance } from '../analysis/metric-words.ts';
import { bestAmong, lossOf } from './tree/describe.ts';

const ends: readonly RunStatus[] = ['finished', 'stopped_early', 'failed', 'diverged', 'interrupted'];

/** Runs that were active when this window last looked, by folder: their end is announced also after a reload. */
const memoryKey = 'activeRuns';

/** A process is seen to be gone a moment before its end is written down: how it ended is worth waiting for. */
const settleMs = 2_500;

/** A message shows this much of a line of the log; Open Log has the rest. */
const longestLine = 100;

/** Announces runs that finish, fail, diverge or are interrupted, with what one wants to do then. */
export class RunNotifications implements vscode.Disposable {
  private readonly subscription: vscode.Disposable;
  private before: Set<string>;

  constructor(
    private readonly runs: RunList,
    private readonly memory: vscode.Memento,
  ) {
    this.before = new Set(memory.get<string[]>(memoryKey, []));
    this.subscription = runs.onDidChange(({ added, changed }) => {
      for (const run of added)
        if (this.before.has(run.dir) && ends.includes(run.status)) void this.announce(run);
      for (const { run, before } of changed)
        if (statusIsActive(before) && ends.includes(run.status)) void this.announce(run);
      this.remember();
    });
  }

  private remember(): void {
    const active = this.runs.all().filter(isActive);
    const dirs = active.map(({ dir }) => dir);
    if (dirs.length === this.before.size && dirs.every((dir) => this.before.has(dir))) return;
    this.before = new Set(dirs);
    void this.memory.update(memoryKey, dirs);
  }

  private async announce(run: RunEntry): Promise<void> {
    if (run.status === 'interrupted') {
      await new Promise((resolve) => setTimeout(resolve, settleMs));
      if (!ends.includes(run.status)) return;
    }
    const which = vscode.workspace.getConfiguration('tandem').get<string>('notifications', 'all');
    if (which === 'none' || (which === 'problems' && isAtEnd(run))) return;
    if (isAtEnd(run) && !this.isLastOfSweep(run)) return;
    const actions = actionsFor(run.status);
    const message = endMessage(
      run,
      this.ofSweep(run),
      isBroken(run) ? await lastLines(logFile(run.dir)) : [],
    );
    const show = isAtEnd(run)
      ? vscode.window.showInformationMessage
      : run.status === 'interrupted'
        ? vscode.window.showWarningMessage
        : vscode.window.showErrorMessage;
    await offer(show, message, actions, run);
  }

  /** A sweep is announced once, when none of its runs is left to do. */
  private isLastOfSweep(run: RunEntry): boolean {
    return !this.ofSweep(run).some(isActive);
  }

  /** The runs of its sweep, or itself alone. */
  private ofSweep(run: RunEntry): RunEntry[] {
    const { sweep } = run.file;
    return sweep ? this.runs.all().filter(({ file }) => file.sweep?.id === sweep.id) : [run];
  }

  dispose(): void {
    this.subscription.dispose();
  }
}

/** The last lines of a log that say something: frames of a stack do not. */
async function lastLines(file: string): Promise<string[]> {
  const lines = await logTail(file, 60);
  return lines.filter((line) => !/^\s+at |^\s*\d+: |^-+ .* -+$|^Node\.js v/.test(line)).slice(-3);
}

/** It has given its answer. */
const isAtEnd = ({ status }: RunEntry): boolean => status === 'finished' || status === 'stopped_early';

const isBroken = ({ status }: RunEntry): boolean => status === 'failed' || status === 'interrupted';

function actionsFor(status: RunStatus): RunAction[] {
  const panel = { title: t('Open Panel'), command: 'tandem.openPanel' };
  const log = { title: t('Open Log'), command: 'tandem.openLog' };
  const resume = { title: t('Resume'), command: 'tandem.resume' };
  switch (status) {
    case 'failed':
      return [log, resume];
    case 'interrupted':
      return [resume, log];
    case 'diverged':
      return [panel, { title: t('Restart with Changes'), command: 'tandem.restartWithChanges' }];
    default:
      return [panel];
  }
}

/** What became of a run in one or two sentences: result, or cause and the end of the log. */
function endMessage(run: RunEntry, ofSweep: RunEntry[], log: string[]): string {
  const { experiment, reason, step, steps, sweep } = run.file;
  if (isAtEnd(run)) {
    const best = bestAmong(ofSweep);
    const loss = lossOf(run);
    const result = best
      ? `${shortMetric(best.name)} ${withChance(shortNumber(best.best), best.chance)}`
      : loss === null
        ? ''
        : `${t('loss')} ${shortNumber(loss)}`;
    const what = sweep
      ? t('{0}: the sweep of {1} runs has ended.', experiment, sweep.count)
      : t('{0} finished after {1} steps.', experiment, counted(steps));
    // The last run's loss is not the sweep's.
    const text = result && (best || !sweep) ? t('{0} Best {1}.', what, result) : what;
    return endedAtChance(run.status, run.file.summary) && !sweep ? sentences([text, atChanceText()]) : text;
  }
  const head =
    run.status === 'interrupted'
      ? t('{0} was interrupted at step {1}: its trainer is gone.', experiment, counted(step))
      : run.status === 'diverged'
        ? t('{0} diverged at step {1}.', experiment, counted(step))
        : t('{0} failed at step {1}.', experiment, counted(step));
  const tail = log
    .filter((line) => !reason?.includes(line.trim()))
    .map((line) => shortened(line, longestLine))
    .join(' | ');
  return sentences([head, reason, tail]);
}
