import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { HumanError } from '../../protocol/human-error.ts';
import { logFile } from '../../store/run-folder.ts';
import type { RunEntry } from '../runs/run-entry.ts';
import { t } from '../../text/say.ts';
import type { TreeNode } from '../tree/nodes.ts';
import { experimentOf, pickExperiment, pickRuns, runsOf } from '../training/pick.ts';
import type { Command } from './commands.ts';

const any = { fits: () => true };
const ours = { fits: (run: RunEntry) => !run.foreign };

/** Panel, comparison, log, experiment and run folder. */
export const openCommands: Record<string, Command> = {
  openRow: async ({ explorer }) => {
    const node = await explorer.clicked();
    if (node?.kind === 'more') return explorer.showMore(node.group);
    if (node)
      await vscode.commands.executeCommand(
        node.kind === 'experiment' ? 'tandem.openExperiment' : 'tandem.openPanel',
        node,
      );
  },

  openPanel: async (parts, argument) => {
    if (argument instanceof vscode.Uri || argument === undefined || argument === null) {
      const uri = await pickExperiment(argument ?? undefined, parts.folders, parts.explorer);
      if (uri) parts.panels.open(uri, { beside: vscode.window.activeTextEditor !== undefined });
      return;
    }
    const node = argument as TreeNode;
    if (node.kind === 'run' || node.kind === 'sweep')
      parts.panels.open(experimentOf(node), {
        shown: runsOf(node).map(({ dir }) => dir),
        tab: node.kind === 'sweep' ? 'compare' : 'plots',
        // F2 and Delete go to what was clicked.
        keepFocus: true,
      });
    else parts.panels.open(experimentOf(node), { keepFocus: true });
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
    const file = logFile(run.dir);
    if (!existsSync(file))
      throw new HumanError(t('This run has no log yet.'), t('It begins when the trainer does.'));
    const document = await vscode.workspace.openTextDocument(file);
    const editor = await vscode.window.showTextDocument(document, { preview: true });
    const end = document.lineAt(document.lineCount - 1).range.end;
    editor.revealRange(new vscode.Range(end, end));
  },

  revealRunFolder: async (parts, ...args) => {
    const [run] = await pickRuns(args, parts.explorer, parts.allRuns(), any);
    if (!run) return;
    const uri = vscode.Uri.file(run.dir);
    if (!existsSync(run.dir))
      throw new HumanError(
        t('{0} is not there any more.', run.dir),
        t('Refresh brings the list up to date.'),
      );
    // The system's file manager, or where there is none (a remote window), VS Code's own explorer.
    const isRemote = vscode.env.remoteName !== undefined || vscode.env.uiKind === vscode.UIKind.Web;
    if (!isRemote) await vscode.commands.executeCommand('revealFileInOS', uri);
    else if (vscode.workspace.getWorkspaceFolder(uri))
      await vscode.commands.executeCommand('revealInExplorer', uri);
    else {
      const copy = t('Copy Path');
      const choice = await vscode.window.showInformationMessage(run.dir, copy);
      if (choice === copy) await vscode.env.clipboard.writeText(run.dir);
    }
  },
};
