import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, relative } from 'node:path';
import * as vscode from 'vscode';
import { runsDirOf } from '../../store/run-folder.ts';

/** Experiment files are found and watched by this pattern. */
export const experimentGlob = '**/*.tandem.{yaml,yml}';
const excluded = '**/{node_modules,.git,.tandem,.venv}/**';

/** How often it is looked whether a `.tandem` folder came or went; less often with very many experiments. */
const pollMs = 1_000;
const pollMsPerFile = 5;

/** The experiment files of the workspace (and those open besides), and the folders where their runs are. */
export class RunFolders implements vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<void>();
  private readonly disposables: vscode.Disposable[] = [this.changes];
  private files = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private pollTimer: NodeJS.Timeout | undefined;
  private known = '';
  private disposed = false;

  readonly onDidChange = this.changes.event;

  constructor() {
    const watcher = vscode.workspace.createFileSystemWatcher(experimentGlob, false, true, false);
    this.disposables.push(
      watcher,
      watcher.onDidCreate(() => this.later()),
      watcher.onDidDelete(() => this.later()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.later()),
      // Where file watching does not work, files that another program made are found when one comes back to the window.
      vscode.window.onDidChangeWindowState(({ focused }) => focused && this.later()),
      vscode.workspace.onDidOpenTextDocument((document) => isExperiment(document.uri) && this.later()),
    );
  }

  /** Experiment files, absolute, in order of their names. */
  get experiments(): string[] {
    return [...this.files].sort();
  }

  /** Folders of runs: beside every experiment file, and of every workspace folder. */
  get runsDirs(): string[] {
    const roots = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    const dirs = roots.map(({ uri }) => runsDirOf(vscode.Uri.joinPath(uri, 'experiment.tandem.yaml').fsPath));
    return [...new Set([...dirs, ...this.experiments.map((file) => runsDirOf(file))])].filter(isAllowed);
  }

  /** Looks for experiment files now. */
  async refresh(): Promise<void> {
    clearTimeout(this.timer);
    const found = await vscode.workspace.findFiles(experimentGlob, excluded, 2_000);
    const open = vscode.workspace.textDocuments.map(({ uri }) => uri).filter(isExperiment);
    this.files = new Set(
      [...found, ...open].filter(({ scheme }) => scheme === 'file').map(({ fsPath }) => fsPath),
    );
    this.known = this.runsDirs.join('\n');
    this.changes.fire();
    this.poll();
  }

  /** Another program may make a `.tandem` folder nearer to an experiment than the one its runs went to so far. */
  private poll(): void {
    clearTimeout(this.pollTimer);
    if (this.disposed) return;
    this.pollTimer = setTimeout(
      () => {
        const now = this.runsDirs.join('\n');
        if (now !== this.known) {
          this.known = now;
          this.changes.fire();
        }
        this.poll();
      },
      pollMs + pollMsPerFile * this.files.size,
    );
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), 200);
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    clearTimeout(this.pollTimer);
    vscode.Disposable.from(...this.disposables).dispose();
  }
}

export const isExperiment = (uri: vscode.Uri): boolean => /\.tandem\.ya?ml$/.test(uri.path);

/** Nothing outside the workspace is read before it is trusted, nor through a link that leads out of it. */
function isAllowed(runsDir: string): boolean {
  if (vscode.workspace.isTrusted) return true;
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(dirname(dirname(runsDir))));
  if (!folder) return false;
  try {
    const place = relative(realpathSync(folder.uri.fsPath), realpathSync(runsDir));
    return !isAbsolute(place) && !place.startsWith('..');
  } catch {
    return false; // Not there yet: it is asked for again.
  }
}
