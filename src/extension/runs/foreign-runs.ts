import { readdir, stat } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { isEventFile } from '../../store/tensorboard-read.ts';
import { blankRunFile } from '../../store/run-file.ts';
import type { RunEntry } from './run-entry.ts';

/** Log folders are looked through this often; their curves are read by the panel, when they are shown. */
const pollMs = 2_000;
const mostFolders = 20_000;
const deepest = 8;

/** TensorBoard logs that other programs wrote, in the folders that `tandem.logFolders` names: read-only runs. */
export class ForeignRuns implements vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<void>();
  private readonly disposables: vscode.Disposable[] = [this.changes];
  private runs = new Map<string, RunEntry>();
  private timer: NodeJS.Timeout | undefined;
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

  async refresh(): Promise<void> {
    clearTimeout(this.timer);
    const folders = configuredFolders();
    const found = new Map<string, RunEntry>();
    for (const folder of folders) {
      try {
        await this.collect(folder, found, { left: mostFolders }, deepest);
      } catch (error) {
        this.log.warn(`${folder}: ${String(error)}`);
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

  private async collect(
    folder: string,
    found: Map<string, RunEntry>,
    budget: { left: number },
    depth: number,
  ): Promise<void> {
    if (budget.left-- <= 0) return;
    const entries = await readdir(folder, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && isEventFile(entry.name));
    if (files.length > 0) {
      const stats = await Promise.all(files.map(({ name }) => stat(join(folder, name))));
      const newest = Math.max(...stats.map(({ mtimeMs }) => mtimeMs));
      found.set(
        folder,
        foreignRun(folder, Math.min(...stats.map((one) => one.birthtimeMs || one.mtimeMs)), newest),
      );
    }
    if (depth === 0) return;
    const isFollowed = (name: string) => !name.startsWith('.') && name !== 'node_modules';
    for (const entry of entries)
      if (entry.isDirectory() && isFollowed(entry.name))
        await this.collect(join(folder, entry.name), found, budget, depth - 1);
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    vscode.Disposable.from(...this.disposables).dispose();
  }
}

function foreignRun(dir: string, created: number, heartbeat: number): RunEntry {
  const name = basename(dir);
  const file = { ...blankRunFile(name), experiment: name, created, heartbeat, status: 'finished' as const };
  return { dir, baseDir: null, file, status: 'finished', foreign: true, problem: null, live: null };
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
