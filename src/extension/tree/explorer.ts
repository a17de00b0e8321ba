import * as vscode from 'vscode';
import type { RunStatus } from '../../protocol/events.ts';
import { isActive, runLabel, type RunEntry } from '../runs/run-entry.ts';
import { filterable, readSettings } from '../runs/run-settings.ts';
import type { RunFolders } from '../runs/run-folders.ts';
import { t } from '../../text/say.ts';
import { describeRun, tooltipLines } from './describe.ts';
import { byteSize, counted } from '../../text/numbers.ts';
import { bytesIn } from '../../store/disk.ts';
import { runIcon } from './run-icon.ts';
import {
  buildTree,
  pageSize,
  type GroupBy,
  type MoreNode,
  type RunNode,
  type SortBy,
  type TreeNode,
} from './nodes.ts';
import { parseFilter, unknownNames, type RunFilter } from '../../analysis/run-filter.ts';
import { statusWord } from '../../analysis/metric-words.ts';
import { listed } from '../../text/words.ts';

/** Where runs come from, beside the experiment files. */
export interface RunSource {
  all(): RunEntry[];
  onDidChange: vscode.Event<unknown>;
}

/** The tree is built anew at most this often. */
const rebuildMs = 300;

/** Where two redraws met, VS Code may no longer know what its rows stand for, and commands get none: once more when all has been quiet for as long. */
const settleMs = 1_000;

/** How the explorer is shown; remembered per workspace. */
interface Show {
  groupBy: GroupBy;
  sortBy: SortBy;
  filter: string;
}

