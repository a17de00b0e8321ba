import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { FromPanel, PanelTab, ToPanel } from '../../protocol/panel.ts';
import { panelHtml } from '../../protocol/panel-html.ts';
import { toWire } from '../../protocol/panel-wire.ts';
import type { RunEntry } from '../runs/run-entry.ts';
import { t, language, type Texts } from '../../text/say.ts';
import { experimentFileOf } from '../tree/nodes.ts';
import { EditHistory } from './edit-history.ts';
import { CurveFeed } from './feed.ts';
import { experimentView } from './experiment-view.ts';
import { PanelModels } from './models.ts';
import type { PanelParts } from './panel-parts.ts';
import { LogFeed } from './log-feed.ts';
import { answer } from './requests.ts';
import { firstShown, mostRuns, runViews } from './run-views.ts';

/** A panel is told of changes ten times a second at most, whatever their kind. */
const newsMs = 100;
const news: readonly ToPanel['kind'][] = ['events', 'runs', 'experiment'];

/** What a panel is about; kept by VS Code over a reload. */
export interface PanelState {
  /** The experiment's address; null for runs without one, such as foreign logs. */
  experiment: string | null;
  tab: PanelTab;
  /** Folders of the runs that are drawn; null: the panel's own choice. */
  shown: string[] | null;
}

/** Where the drawn runs of an experiment's panel are remembered over a reload of the window. */
export const shownKey = (experiment: string | null): string => `shown:${experiment}`;

