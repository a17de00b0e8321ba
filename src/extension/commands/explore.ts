import { isAbsolute, relative } from 'node:path';
import * as vscode from 'vscode';
import { t } from '../../text/say.ts';
import { bestName } from '../../analysis/metric-words.ts';
import { resultsOf } from '../../protocol/metrics.ts';
import { settingName } from '../../text/settings.ts';
import type { RunEntry } from '../runs/run-entry.ts';
import type { GroupBy } from '../tree/nodes.ts';
import type { SortBy } from '../tree/order.ts';
import type { Command } from './commands.ts';
import type { Parts } from './parts.ts';

/** How the explorer is shown, and where it looks. */
export const exploreCommands: Record<string, Command> = {
  refresh: async ({ folders, runs }) => {
    await folders.refresh();
    await runs.refresh();
  },

  filter: ({ explorer }) => askFilter(explorer),
  clearFilter: ({ explorer }) => explorer.setOptions({ filter: '' }),

  sortBy: async ({ explorer, allRuns }) => {
    const choice = await choose<SortBy>(explorer.options.sortBy, [
      ['newest', t('Newest first')],
      ['oldest', t('Oldest first')],
      ['best', t('Best metric first')],
      ['loss', t('Lowest loss first')],
      ['name', t('Name')],
      ['starred', t('Starred first')],
      ...sortings(allRuns()),
    ]);
    if (choice) await explorer.setOptions({ sortBy: choice });
  },

  groupBy: async ({ explorer }) => {
    const choice = await choose<GroupBy>(explorer.options.groupBy, [
      ['experiment', t('Experiment')],
      ['sweep', t('Sweep')],
      ['status', t('Status')],
      ['none', t('No groups')],
    ]);
    if (choice) await explorer.setOptions({ groupBy: choice });
  },

  addLogFolder: async () => {
    const picked = await vscode.window.showOpenDialog({
      canSelectFolders: true,
      canSelectFiles: false,
      canSelectMany: true,
      title: t('Folders with TensorBoard logs'),
    });
    if (!picked) return;
    const folder = vscode.workspace.workspaceFolders?.[0];
    const inside = (path: string) => {
      const short = folder ? relative(folder.uri.fsPath, path) : path;
      return short === ''
        ? '.'
        : short.startsWith('..') || isAbsolute(short)
          ? path
          : short.replaceAll('\\', '/');
    };
    const configuration = vscode.workspace.getConfiguration('tandem', folder?.uri);
    const before = configuration.get<string[]>('logFolders', []);
    const after = [...new Set([...before, ...picked.map(({ fsPath }) => inside(fsPath))])];
    const { Global, Workspace } = vscode.ConfigurationTarget;
    await configuration.update('logFolders', after, folder ? Workspace : Global);
  },
};

/** What runs were set to and came to, as orders of the explorer. */
function sortings(runs: RunEntry[]): [SortBy, string][] {
  const names = (of: (run: RunEntry) => object) => [...new Set(runs.flatMap((run) => Object.keys(of(run))))];
  const keys = names(({ file }) => file.settings);
  return [
    ...keys.map((key): [SortBy, string] => [`setting:${key}`, t('By {0}', settingName(key, keys))]),
    ...resultsOf(names(({ file }) => file.summary)).map((metric): [SortBy, string] => [
      `metric:${metric}`,
      t('By {0}', bestName(metric)),
    ]),
  ];
}

async function choose<T extends string>(current: T, choices: [T, string][]): Promise<T | undefined> {
  const items = choices.map(([value, label]) => ({
    label: value === current ? `$(check) ${label}` : label,
    value,
  }));
  return (await vscode.window.showQuickPick(items))?.value;
}

/** The explorer follows while one types; Escape brings back the filter from before. */
function askFilter(explorer: Parts['explorer']): void {
  const before = explorer.options.filter;
  const input = vscode.window.createInputBox();
  input.title = t('Filter Runs');
  input.placeholder = t(
    'Words; recall@10 > 0.4; train.epochs = 20; duration > 10min; status:failed; tag:paper; starred; -without',
  );
  input.value = before;
  let accepted = false;
  input.onDidChangeValue((value) => void explorer.setOptions({ filter: value.trim() }));
  input.onDidAccept(() => {
    accepted = true;
    input.hide();
  });
  input.onDidHide(() => {
    if (!accepted) void explorer.setOptions({ filter: before });
    input.dispose();
  });
  input.show();
}