/** The run explorer: experiments, sweeps and runs, in the sidebar. */
export class RunExplorer implements vscode.TreeDataProvider<TreeNode>, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<TreeNode | undefined>();
  private readonly disposables: vscode.Disposable[] = [this.changes];
  private readonly parents = new Map<string, TreeNode | undefined>();
  private readonly byId = new Map<string, TreeNode>();
  private readonly shown = new Map<string, number>();
  private roots: TreeNode[] = [];
  private show: Show;
  private filter: RunFilter = parseFilter('');
  /** Names that the filter compares and no run has. */
  private unknownNames: string[] = [];
  private timer: NodeJS.Timeout | undefined;
  private liveTimer: NodeJS.Timeout | undefined;
  private settleTimer: NodeJS.Timeout | undefined;
  private readonly changedRuns = new Set<string>();
  private isLoaded = false;

  readonly onDidChangeTreeData = this.changes.event;
  readonly view: vscode.TreeView<TreeNode>;

  constructor(
    private readonly sources: RunSource[],
    private readonly folders: RunFolders,
    private readonly memory: vscode.Memento,
  ) {
    this.show = { groupBy: 'experiment', sortBy: 'newest', filter: '', ...memory.get<Show>('explorer') };
    this.view = vscode.window.createTreeView('tandem.runs', {
      treeDataProvider: this,
      canSelectMany: true,
      showCollapseAll: true,
    });
    this.disposables.push(
      this.view,
      folders.onDidChange(() => this.later()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.sayState()),
    );
    this.setFilter();
    for (const source of sources) this.disposables.push(source.onDidChange(() => this.later()));
    this.setContext();
    this.build();
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    if (node.kind === 'run') return runItem(node);
    if (node.kind === 'more') return moreItem(node);
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

  async resolveTreeItem(item: vscode.TreeItem, node: TreeNode): Promise<vscode.TreeItem> {
    if (node.kind === 'run')
      item.tooltip = runTooltip(node.run, node.run.foreign ? null : await bytesIn(node.run.dir));
    return item;
  }

  getChildren(node?: TreeNode): TreeNode[] {
    if (!node) return this.roots;
    const current = this.byId.get(node.id);
    return current && 'children' in current ? current.children : [];
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return this.parents.get(node.id);
  }

  /** Files and runs have been looked for: from now on an empty explorer is empty. */
  sayLoaded(): void {
    if (this.isLoaded) return;
    this.build();
    this.isLoaded = true;
    this.sayState();
    void vscode.commands.executeCommand('setContext', 'tandem.loaded', true);
  }

  /** The nodes a command is about: those given by the menu, else the selection. */
  selected(clicked: unknown, all: unknown): TreeNode[] {
    const nodes = Array.isArray(all) && all.length > 0 ? all : clicked ? [clicked] : this.view.selection;
    return nodes.filter(
      (node): node is TreeNode => typeof node === 'object' && node !== null && 'kind' in node,
    );
  }

  /** The row that was clicked. While rows are drawn anew VS Code knows none; it does soon. */
  async clicked(): Promise<TreeNode | undefined> {
    for (let waits = 0; waits < 20 && this.view.selection.length === 0; waits++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    return this.view.selection[0];
  }

  /** Shows and selects a run, when the view is open. */
  async reveal(dir: string): Promise<void> {
    this.build();
    const node = this.byId.get(`run:${dir}`);
    if (node && this.view.visible) await this.view.reveal(node, { select: true, focus: false });
  }

  /** A run that is followed has new values: only its row is drawn again. */
  updateLive(run: RunEntry): void {
    this.changedRuns.add(`run:${run.dir}`);
    this.liveTimer ??= setTimeout(() => {
      this.liveTimer = undefined;
      for (const id of this.changedRuns) {
        const node = this.byId.get(id);
        if (node && this.view.visible) this.changes.fire(node);
      }
      this.changedRuns.clear();
    }, rebuildMs);
  }

  get options(): Readonly<Show> {
    return this.show;
  }

  async setOptions(change: Partial<Show>): Promise<void> {
    this.show = { ...this.show, ...change };
    this.setFilter();
    this.setContext();
    this.build();
    await this.memory.update('explorer', this.show);
  }

  showMore(group: string): void {
    this.shown.set(group, (this.shown.get(group) ?? pageSize) + 10 * pageSize);
    this.build();
  }

  private setFilter(): void {
    this.filter = parseFilter(this.show.filter);
    this.unknownNames = [];
    this.sayState();
  }

  private setContext(): void {
    void vscode.commands.executeCommand('setContext', 'tandem.filtered', this.show.filter !== '');
    this.view.description = this.show.filter;
  }

  /** What stands above the runs: that they are being looked for, what the filter lacks, or why VS Code greys out what starts something. */
  private sayState(): void {
    const unknown = this.unknownNames;
    if (!this.isLoaded) this.view.message = t('Looking for experiments and runs …');
    else if (this.filter.problem) this.view.message = this.filter.problem;
    else if (unknown.length) this.view.message = t('No run has {0}.', listed(unknown));
    else if (vscode.workspace.isTrusted) this.view.message = '';
    else
      this.view.message = t(
        'Restricted Mode: runs are shown, nothing is started. Trust the workspace to train.',
      );
  }

  private later(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.build();
    }, rebuildMs);
  }

  private build(): void {
    const runs = this.sources.flatMap((source) => source.all());
    const { filter } = this;
    if (filter.names.length) void this.readForFilter(filter, runs);
    this.roots = buildTree(runs, {
      groupBy: this.show.groupBy,
      sortBy: this.show.sortBy,
      filter: (run) => filter.passes(filterable(run)),
      experiments: this.show.filter ? [] : this.folders.experiments,
      shown: this.shown,
    });
    this.parents.clear();
    this.byId.clear();
    const index = (nodes: TreeNode[], parent: TreeNode | undefined) => {
      for (const node of nodes) {
        this.parents.set(node.id, parent);
        this.byId.set(node.id, node);
        if ('children' in node) index(node.children, node);
      }
    };
    index(this.roots, undefined);
    this.changes.fire(undefined);
    clearTimeout(this.settleTimer);
    this.settleTimer = setTimeout(() => this.changes.fire(undefined), settleMs);
  }

  /** A filter by a setting needs each run's config: read once, then the tree is built again. */
  private async readForFilter(filter: RunFilter, runs: RunEntry[]): Promise<void> {
    const wereNew = await readSettings(runs);
    if (filter !== this.filter) return;
    if (wereNew) this.later();
    this.unknownNames = unknownNames(filter, runs.map(filterable));
    this.sayState();
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.liveTimer);
    clearTimeout(this.settleTimer);
    vscode.Disposable.from(...this.disposables).dispose();
  }
}

function runItem({ run, label = runLabel(run) }: RunNode): vscode.TreeItem {
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

/** Made only when the pointer rests on a run. */
function runTooltip(run: RunEntry, bytes: number | null): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  const escape = (text: string) => new vscode.MarkdownString().appendText(text).value;
  const size = bytes === null ? [] : [`${escape(t('Size'))}: ${escape(byteSize(bytes))}`];
  markdown.appendMarkdown([...tooltipLines(run, Date.now(), escape), ...size].join('  \n'));
  return markdown;
}

function moreItem({ group, hidden }: MoreNode): vscode.TreeItem {
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

/** The same signs as in the panel (`icon.tsx`). */
const icons: Record<RunStatus, [name: string, color: string | null]> = {
  queued: ['clock', null],
  running: ['sync~spin', 'charts.blue'],
  stopping: ['debug-stop', 'charts.yellow'],
  stopped: ['debug-stop', null],
  stopped_early: ['debug-step-over', null],
  finished: ['pass', 'testing.iconPassed'],
  failed: ['error', 'testing.iconFailed'],
  diverged: ['flame', 'testing.iconErrored'],
  interrupted: ['circle-slash', 'charts.orange'],
};

export function statusIcon(status: RunStatus): vscode.ThemeIcon {
  const [name, color] = icons[status];
  return new vscode.ThemeIcon(name, color ? new vscode.ThemeColor(color) : undefined);
}