/** The host's side of one panel: answers `ready` with everything, then sends what changes while the panel is visible. */
export class PanelSession implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[] = [];
  private readonly feed: CurveFeed;
  private readonly log: LogFeed;
  private sending: Promise<void> = Promise.resolve();
  /** What the Explore tab asks. */
  readonly models: PanelModels;
  private nextNews = 0;
  private experimentTimer: NodeJS.Timeout | undefined;
  private runsTimer: NodeJS.Timeout | undefined;
  private isReady = false;
  readonly history = new EditHistory();
  /** How each run stood when the panel was last told of it. */
  private sent = new Map<string, Pick<RunEntry, 'file' | 'status'>>();

  constructor(
    readonly panel: vscode.WebviewPanel,
    private readonly parts: PanelParts,
    private state: PanelState,
  ) {
    this.feed = new CurveFeed(
      (message) => this.post(message),
      (run, error) => this.sayBroken(run, error),
    );
    this.models = new PanelModels(parts.programs, (call, progress) => {
      void this.post({ kind: 'modelProgress', call, progress });
    });
    this.disposables.push(this.models);
    this.log = new LogFeed(
      (message) => this.post(message),
      (error) => parts.report.log.error(String(error)),
    );
    panel.iconPath = vscode.Uri.joinPath(parts.extension, 'media/icon.png');
    this.disposables.push(
      panel.webview.onDidReceiveMessage((message: FromPanel) => this.take(message)),
      panel.onDidChangeViewState(() => {
        // A hidden view is told nothing; its document is gone and says ready again when it is shown.
        if (!panel.visible) this.pause();
      }),
      vscode.workspace.onDidChangeTextDocument(
        ({ document }) => this.isOurs(document.uri) && this.experimentLater(),
      ),
      vscode.workspace.onDidDeleteFiles(() => this.experimentLater()),
      parts.experiments.onDidChangeFacts((document) => this.isOurs(document.uri) && this.experimentLater()),
      parts.runs.onDidChange(() => this.runsLater()),
    );
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(parts.extension, 'dist')],
    };
    this.load();
  }

  get experiment(): vscode.Uri | null {
    return this.state.experiment ? vscode.Uri.parse(this.state.experiment) : null;
  }

  /** Brings the panel to the front, on a tab and runs when they are given. */
  show(tab: PanelTab | null, shown: string[] | null, keepFocus = false): void {
    this.panel.reveal(undefined, keepFocus);
    if (!tab && !shown) return;
    this.state = { ...this.state, tab: tab ?? this.state.tab };
    if (shown) this.setShown(shown);
    if (this.isReady) void this.snapshot();
  }

  /** Remembered here too: what the panel's own document keeps may not be on the disk yet when the window is closed at once. */
  private setShown(shown: string[]): void {
    this.state = { ...this.state, shown };
    void this.parts.memory.update(shownKey(this.state.experiment), shown);
  }

  private load(): void {
    const { webview } = this.panel;
    const file = (name: string) =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.parts.extension, 'dist', name)).toString();
    webview.html = panelHtml({
      scriptUri: file('panel.js'),
      styleUri: file('panel.css'),
      cspSource: webview.cspSource,
      language: language(),
      texts: this.texts(),
      nonce: crypto.randomUUID().replaceAll('-', ''),
    });
  }

  /** Of the language's table what the panel says (`texts.mjs`): it is read at every opening. */
  private texts(): Texts {
    const table = vscode.l10n.bundle;
    if (!table) return {};
    const list = vscode.Uri.joinPath(this.parts.extension, 'dist/panel-texts.json').fsPath;
    const wordings = JSON.parse(readFileSync(list, 'utf8')) as string[];
    return Object.fromEntries(
      wordings.flatMap((one) => (table[one] === undefined ? [] : [[one, table[one]]])),
    );
  }

  /** Does what the panel's document says. */
  take(message: FromPanel): void {
    if ('id' in message) {
      void answer(message, { ...this.parts, session: this }).then((reply) =>
        this.post({ kind: 'answer', id: message.id, ...reply }),
      );
      return;
    }
    switch (message.kind) {
      case 'ready':
        this.isReady = true;
        this.state = { ...this.state, shown: this.state.shown ?? message.shown };
        void this.snapshot();
        return;
      case 'show':
        this.setShown(message.runs);
        this.feed.setRuns(this.shownRuns());
        return;
      case 'log':
        this.log.follow(this.runs().some(({ dir }) => dir === message.run) ? message.run : null);
        return;
      case 'tab':
        this.state = { ...this.state, tab: message.tab };
        void this.parts.memory.update(`tab:${this.state.experiment}`, message.tab);
    }
  }

  /** Posts in order; long curves go in several messages. Resolves when the panel has it, or is gone. */
  post(message: ToPanel): Promise<void> {
    if (news.includes(message.kind)) this.sending = this.sending.then(() => this.pace());
    for (const part of toWire(message))
      this.sending = this.sending.then(async () => {
        await this.panel.webview.postMessage(part);
      });
    // A panel that was closed meanwhile takes nothing more.
    this.sending = this.sending.catch(() => undefined);
    return this.sending;
  }

  private async pace(): Promise<void> {
    const waitMs = this.nextNews - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    this.nextNews = performance.now() + newsMs;
  }

  private async snapshot(): Promise<void> {
    this.feed.stop();
    const runs = this.runs();
    const experiment = await this.view();
    const shown = this.shownRuns();
    this.setSent(runs);
    await this.post({
      kind: 'snapshot',
      experiment,
      runs: await runViews(runs),
      shown: shown.map(({ dir }) => dir),
      tab: this.state.tab,
    });
    this.feed.setRuns(shown);
    this.feed.start();
  }

  /** Runs that this panel lists, newest first: those of its experiment, and any other that is shown. */
  private runs(): RunEntry[] {
    const file = this.experiment?.fsPath;
    const wanted = new Set(this.state.shown);
    const isListed = (run: RunEntry) =>
      wanted.has(run.dir) || (file ? !run.foreign && experimentFileOf(run) === file : run.foreign);
    return this.parts
      .allRuns()
      .filter(isListed)
      .sort((a, b) => b.file.created - a.file.created)
      .slice(0, mostRuns);
  }

  private shownRuns(): RunEntry[] {
    const runs = this.runs();
    const { shown } = this.state;
    if (!shown) return firstShown(runs);
    const order = new Map(shown.map((dir, index) => [dir, index]));
    const left = runs.filter((run) => order.has(run.dir));
    // None was chosen; or all that were are deleted by now, and an empty panel beside a training run would mislead.
    if (!left.length) return shown.length ? firstShown(runs) : [];
    return left.sort((a, b) => order.get(a.dir)! - order.get(b.dir)!);
  }

  private async view() {
    const uri = this.experiment;
    return uri ? experimentView(uri, this.parts) : null;
  }

  private experimentLater(): void {
    clearTimeout(this.experimentTimer);
    this.experimentTimer = setTimeout(() => {
      if (!this.isReady || !this.panel.visible) return;
      void this.view().then((experiment) => experiment && this.post({ kind: 'experiment', experiment }));
    }, 100);
  }

  private runsLater(): void {
    this.runsTimer ??= setTimeout(() => {
      this.runsTimer = undefined;
      if (!this.isReady || !this.panel.visible) return;
      const shown = this.shownRuns();
      this.feed.setRuns(shown);
      void this.sendRuns(shown);
    }, 300);
  }

  /** The list of runs, and those of them that the panel does not have as they are now. */
  private async sendRuns(shown: RunEntry[], broken?: { run: RunEntry; problem: string }): Promise<void> {
    const all = this.runs();
    const news = all.filter((run) => run === broken?.run || !this.isSent(run));
    this.setSent(all);
    const runs = await runViews(news);
    for (const view of runs) if (view.id === broken?.run.dir) view.problem = broken.problem;
    await this.post({
      kind: 'runs',
      order: all.map(({ dir }) => dir),
      runs,
      shown: shown.map(({ dir }) => dir),
    });
  }

  private sayBroken(run: RunEntry, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.parts.report.log.error(`${run.dir}: ${message}`);
    const problem = t('The curves of this run cannot be read: {0}', message);
    void this.sendRuns(this.shownRuns(), { run, problem });
  }

  private setSent(runs: RunEntry[]): void {
    this.sent = new Map(runs.map(({ dir, file, status }) => [dir, { file, status }]));
  }

  /** A run's file is another object whenever anything in it has changed. */
  private isSent({ dir, file, status }: RunEntry): boolean {
    const known = this.sent.get(dir);
    return known?.file === file && known.status === status;
  }

  private isOurs(uri: vscode.Uri): boolean {
    return uri.toString() === this.state.experiment;
  }

  private pause(): void {
    this.isReady = false;
    this.feed.stop();
    this.log.stop();
  }

  /** Folder that relative paths of the experiment start from. */
  get folder(): string | null {
    const uri = this.experiment;
    return uri ? dirname(uri.fsPath) : null;
  }

  dispose(): void {
    this.pause();
    clearTimeout(this.experimentTimer);
    clearTimeout(this.runsTimer);
    vscode.Disposable.from(...this.disposables).dispose();
  }
}
