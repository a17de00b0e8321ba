import { resolve } from 'node:path';
import * as vscode from 'vscode';
import { findingsOfRuns, lastStart } from '../../launcher/run-findings.ts';
import { readSource } from '../../store/run-folder.ts';
import { isExperiment } from '../runs/run-folders.ts';
import type { RunEntry } from '../runs/run-entry.ts';
import type { RunList } from '../runs/run-list.ts';
import type { Experiments } from './experiments.ts';

/** Hands what the last start of each open experiment file found to its problems, where they stand while the file is as it was started. */
export class RunFindings implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[];
  /** Texts of the files as started, by run folder: they never change. */
  private readonly sources = new Map<string, string>();
  private readonly told = new Map<string, string>();

  constructor(
    private readonly runs: RunList,
    private readonly experiments: Experiments,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.disposables = [
      runs.onDidChange(() => vscode.workspace.textDocuments.forEach((document) => this.later(document))),
      vscode.workspace.onDidOpenTextDocument((document) => this.later(document)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.told.delete(uri.toString())),
    ];
  }

  private later(document: vscode.TextDocument): void {
    if (!isExperiment(document.uri) || document.uri.scheme !== 'file') return;
    this.update(document).catch((error: unknown) =>
      this.log.warn(`${document.uri.fsPath}: ${String(error)}`),
    );
  }

  private async update(document: vscode.TextDocument): Promise<void> {
    const { fsPath } = document.uri;
    const started = lastStart(
      this.runs.all().filter((run) => run.problem === null && experimentFileOf(run) === fsPath),
    );
    const findings = findingsOfRuns(started.map(({ file }) => file));
    const key = document.uri.toString();
    const news = JSON.stringify(findings);
    if ((this.told.get(key) ?? '[]') === news) return;
    this.told.set(key, news);
    const first = started[0];
    const source = first && findings.length ? await this.sourceOf(first) : '';
    if (!document.isClosed) this.experiments.setFindings(document, { source, findings });
  }

  private async sourceOf({ dir }: RunEntry): Promise<string> {
    const source = this.sources.get(dir) ?? (await readSource(dir));
    this.sources.set(dir, source);
    return source;
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
  }
}

const experimentFileOf = ({ baseDir, file }: RunEntry): string | null =>
  baseDir === null || file.experiment_path === '' ? null : resolve(baseDir, file.experiment_path);
