import * as vscode from 'vscode';
import type { RunEvent } from '../../protocol/events.ts';
import { emptyLiveRun, takeEvent } from '../../protocol/pace.ts';
import { followEvents } from '../../store/events.ts';
import type { RunEntry } from './run-entry.ts';

/** Events of a training run are asked for this often. */
const intervalMs = 250;
/** Runs followed at once; more training runs than this show what their run.json says. */
const most = 16;

/** Follows the events of runs that are training, and keeps the latest step, loss and pace in `RunEntry.live`. */
export class LiveRuns implements vscode.Disposable {
  private readonly following = new Map<string, AbortController>();
  private readonly changes = new vscode.EventEmitter<RunEntry>();

  /** A run's `live` has new values; fired at most once per poll and run. */
  readonly onDidChange = this.changes.event;

  constructor(private readonly log: vscode.LogOutputChannel) {}

  /** Follows exactly these runs from now on (the first few of very many). */
  follow(runs: RunEntry[]): void {
    const wanted = new Map(runs.slice(0, most).map((run) => [run.dir, run]));
    for (const [dir, controller] of this.following)
      if (!wanted.has(dir)) {
        controller.abort();
        this.following.delete(dir);
      }
    for (const [dir, run] of wanted) if (!this.following.has(dir)) this.begin(dir, run);
  }

  private begin(dir: string, run: RunEntry): void {
    const controller = new AbortController();
    this.following.set(dir, controller);
    const live = emptyLiveRun(run.file.step, run.file.steps);
    const onEvents = (events: RunEvent[]) => {
      for (const event of events) takeEvent(live, event);
      run.live = live;
      this.changes.fire(run);
    };
    followEvents(dir, { onEvents, intervalMs, signal: controller.signal }).catch((error: unknown) => {
      if (!controller.signal.aborted) this.log.warn(`${dir}: ${String(error)}`);
      if (this.following.get(dir) === controller) this.following.delete(dir);
    });
  }

  dispose(): void {
    for (const controller of this.following.values()) controller.abort();
    this.following.clear();
    this.changes.dispose();
  }
}
