import type * as vscode from 'vscode';
import type { DataFactsReader } from '../editor/data-facts.ts';
import type { Experiments } from '../editor/experiments.ts';
import type { Programs } from '../programs.ts';
import type { Report } from '../report.ts';
import type { RunEntry } from '../runs/run-entry.ts';

/** What panels are made of. */
export interface PanelParts {
  extension: vscode.Uri;
  experiments: Experiments;
  facts: DataFactsReader;
  programs: Programs;
  report: Report;
  memory: vscode.Memento;
  /** Ours and foreign ones. */
  allRuns: () => RunEntry[];
  runs: { onDidChange: vscode.Event<unknown>; refresh(changed?: string[]): Promise<void> };
}
