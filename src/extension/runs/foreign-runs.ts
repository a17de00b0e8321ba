import { basename, isAbsolute, join } from 'node:path';
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { findLogFolders } from '../../store/tensorboard/find.ts';
import { blankRunFile } from '../../store/run-file.ts';
import type { RunEntry } from './run-entry.ts';

/** Log folders are looked through this often; their curves are read by the panel, when they are shown. */
const pollMs = 2_000;

/** TensorBoard logs that other programs wrote, in the folders that `tandem.logFolders` names: read-only runs. */
export class ForeignRuns implements vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<void>();
  private readonly disposables: vscode.Disposable[] = [this.changes];
  private runs = new Map<string, RunEntry>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | null = null;
  /** Folders whose failure is in the log already. */
  private unreadable = new Map<string, string>();
  private disposed = false;

  readonly onDidChange = this.changes.event;

  constructor(private readonly log: vscode.LogOutputChannel) {
    this.disposables.push(
      vscode.workspace.onDidChangeConfiguration(
        (change) => change.affectsConfiguration('tandem.logFolders') && void this.refresh(),
      ),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.refresh()),
    );
    void this.refresh();
  }

  all(): RunEntry[] {
    return [...this.runs.values()];
  }

  /** Looks through the folders now; one look at a time. */
  async refresh(): Promise<void> {
    // A look under way may have begun with other settings: wait for it, then look again.
    if (this.looking) await this.looking;
    this.looking ??= this.look().finally(() => {
      this.looking = null;
    });
    await this.looking;
  }

  private async look(): Promise<void> {
    clearTimeout(this.timer);
    const folders = configuredFolders();
    const found = new Map<string, RunEntry>();
    for (const folder of folders) {
      try {
        const logs = await findLogFolders(folder, {
          onSkipped: (skipped, error) => this.log.debug(`${skipped}: ${String(error)}`),
        });
        for (const { dir, created, written } of logs) found.set(dir, foreignRun(dir, created, written));
        this.unreadable.delete(folder);
      } catch (error) {
        const reason = String(error);
        if (this.unreadable.get(folder) !== reason) this.log.warn(`${folder}: ${reason}`);
        this.unreadable.set(folder, reason);
      }
    }
    const isSame =
      found.size === this.runs.size &&
      [...found].every(([dir, run]) => this.runs.get(dir)?.file.heartbeat === run.file.heartbeat);
    if (!isSame) {
      // The same object stays for the same folder, so that whoever holds it sees what becomes of it.
      for (const [dir, run] of found) {
        const known = this.runs.get(dir);
        if (known) found.set(dir, Object.assign(known, { file: run.file }));
      }
      this.runs = found;
      this.changes.fire();
    }
    if (!this.disposed && folders.length > 0) this.timer = setTimeout(() => void this.refresh(), pollMs);
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    vscode.Disposable.from(...this.disposables).dispose();
  }
}

function foreignRun(dir: string, created: number, heartbeat: number): RunEntry {
  const name = basename(dir);
  const file = { ...blankRunFile(name), experiment: name, created, heartbeat, status: 'log' as const };
  return { dir, baseDir: null, file, status: 'log', foreign: true, problem: null, live: null };
}

/** Absolute folders; none in an untrusted workspace. */
function configuredFolders(): string[] {
  if (!vscode.workspace.isTrusted) return [];
  const folders = vscode.workspace.workspaceFolders ?? [];
  const roots: (vscode.WorkspaceFolder | undefined)[] = folders.length > 0 ? [...folders] : [undefined];
  const all = roots.flatMap((root) =>
    vscode.workspace
      .getConfiguration('tandem', root?.uri)
      .get<string[]>('logFolders', [])
      .map((path) => path.replace(/^~(?=$|[\\/])/, homedir()))
      .map((path) => (isAbsolute(path) ? path : root ? join(root.uri.fsPath, path) : ''))
      .filter((path) => path !== ''),
  );
  return [...new Set(all)];
}
