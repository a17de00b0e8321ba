import * as vscode from 'vscode';
import { preparingText } from '../analysis/preparing-text.ts';
import { isTraining, runLabel, type RunEntry } from './runs/run-entry.ts';
import type { LiveRuns } from './runs/live-runs.ts';
import type { RunList } from './runs/run-list.ts';
import { t } from '../text/say.ts';
import { lossOf, progressOf, remainingMs } from './tree/describe.ts';
import { counted, shortNumber } from '../text/numbers.ts';
import { timeLeft } from '../text/durations.ts';

/** The newest running run at a glance; a click opens the panel on it. */
export class RunStatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('tandem.run', vscode.StatusBarAlignment.Left, 10);
  private readonly disposables: vscode.Disposable[] = [this.item];

  constructor(
    private readonly runs: RunList,
    live: LiveRuns,
  ) {
    this.item.name = t('Tandem run');
    this.disposables.push(
      runs.onDidChange(() => this.update()),
      live.onDidChange(() => this.update()),
    );
    this.update();
  }

  private update(): void {
    const all = this.runs.all();
    const training = all.filter(isTraining).sort((a, b) => b.file.created - a.file.created);
    const [run] = training;
    if (!run) {
      this.item.hide();
      return;
    }
    const queued = all.filter(({ status }) => status === 'queued').length;
    this.item.text = statusText(run, training.length - 1, queued);
    this.item.tooltip = `${run.file.experiment}: ${runLabel(run)}\n${t('Open Panel')}`;
    this.item.accessibilityInformation = {
      label: `Tandem, ${this.item.text.replace(/\$\([^)]*\)\s*/g, '')}`,
    };
    this.item.command = {
      command: 'tandem.openPanel',
      title: t('Open Panel'),
      arguments: [{ kind: 'run', run }],
    };
    this.item.show();
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
  }
}

/** `emoji 412/900 · loss 2.31 · 3 min left · onnx (cpu) · +1, 2 queued` */
function statusText(run: RunEntry, others: number, queued: number): string {
  const { step, steps } = progressOf(run);
  const loss = lossOf(run);
  const left = remainingMs(run);
  const started = run.live?.started;
  const preparing = run.status === 'running' ? run.live?.preparing : null;
  const rest = [others > 0 ? `+${others}` : '', queued > 0 ? t('{0} queued', queued) : '']
    .filter(Boolean)
    .join(', ');
  const parts = [
    `${run.file.experiment} ${counted(step)}/${counted(steps)}`,
    run.status === 'stopping' ? t('stopping') : '',
    preparing ? preparingText(preparing) : '',
    loss === null ? '' : `${t('loss')} ${shortNumber(loss)}`,
    left === null ? '' : timeLeft(left),
    started?.provider ? `${started.engine} (${started.provider})` : (run.file.engine?.name ?? ''),
    rest,
  ];
  return `$(sync~spin) ${parts.filter(Boolean).join(' · ')}`;
}
