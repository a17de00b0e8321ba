import * as vscode from 'vscode';
import { HumanError } from '../../protocol/human-error.ts';
import { runLabel, type RunEntry } from '../runs/run-entry.ts';
import { isExperiment, type RunFolders } from '../runs/run-folders.ts';
import { t } from '../../text/say.ts';
import { describeRun } from '../tree/describe.ts';
import type { RunExplorer } from '../tree/explorer.ts';
import { statusIcon } from '../tree/run-icon.ts';
import { experimentFileOf, type TreeNode } from '../tree/nodes.ts';
import { statusWord } from '../../analysis/metric-words.ts';

/** The experiment a command is about: its argument, the active editor, the only one there is, or the person's choice. */
export async function pickExperiment(
  argument: unknown,
  folders: RunFolders,
  explorer: RunExplorer,
): Promise<vscode.Uri | null> {
  if (argument instanceof vscode.Uri) return argument;
  const [node] = explorer.selected(argument, undefined);
  if (argument && node) return experimentOf(node);
  const active = vscode.window.activeTextEditor?.document.uri ?? activeTabUri();
  if (active && isExperiment(active)) return active;
  const selected = node && explorer.view.visible ? experimentOf(node) : null;
  if (selected) return selected;
  const files = folders.experiments;
  if (files.length === 1) return vscode.Uri.file(files[0]!);
  if (files.length === 0)
    throw new HumanError(
      t('There is no experiment in this workspace.'),
      t('Make one with New Experiment, or try Open Example.'),
      'no_experiment',
    );
  const items = files.map((file) => ({ label: vscode.workspace.asRelativePath(file), file }));
  const choice = await vscode.window.showQuickPick(items, { placeHolder: t('Which experiment?') });
  return choice ? vscode.Uri.file(choice.file) : null;
}

export function experimentOf(node: TreeNode): vscode.Uri | null {
  if (node.kind === 'run') return node.run.foreign ? null : vscode.Uri.file(experimentFileOf(node.run));
  if (node.kind === 'more' || !node.experimentFile) return null;
  return vscode.Uri.file(node.experimentFile);
}

function activeTabUri(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputText ? input.uri : undefined;
}

/**
 * The runs a command is about: those of its menu, the explorer's selection when the explorer has the focus, the only
 * fitting one, or the person's choice. Empty when nothing was chosen. Throws HumanError when none fits.
 */
export async function pickRuns(
  args: unknown[],
  explorer: RunExplorer,
  all: RunEntry[],
  want: { fits: (run: RunEntry) => boolean; /** Said when none fits. */ none?: string; many?: boolean },
): Promise<RunEntry[]> {
  const given = args[0] !== undefined || explorer.view.selection.length > 0;
  const nodes = given ? explorer.selected(args[0], args[1]) : [];
  const chosen = [...new Set(nodes.flatMap(runsOf))].filter(want.fits);
  if (chosen.length > 0 && (want.many || chosen.length === 1)) return chosen;
  // Several where one is wanted, such as a sweep: which of these.
  const fitting = (chosen.length > 0 ? chosen : all.filter(want.fits)).sort(
    (a, b) => b.file.created - a.file.created,
  );
  if (fitting.length === 0 || (args[0] !== undefined && chosen.length === 0))
    throw new HumanError(want.none ?? t('There is no run yet.'), t('Start Training makes one.'), 'no_run');
  if (fitting.length === 1) return fitting;
  const items = fitting.slice(0, 1000).map((run) => ({
    label: runLabel(run),
    description: `${statusWord(run.status)} · ${describeRun(run, Date.now())}`,
    detail: run.file.id,
    iconPath: statusIcon(run.status),
    run,
  }));
  const options = { placeHolder: t('Which run?'), matchOnDescription: true, matchOnDetail: true };
  if (want.many) {
    const picked = await vscode.window.showQuickPick(items, { ...options, canPickMany: true });
    return (picked ?? []).map(({ run }) => run);
  }
  const picked = await vscode.window.showQuickPick(items, options);
  return picked ? [picked.run] : [];
}

export function runsOf(node: TreeNode): RunEntry[] {
  if (node.kind === 'run') return [node.run];
  return node.kind === 'more' ? [] : node.runs;
}
