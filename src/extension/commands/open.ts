import { join } from 'node:path';
import * as vscode from 'vscode';
import { HumanError } from '../../protocol/human-error.ts';
import { logFile } from '../../store/run-folder.ts';
import type { RunEntry } from '../runs/run-entry.ts';
import { t } from '../say.ts';
import type { TreeNode } from '../tree/nodes.ts';
import { experimentOf, pickExperiment, pickRuns, runsOf } from '../training/pick.ts';
import type { Command } from './commands.ts';

const any = { fits: () => true };
const ours = { fits: (run: RunEntry) => !run.foreign };

/** Panel, comparison, log, experiment and run folder. */
export const openCommands: Record<string, Command> = {
  openPanel: async (parts, argument) => {
    if (argument instanceof vscode.Uri || argument === undefined || argument === null) {
      const uri = await pickExperiment(argument ?? undefined, parts.folders, parts.explorer);
      if (uri) parts.panels.open(uri, { beside: vscode.window.activeTextEditor !== undefined });
      return;
    }
    const node = argument as TreeNode;
    const shown =
      node.kind === 'run' || node.kind === 'sweep' ? runsOf(node).map(({ dir }) => dir) : undefined;
    parts.panels.open(experimentOf(node), {
      shown,
      tab: node.kind === 'sweep' ? 'compare' : shown ? 'plots' : undefined,
    });
  },

  compare: async (parts, ...args) => {
    const runs = await pickRuns(args, parts.explorer, parts.allRuns(), { ...any, many: true });
    if (runs.length === 0) return;
    const shown = runs.map(({ dir }) => dir);
    parts.panels.open(experimentOf({ kind: 'run', id: '', run: runs[0]! }), { shown, tab: 'compare' });
  },

  openExperiment: async (parts, argument) => {
    const uri = await pickExperiment(argument, parts.folders, parts.explorer);
    if (!uri) return;
    try {
      await vscode.window.showTextDocument(uri, { preview: false });
    } catch {
      throw new HumanError(
        t('{0} is not there any more.', uri.fsPath),
        t('The text it had is in the run folder (Reveal Run Folder).'),
      );
    }
  },

  openLog: async (parts, ...args) => {
    const [run] = await pickRuns(args, parts.explorer, parts.runs.all(), ours);
    if (!run) return;
    try {
      const document = await vscode.workspace.openTextDocument(logFile(run.dir));
      const editor = await vscode.window.showTextDocument(document, { preview: true });
      const end = document.lineAt(document.lineCount - 1).range.end;
      editor.revealRange(new vscode.Range(end, end));
    } catch {
      throw new HumanError(t('This run has no log yet.'), t('It begins when the trainer does.'));
    }
  },

  revealRunFolder: async (parts, ...args) => {
    const [run] = await pickRuns(args, parts.explorer, parts.allRuns(), any);
    if (!run) return;
    const uri = vscode.Uri.file(join(run.dir));
    // The system's file manager, or where there is none (a remote window), VS Code's own explorer.
    const command =
      vscode.env.remoteName || vscode.env.uiKind === vscode.UIKind.Web
        ? 'revealInExplorer'
        : 'revealFileInOS';
    await vscode.commands.executeCommand(command, uri);
  },
};
