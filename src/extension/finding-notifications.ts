import * as vscode from 'vscode';
import { findingText } from '../analysis/finding-text.ts';
import type { RunFinding } from '../protocol/events.ts';
import { t } from '../text/say.ts';
import { offer } from './offer.ts';
import { isActive, type RunEntry } from './runs/run-entry.ts';
import type { RunList } from './runs/run-list.ts';

/** Announces what it is not worth training on after, while a run trains: at chance, collapsed. One that diverges ends by itself. */
export class FindingNotifications implements vscode.Disposable {
  private readonly subscription: vscode.Disposable;
  /** How many such findings a run has, by its folder. */
  private readonly known = new Map<string, number>();

  constructor(runs: RunList) {
    this.subscription = runs.onDidChange(({ added, changed, removed }) => {
      // What was found before this window looked has been announced by another, or long ago.
      for (const run of added) this.known.set(run.dir, graveOf(run).length);
      for (const { run } of changed) {
        const found = graveOf(run);
        const before = this.known.get(run.dir) ?? 0;
        this.known.set(run.dir, found.length);
        if (isActive(run) && found.length > before) void announce(run, found.at(-1)!);
      }
      for (const { dir } of removed) this.known.delete(dir);
    });
  }

  dispose(): void {
    this.subscription.dispose();
  }
}

const graveOf = ({ file }: RunEntry): RunFinding[] =>
  file.findings.filter(({ severity }) => severity === 'error');

async function announce(run: RunEntry, finding: RunFinding): Promise<void> {
  if (vscode.workspace.getConfiguration('tandem').get<string>('notifications', 'all') === 'none') return;
  const actions = [
    { title: t('Stop'), command: 'tandem.stop' },
    { title: t('Open Panel'), command: 'tandem.openPanel' },
  ];
  const message = `${run.file.experiment}: ${findingText(finding)}`;
  await offer(vscode.window.showWarningMessage, message, actions, run);
}
