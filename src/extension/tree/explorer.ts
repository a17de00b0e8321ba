import * as vscode from 'vscode';
import type { RunEntry } from '../runs/run-entry.ts';
import { filterable, readSettings } from '../runs/run-settings.ts';
import type { RunFolders } from '../runs/run-folders.ts';
import { t } from '../../text/say.ts';
import { bytesIn } from '../../store/disk.ts';
import { groupItem, moreItem, runItem, runTooltip } from './items.ts';
import { buildTree, pageSize, type GroupBy, type TreeNode } from './nodes.ts';
import type { SortBy } from './order.ts';
import { parseFilter, unknownNames, type RunFilter } from '../../analysis/run-filter.ts';
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
    return groupItem(node);
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
