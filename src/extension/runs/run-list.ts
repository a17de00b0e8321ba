import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { statusOf } from '../../store/run-folder.ts';
import { withLastStep } from '../../store/last-step.ts';
import { isActive, isTraining, type RunEntry } from './run-entry.ts';
import type { LiveRuns } from './live-runs.ts';
import { openRunScan } from './run-scan.ts';

/** How often folders of runs are asked. File watching is not relied on: it is missing on many network disks. */
const pollMs = 1_000;

/** What happened to the list since the last event. */
export interface RunListChange {
  added: RunEntry[];
  /** Runs whose file or status is another now, with the status before. */
  changed: { run: RunEntry; before: RunEntry['status'] }[];
  removed: RunEntry[];
}

/** Every run of the folders it is given, kept up to date by polling; the one model behind explorer, status bar and panel. */
export class RunList implements vscode.Disposable {
  private readonly runs = new Map<string, RunEntry>();
  private readonly scans = new Map<string, ReturnType<typeof openRunScan>>();
  private readonly changes = new vscode.EventEmitter<RunListChange>();
  private timer: NodeJS.Timeout | undefined;
  private scanning: Promise<void> | null = null;
  private disposed = false;
  /** Runs that are looked at in the next scan. */
  private due = new Set<string>();

  readonly onDidChange = this.changes.event;

  constructor(
    private readonly live: LiveRuns,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** Follows exactly these folders of runs from now on. */
  async setFolders(runsDirs: string[]): Promise<void> {
    const wanted = new Set(runsDirs);
    const removed: RunEntry[] = [];
    for (const runsDir of this.scans.keys()) {
      if (wanted.has(runsDir)) continue;
      this.scans.delete(runsDir);
      for (const run of [...this.runs.values()])
        if (dirname(run.dir) === runsDir) {
          this.runs.delete(run.dir);
          removed.push(run);
        }
    }
    for (const runsDir of wanted) if (!this.scans.has(runsDir)) this.scans.set(runsDir, openRunScan(runsDir));
    if (removed.length > 0) this.changes.fire({ added: [], changed: [], removed });
    await this.refresh();
  }

  get folders(): string[] {
    return [...this.scans.keys()];
  }

  all(): RunEntry[] {
    return [...this.runs.values()];
  }

  get(dir: string): RunEntry | undefined {
    return this.runs.get(dir);
  }

  /** Looks at the folders now, whatever their turn at these runs; resolves when the list is up to date. */
  async refresh(changed: readonly string[] = []): Promise<void> {
    for (const dir of changed) this.due.add(dir);
    // A scan under way may have passed what the caller just wrote: wait for it, then look again.
    if (this.scanning) await this.scanning;
    this.scanning ??= this.scan().finally(() => {
      this.scanning = null;
    });
    await this.scanning;
  }

  private async scan(): Promise<void> {
    clearTimeout(this.timer);
    const { due } = this;
    this.due = new Set();
    const change: RunListChange = { added: [], changed: [], removed: [] };
    for (const [runsDir, scanner] of [...this.scans]) {
      try {
        const { changed, removed } = await scanner.scan(due);
        if (!this.scans.has(runsDir)) continue;
        for (const dir of removed) {
          const run = this.runs.get(dir);
          if (run && this.runs.delete(dir)) change.removed.push(run);
        }
        for (const { dir, file, problem } of changed)
          this.take(change, dir, runsDir, await withLastStep(dir, file), problem);
      } catch (error) {
        this.log.warn(`${runsDir}: ${String(error)}`);
      }
    }
    // A process may have died without a word: its run's file is what it was.
    for (const run of this.runs.values()) {
      if (!isActive(run) || run.foreign) continue;
      const status = statusOf(run.file);
      if (status === run.status) continue;
      change.changed.push({ run, before: run.status });
      run.status = status;
      run.file = await withLastStep(run.dir, run.file);
    }
    this.live.follow([...this.runs.values()].filter(isTraining));
    if (change.added.length + change.changed.length + change.removed.length > 0) this.changes.fire(change);
    if (!this.disposed) this.timer = setTimeout(() => void this.refresh(), pollMs);
  }

  private take(
    change: RunListChange,
    dir: string,
    runsDir: string,
    file: RunEntry['file'],
    problem: string | null,
  ): void {
    const status = statusOf(file);
    const known = this.runs.get(dir);
    if (known) {
      change.changed.push({ run: known, before: known.status });
      Object.assign(known, { file, status, problem });
      return;
    }
    const run: RunEntry = {
      dir,
      baseDir: dirname(dirname(runsDir)),
      file,
      status,
      foreign: false,
      problem,
      live: null,
    };
    this.runs.set(dir, run);
    change.added.push(run);
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    this.changes.dispose();
  }
}
