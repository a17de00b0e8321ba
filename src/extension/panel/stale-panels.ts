import * as vscode from 'vscode';

/** A restored panel is handed to the extension at once; one that was not by then belongs to a host that is gone. */
const patienceMs = 4_000;

/**
 * When the extension host was restarted alone, VS Code leaves its panels on the screen with nobody behind them. Closes the
 * visible ones and calls `reopen` with title and place of each. `isOurs` tells whether this host has a visible panel of that
 * title there.
 */
export function replaceStalePanels(
  viewType: string,
  isOurs: (title: string, column: vscode.ViewColumn) => boolean,
  reopen: (title: string, column: vscode.ViewColumn) => void,
): vscode.Disposable {
  const look = async (): Promise<void> => {
    for (const { activeTab, viewColumn } of vscode.window.tabGroups.all) {
      const input = activeTab?.input;
      if (!activeTab || !(input instanceof vscode.TabInputWebview) || !input.viewType.endsWith(viewType))
        continue;
      const { label } = activeTab;
      if (isOurs(label, viewColumn)) continue;
      await vscode.window.tabGroups.close(activeTab, true);
      reopen(label, viewColumn);
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), patienceMs);
  };
  later();
  return vscode.Disposable.from(vscode.window.tabGroups.onDidChangeTabs(later), {
    dispose: () => clearTimeout(timer),
  });
}
