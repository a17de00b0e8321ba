import * as vscode from 'vscode';
import { hoverAt } from '../../experiment/editor/hover.ts';
import type { EarlierRun } from '../../experiment/editor/nearby.ts';
import { recallK, shortMetric } from '../../protocol/metrics.ts';
import { readConfig } from '../../store/run-folder.ts';
import { flatSettings } from '../../analysis/flat-settings.ts';
import type { RunEntry } from '../runs/run-entry.ts';
import { decidingMetric } from '../tree/describe.ts';
import type { RunSource } from '../tree/explorer.ts';
import { toRange } from './experiments.ts';

/** Earlier runs that a hover looks at, the newest. */
const most = 200;

/** What a key means, and on a learning rate what the person's own runs near it reached. */
export class ExperimentHover implements vscode.HoverProvider {
  private readonly settings = new Map<string, Record<string, unknown>>();

  constructor(private readonly runs: RunSource) {}

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.Hover | null> {
    const text = document.getText();
    const offset = document.offsetAt(position);
    const plain = hoverAt(text, offset);
    if (!plain) return null;
    const isRate = plain.path.includes('learning_rate');
    const hover = isRate ? hoverAt(text, offset, await this.earlier(token)) : plain;
    if (!hover || token.isCancellationRequested) return null;
    return new vscode.Hover(new vscode.MarkdownString(hover.markdown), toRange(hover.range));
  }

  private async earlier(token: vscode.CancellationToken): Promise<EarlierRun[]> {
    const runs = this.runs
      .all()
      .filter((run) => !run.foreign && !run.problem)
      .sort((a, b) => b.file.created - a.file.created)
      .slice(0, most);
    const earlier: EarlierRun[] = [];
    for (const run of runs) {
      if (token.isCancellationRequested) return [];
      const metric = decidingMetric(run);
      const isRecall = metric !== null && recallK(metric.name) !== null;
      earlier.push({
        settings: await this.settingsOf(run),
        best: isRecall ? metric.best : null,
        metric: isRecall ? shortMetric(metric.name) : 'recall@10',
        diverged: run.status === 'diverged',
      });
    }
    return earlier;
  }

  private async settingsOf(run: RunEntry): Promise<Record<string, unknown>> {
    const known = this.settings.get(run.dir);
    if (known) return known;
    // A run whose config cannot be read tells nothing here; the explorer shows what is wrong with it.
    const config = await readConfig(run.dir).catch(() => null);
    const settings = config ? flatSettings(config) : {};
    this.settings.set(run.dir, settings);
    return settings;
  }
}
