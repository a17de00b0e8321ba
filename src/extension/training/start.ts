import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { HumanError } from '../../protocol/human-error.ts';
import type { ExperimentDiagnostics } from '../editor/diagnostics.ts';
import type { Programs } from '../programs.ts';
import { answerOf, signalOf } from '../reply.ts';
import type { RunList } from '../runs/run-list.ts';
import { t } from '../../text/say.ts';
import { checkTrust } from '../trust.ts';
import type { TrainingQueue } from './queue-watch.ts';

/** What a start is made of, beside the file. */
export interface StartOptions {
  /** `key=value`, over the file's own values. */
  set?: string[];
  /** Trains one run although the file has a sweep. */
  single?: boolean;
  /** The experiment's text, where it is not what the file has now. */
  text?: string;
}

/** Starts runs: checks the file, makes their folders, and lets the queue do the rest. */
export class TrainingStarter {
  constructor(
    private readonly programs: Programs,
    private readonly diagnostics: ExperimentDiagnostics,
    private readonly runs: RunList,
    private readonly queue: TrainingQueue,
  ) {}

  /**
   * The folders of the runs that were made (a whole sweep's, when the file has one); empty when the file has errors: then
   * the Problems view is open. Throws HumanError when nothing can run here.
   */
  async start(uri: vscode.Uri, options: StartOptions = {}): Promise<string[]> {
    checkTrust();
    if (uri.scheme !== 'file')
      throw new HumanError(
        t('{0} is not on a disk of this machine.', uri.toString()),
        t('Save the experiment into a folder and start it there.'),
        'not_on_disk',
      );
    const isReady = options.text !== undefined || (await this.isReady(uri));
    const dirs = isReady ? await this.makeRuns(uri, options) : [];
    if (dirs.length === 0) {
      await showProblems(uri);
      return [];
    }
    await this.runs.setFolders([...new Set([...this.runs.folders, ...dirs.map((dir) => dirname(dir))])]);
    // The runs are there; how long their trainers take to begin is shown in the explorer.
    void this.queue.pump();
    return dirs;
  }

  /** Saved and without errors that the text alone shows. */
  private async isReady(uri: vscode.Uri): Promise<boolean> {
    const document = await vscode.workspace.openTextDocument(uri).then(
      (opened) => opened,
      () => null,
    );
    if (!document)
      throw new HumanError(
        t('{0} is not there any more.', uri.fsPath),
        t('Restart with Changes trains a run again from the text that it had.'),
        'no_file',
      );
    // What `save` returns does not tell a failure from an automatic save that came first.
    if (document.isDirty) await document.save();
    if (document.isDirty)
      throw new HumanError(
        t('{0} could not be saved.', uri.fsPath),
        t('Save it, then start again.'),
        'not_saved',
      );
    return !this.diagnostics.update(document).some(({ severity }) => severity === 'error');
  }

  private async makeRuns(
    uri: vscode.Uri,
    { set = [], single = false, text }: StartOptions,
  ): Promise<string[]> {
    const ask = { file: uri.fsPath, set, isSingle: single, ...(text !== undefined && { text }) };
    const reply = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: t('Checking {0} and its data', vscode.workspace.asRelativePath(uri)),
        cancellable: true,
      },
      (_progress, token) => this.programs.ask('queue', ask, signalOf(token)),
    );
    const answer = answerOf(reply);
    if (Array.isArray(answer)) return answer.map(({ dir }) => dir);
    const [problem] = answer.problems;
    // The Problems view shows what the file has now, not what was changed beside it.
    if (problem && text !== undefined)
      throw new HumanError(`${problem.path}: ${problem.message}`, t('Nothing was started.'), 'problems');
    return [];
  }
}

async function showProblems(uri: vscode.Uri): Promise<void> {
  await vscode.window.showTextDocument(uri, { preview: false });
  await vscode.commands.executeCommand('workbench.actions.view.problems');
}
