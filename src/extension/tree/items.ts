import * as vscode from 'vscode';
import { statusWord } from '../../analysis/metric-words.ts';
import { byteSize, counted } from '../../text/numbers.ts';
import { t } from '../../text/say.ts';
import { isActive, runLabel, type RunEntry } from '../runs/run-entry.ts';
import { describeRun, tooltipLines } from './describe.ts';
import type { GroupNode, MoreNode, RunNode, TreeNode } from './nodes.ts';
import { runIcon, statusIcon } from './run-icon.ts';

export function runItem({ run, label = runLabel(run) }: RunNode): vscode.TreeItem {
  const item = new vscode.TreeItem(run.file.starred ? `★ ${label}` : label);
  const description = describeRun(run, Date.now());
  item.id = `run:${run.dir}`;
  item.description = description;
  item.contextValue = `run;${run.problem ? 'broken' : run.status};${run.file.starred ? 'starred;' : ''}${run.foreign ? 'foreign;' : ''}`;
  item.iconPath = run.problem ? new vscode.ThemeIcon('question') : runIcon(run);
  // The whole words: what is short in the row is read aloud as it is spelt.
  item.accessibilityInformation = { label: `${runLabel(run)}, ${statusWord(run.status)}, ${description}` };
  item.command = openRow(t('Open Panel'));
  return item;
}

/** A group's row. */
export function groupItem(node: GroupNode): vscode.TreeItem {
  const expanded = node.kind === 'experiment' || node.kind === 'status';
  const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
  const state = node.children.length === 0 ? None : expanded ? Expanded : Collapsed;
  const item = new vscode.TreeItem(node.label, state);
  // VS Code keeps a row closed that once had nothing below it: with its first run it is another row.
  item.id = node.children.length === 0 ? `${node.id}:empty` : node.id;
  item.description = node.description;
  item.contextValue = node.runs.some(isActive) ? `${node.kind};active;` : node.kind;
  item.iconPath = node.status ? statusIcon(node.status) : groupIcon(node.kind);
  item.tooltip = node.experimentFile ?? node.label;
  // Without it a screen reader reads the tooltip: a path.
  item.accessibilityInformation = { label: `${node.label}, ${node.description}` };
  if (node.kind === 'experiment' && node.experimentFile) item.command = openRow(t('Open Experiment'));
  if (node.kind === 'sweep') item.command = openRow(t('Open Panel'));
  return item;
}

/** Made only when the pointer rests on a run. */
export function runTooltip(run: RunEntry, bytes: number | null): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  const escape = (text: string) => new vscode.MarkdownString().appendText(text).value;
  const size = bytes === null ? [] : [`${escape(t('Size'))}: ${escape(byteSize(bytes))}`];
  markdown.appendMarkdown([...tooltipLines(run, Date.now(), escape), ...size].join('  \n'));
  return markdown;
}

export function moreItem({ group, hidden }: MoreNode): vscode.TreeItem {
  const item = new vscode.TreeItem(t('Show more ({0} hidden)', counted(hidden)));
  item.id = `more:${group}`;
  item.iconPath = new vscode.ThemeIcon('ellipsis');
  item.command = openRow('');
  return item;
}

/**
 * Opens the row that was clicked, which is selected by then. It has no arguments: VS Code knows those only until the row is drawn again, and
 * the rows of runs that train are drawn all the time.
 */
const openRow = (title: string): vscode.Command => ({ command: 'tandem.openRow', title });

function groupIcon(kind: TreeNode['kind']): vscode.ThemeIcon {
  return new vscode.ThemeIcon(
    kind === 'experiment' ? 'beaker' : kind === 'sweep' ? 'graph-scatter' : 'folder',
  );
}
