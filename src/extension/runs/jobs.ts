import * as vscode from 'vscode';
import { askJobs, asksScheduler } from '../../launcher/slurm/settle.ts';
import { HumanError } from '../../protocol/human-error.ts';
import type { RunEntry } from './run-entry.ts';
import type { RunList } from './run-list.ts';

/** How often the scheduler is asked, all jobs at once: it is everybody's. */
const askMs = 10_000;
/** And after it did not answer. */
const silentMs = 60_000;

/** Keeps in `RunEntry.standing` why jobs wait; runs whose jobs ended without a word get their end. Nothing is asked while no run has a job. */
export class Jobs implements vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<RunEntry>();
  private readonly subscription: vscode.Disposable;
  private timer: NodeJS.Timeout | undefined;
  private asking = false;

  /** A run's `standing` is another one. */
  readonly onDidChange = this.changes.event;

  constructor(
    private readonly runs: RunList,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscription = runs.onDidChange(({ added }) => {
      // What was just submitted is looked at soon, and what is in the queue for hours now and then.
      if (added.some(({ file }) => asksScheduler(file))) this.askIn(1_000);
    });
  }

  private askIn(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), ms);
  }

  private async ask(): Promise<void> {
    const asked = this.runs.all().filter(({ file, problem }) => problem === null && asksScheduler(file));
    if (asked.length === 0 || this.asking) return;
    this.asking = true;
    let nextMs = askMs;
    try {
      const standings = await askJobs(asked);
      for (const run of asked) {
        const standing = standings.get(run.dir);
        if (JSON.stringify(standing) === JSON.stringify(run.standing)) continue;
        if (standing) run.standing = standing;
        else delete run.standing;
        this.changes.fire(run);
      }
    } catch (error) {
      nextMs = silentMs;
      this.log.warn(error instanceof HumanError ? error.message : String(error));
    }
    this.asking = false;
    this.askIn(nextMs);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.subscription.dispose();
    this.changes.dispose();
  }
}
