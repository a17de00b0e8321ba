import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { finishRun } from '../../launcher/finish.ts';
import { pumpQueue } from '../../launcher/queue.ts';
import type { Programs } from '../programs.ts';
import { isTraining } from '../runs/run-entry.ts';
import type { RunList } from '../runs/run-list.ts';
import type { Report } from '../report.ts';

/** Starts queued runs as places become free. The queue is the run folders themselves, so it survives reloads. */
export class TrainingQueue implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[] = [];
  private pumping: Promise<void> | null = null;
  private again = false;
  private complained = '';

  constructor(
    private readonly runs: RunList,
    private readonly programs: Programs,
    private readonly report: Report,
  ) {
    this.disposables.push(
      runs.onDidChange(() => void this.pump()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.pump()),
      vscode.workspace.onDidChangeConfiguration(
        (change) =>
          ['tandem.maxParallelRuns', 'tandem.nodePath'].some((name) => change.affectsConfiguration(name)) &&
          void this.pump(),
      ),
    );
  }

  /** Starts what may start now. Resolves when its trainers have taken up their runs, or could not. */
  async pump(): Promise<void> {
    if (!vscode.workspace.isTrusted) return;
    if (this.pumping) {
      this.again = true;
      return this.pumping;
    }
    // Jobs of a scheduler are not started here.
    const all = this.runs.all().filter(({ file }) => file.job === null);
    const max = vscode.workspace.getConfiguration('tandem').get<number>('maxParallelRuns', 1);
    if (!all.some((run) => run.status === 'queued') || all.filter(isTraining).length >= max) return;
    // Only folders that hold runs: the queue's locks make the folder they lie in.
    this.pumping = this.start([...new Set(all.map(({ dir }) => dirname(dir)))], max).finally(() => {
      this.pumping = null;
      if (!this.again) return;
      this.again = false;
      void this.pump();
    });
    return this.pumping;
  }

  private async start(runsDirs: string[], max: number): Promise<void> {
    try {
      // A wrong setting must not make failures of all that wait.
      await this.programs.checkNode();
      const { started, failed } = await pumpQueue(runsDirs, max, this.programs.trainer);
      for (const { dir, trainer } of started) {
        this.report.log.info(`trainer ${trainer.pid} took up ${dir}`);
        // Of a trainer that another window started, the end is seen in its folder.
        void trainer.exited
          ?.then((exit) => finishRun(dir, exit))
          .then(() => this.runs.refresh())
          .catch((error: unknown) => this.report.log.error(`${dir}: ${String(error)}`));
      }
      for (const { dir, error } of failed) this.report.log.error(`${dir}: ${error.message}`);
      this.complained = '';
    } catch (error) {
      // Said once: the queue is looked at again and again.
      if (String(error) !== this.complained) this.report.error(error);
      this.complained = String(error);
    }
    await this.runs.refresh();
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
  }
}
