import * as vscode from 'vscode';
import { hoverAt } from '../../experiment/hover.ts';
import type { RunConfig } from '../../experiment/config.ts';
import { readConfig } from '../../store/run-folder.ts';
import type { RunEntry } from '../runs/run-entry.ts';
import { decidingMetric } from '../tree/describe.ts';
import type { RunSource } from '../tree/explorer.ts';
import { earlierRuns, type RateSample } from './earlier-runs.ts';
import { toRange } from './experiments.ts';

/** Earlier runs that a hover looks at, the newest. */
const most = 200;

/** What a key means, and on a learning rate what the person's own runs near it reached. */
export class ExperimentHover implements vscode.HoverProvider {
  private readonly rates = new Map<string, RunConfig['optimizer']['learning_rate'] | null>();

  constructor(private readonly runs: RunSource) {}

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.Hover | null> {
    const text = document.getText();
    const hover = hoverAt(text, document.offsetAt(position));
    if (!hover) return null;
    const contents = [new vscode.MarkdownString(hover.markdown)];
    const branch = /(?:^|\.)learning_rate\.(\w+)$/.exec(hover.path)?.[1];
    if (branch) {
      const value = valueAt(document, toRange(hover.range));
      const samples = value === null ? [] : await this.samples(branch, token);
      const sentence = value === null ? null : earlierRuns(value, branch, samples);
      if (sentence) contents.push(new vscode.MarkdownString().appendText(sentence));
    }
    return token.isCancellationRequested ? null : new vscode.Hover(contents, toRange(hover.range));
  }

  private async samples(branch: string, token: vscode.CancellationToken): Promise<RateSample[]> {
    const runs = this.runs
      .all()
      .filter((run) => !run.foreign && !run.problem)
      .sort((a, b) => b.file.created - a.file.created)
      .slice(0, most);
    const samples: RateSample[] = [];
    for (const run of runs) {
      if (token.isCancellationRequested) return [];
      const rate = (await this.ratesOf(run))?.[branch as 'image'];
      const metric = decidingMetric(run);
      const recall = metric?.name.includes('recall') ? { name: metric.name, value: metric.value } : null;
      if (typeof rate === 'number') samples.push({ rate, status: run.status, recall });
    }
    return samples;
  }

  private async ratesOf(run: RunEntry): Promise<RunConfig['optimizer']['learning_rate'] | null> {
    const known = this.rates.get(run.dir);
    if (known !== undefined) return known;
    // A run whose config cannot be read tells nothing here; the explorer shows what is wrong with it.
    const config = await readConfig(run.dir).catch(() => null);
    const rates = config?.optimizer?.learning_rate ?? null;
    this.rates.set(run.dir, rates);
    return rates;
  }
}

/** The number written at or after the hovered range on its line; null when there is none. */
function valueAt(document: vscode.TextDocument, range: vscode.Range): number | null {
  const line = document.lineAt(range.start.line).text.slice(range.start.character);
  const match = /^(?:[\w-]+\s*:\s*)?([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/.exec(line);
  const value = match ? Number(match[1]) : NaN;
  return Number.isFinite(value) ? value : null;
}
