import * as vscode from 'vscode';
import { queueAgain } from '../../launcher/queue-again.ts';
import { submitAgain } from '../../launcher/slurm/submit.ts';
import { stopRun } from '../../launcher/stop.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { readSource } from '../../store/run-folder.ts';
import { bodyRate } from '../../experiment/derived.ts';
import { parseExperiment } from '../../experiment/parse/parse.ts';
import { setSweep } from '../../experiment/edit/edit.ts';
import { toEdits } from '../editor/experiments.ts';
import { isActive, isResumable, runLabel, type RunEntry } from '../runs/run-entry.ts';
import { threeRates } from '../../analysis/three-rates.ts';
import { t } from '../../text/say.ts';
import { experimentFileOf } from '../tree/nodes.ts';
import { pickExperiment, pickRuns } from '../training/pick.ts';
import type { StartOptions } from '../training/start.ts';
import type { Command } from './commands.ts';
import type { Parts } from './parts.ts';

/** Start, stop, resume, and the learning-rate comparison. */
export const trainCommands: Record<string, Command> = {
  startTraining: async (parts, argument) => {
    const uri = await pickExperiment(argument, parts.folders, parts.explorer);
    if (uri) await startAndShow(parts, uri);
  },

  compareLearningRates: async (parts, argument) => {
    const uri = await pickExperiment(argument, parts.folders, parts.explorer);
    if (uri) await compareRates(parts, uri);
  },

  stop: async ({ runs, explorer }, ...args) => {
    const want = { fits: isActive, none: t('No run is running or queued.'), many: true };
    const chosen = await pickRuns(args, explorer, runs.all(), want);
    const seconds = vscode.workspace.getConfiguration('tandem').get<number>('stopGraceSeconds', 60);
    // Queued ones first: else the next would begin when the first has ended.
    chosen.sort((a, b) => Number(b.status === 'queued') - Number(a.status === 'queued'));
    for (const run of chosen) await stopWithProgress(run, seconds * 1000);
    await runs.refresh();
  },

  resume: async ({ runs, explorer, queue, programs }, ...args) => {
    const want = { fits: isResumable, none: t('No run can be resumed.'), many: true };
    const chosen = await pickRuns(args, explorer, runs.all(), want);
    if (chosen.length > 0) await programs.checkNode();
    const jobs = chosen.filter(({ file }) => file.job !== null);
    if (jobs.length > 0)
      await submitAgain(
        jobs.map(({ dir }) => dir),
        programs.trainer,
      );
    for (const run of chosen) if (run.file.job === null) await queueAgain(run.dir);
    await runs.refresh();
    await queue.pump();
  },
};

/** Starts the file's runs and shows the first of them. */
export async function startAndShow(parts: Parts, uri: vscode.Uri, options: StartOptions = {}): Promise<void> {
  const dirs = await parts.starter.start(uri, options);
  if (dirs.length === 0) return;
  parts.panels.open(uri, {
    tab: dirs.length > 1 ? 'compare' : 'plots',
    shown: dirs,
    beside: true,
  });
  await parts.explorer.reveal(dirs[0]!);
}

async function stopWithProgress(run: RunEntry, graceMs: number): Promise<void> {
  if (run.status === 'queued') {
    await stopRun(run.dir, { graceMs });
    return;
  }
  await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: t('Stopping {0} after a last checkpoint', runLabel(run)),
      cancellable: false,
    },
    () => stopRun(run.dir, { graceMs }),
  );
}

/** Trains the file's sweep; a file without one gets three image rates around its own first. */
async function compareRates(parts: Parts, uri: vscode.Uri): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const { experiment, lenient } = parseExperiment(document.getText());
  if (experiment && !experiment.sweep) {
    const rate = bodyRate(lenient.optimizer.learning_rate.image) ?? 1e-3;
    const values = threeRates(rate);
    const add = t('Add to File and Train');
    const edit = t('Add to File');
    const choice = await vscode.window.showInformationMessage(
      t(
        'Compare three image learning rates ({0})? They are written into the file as its sweep.',
        values.join(', '),
      ),
      { modal: true },
      add,
      edit,
    );
    if (!choice) return;
    const change = new vscode.WorkspaceEdit();
    const path = 'optimizer.learning_rate.image';
    change.set(uri, toEdits(document, setSweep(document.getText(), path, values)));
    if (!(await vscode.workspace.applyEdit(change)))
      throw new HumanError(t('{0} could not be changed.', uri.fsPath), t('Is it read-only?'));
    if (choice === edit) {
      await vscode.window.showTextDocument(document, { preview: false });
      return;
    }
  }
  await startAndShow(parts, uri);
}

/** The experiment text that a run was started with, and the file it came from. */
export async function sourceOf(run: RunEntry): Promise<{ text: string; file: vscode.Uri }> {
  return { text: await readSource(run.dir), file: vscode.Uri.file(experimentFileOf(run)) };
}
