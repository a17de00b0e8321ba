import * as vscode from 'vscode';
import type { PanelTab } from '../../protocol/panel.ts';
import { t } from '../../text/say.ts';
import type { PanelParts } from './panel-parts.ts';
import { PanelSession, shownKey, type PanelState } from './session.ts';
import { replaceStalePanels } from './stale-panels.ts';

const viewType = 'tandem.panel';

/** The open panels: one per experiment, and one for runs without any. */
export class Panels implements vscode.Disposable, vscode.WebviewPanelSerializer<unknown> {
  private readonly sessions = new Set<PanelSession>();
  private readonly registration: vscode.Disposable;

  constructor(private readonly parts: PanelParts) {
    const isOurs = (title: string, column: vscode.ViewColumn) =>
      [...this.sessions].some(({ panel }) => panel.title === title && panel.viewColumn === column);
    this.registration = vscode.Disposable.from(
      vscode.window.registerWebviewPanelSerializer(viewType, this),
      replaceStalePanels(viewType, isOurs, (title, column) => {
        const experiment = parts.memory.get<string | null>(`panel:${title}`, null);
        this.open(experiment ? vscode.Uri.parse(experiment) : null, { column });
      }),
    );
  }

  get all(): PanelSession[] {
    return [...this.sessions];
  }

  /** Opens or brings up the panel of an experiment (null: of runs without one). */
  open(
    experiment: vscode.Uri | null,
    options: {
      tab?: PanelTab;
      shown?: string[];
      beside?: boolean;
      column?: vscode.ViewColumn;
      keepFocus?: boolean;
    } = {},
  ): void {
    const key = experiment?.toString() ?? null;
    for (const session of this.sessions)
      if ((session.experiment?.toString() ?? null) === key) {
        session.show(options.tab ?? null, options.shown ?? null, options.keepFocus);
        return;
      }
    const remembered = this.parts.memory.get<PanelTab>(`tab:${key}`);
    void this.parts.memory.update(shownKey(key), options.shown);
    const state: PanelState = {
      experiment: key,
      tab: options.tab ?? remembered ?? 'plots',
      shown: options.shown ?? null,
    };
    const column = options.column ?? (options.beside ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active);
    const place = {
      viewColumn: column,
      preserveFocus: options.beside === true || options.column !== undefined || options.keepFocus === true,
    };
    // The document is rebuilt from a snapshot when it is shown again: nothing is kept in memory while it is hidden.
    const panel = vscode.window.createWebviewPanel(viewType, titleOf(experiment), place, {
      retainContextWhenHidden: false,
      enableFindWidget: true,
    });
    this.adopt(panel, state);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, saved: unknown): Promise<void> {
    const restored = readState(saved);
    const state = {
      ...restored,
      shown: this.parts.memory.get<string[]>(shownKey(restored.experiment)) ?? restored.shown,
    };
    panel.title = titleOf(state.experiment ? vscode.Uri.parse(state.experiment) : null);
    this.adopt(panel, state);
  }

  private adopt(panel: vscode.WebviewPanel, state: PanelState): void {
    const session = new PanelSession(panel, this.parts, state);
    this.sessions.add(session);
    void this.parts.memory.update(`panel:${panel.title}`, state.experiment);
    panel.onDidDispose(() => {
      this.sessions.delete(session);
      session.dispose();
    });
  }

  dispose(): void {
    this.registration.dispose();
    for (const session of this.sessions) session.panel.dispose();
  }
}

function titleOf(experiment: vscode.Uri | null): string {
  if (!experiment) return t('Tandem: runs');
  const name = experiment.path.slice(experiment.path.lastIndexOf('/') + 1);
  return `Tandem: ${name.replace(/\.tandem\.ya?ml$/, '')}`;
}

const tabs: readonly PanelTab[] = ['experiment', 'runs', 'plots', 'compare', 'explore'];

/** What the panel's script kept with `setState`; anything else opens an empty panel. */
function readState(saved: unknown): PanelState {
  const { experiment, tab, shown } = (saved ?? {}) as Partial<Record<keyof PanelState, unknown>>;
  return {
    experiment: typeof experiment === 'string' ? experiment : null,
    tab: tabs.find((each) => each === tab) ?? 'plots',
    shown: Array.isArray(shown) ? shown.filter((one): one is string => typeof one === 'string') : null,
  };
}
