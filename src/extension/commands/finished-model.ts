import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { evaluationWords } from '../../analysis/evaluation-words.ts';
import { exportModel } from '../../launcher/model/export-model.ts';
import { openModelService } from '../../launcher/model/model-service.ts';
import { textLines } from '../../launcher/model/text-lines.ts';
import { HumanError } from '../../protocol/human-error.ts';
import type { ExportAsk, ModelAnswer, ModelAsk, ModelCall } from '../../protocol/inference.ts';
import { counted, percent } from '../../text/numbers.ts';
import { t } from '../../text/say.ts';
import type { RunEntry } from '../runs/run-entry.ts';
import { pickRuns } from '../training/pick.ts';
import type { Command } from './commands.ts';
import type { Parts } from './parts.ts';
import { sentences } from '../../text/words.ts';

/** What a person does with a run's model besides searching: measure it on other pairs, and take it elsewhere. */
export const finishedModelCommands: Record<string, Command> = {
  evaluate: async (parts, ...args) => {
    const run = await pickTrained(parts, args);
    if (!run) return;
    const what = await pickMeasure();
    if (!what) return;
    const data = await pickFile(run, t('List of pairs'), pairFilters());
    if (!data) return;
    const labels = what === 'zeroShot' ? await pickFile(run, t('Labels, one a line'), textFilters()) : null;
    if (what === 'zeroShot' && !labels) return;
    const templates = what === 'zeroShot' ? await pickTemplates(run) : null;
    if (what === 'zeroShot' && !templates) return;
    const title = t('Evaluating {0} on {1}', run.file.id, basename(data));
    const found = await (
      labels && templates
        ? ask(parts, run, title, 'zeroShot', { data, labels: await textLines(labels), templates })
        : ask(parts, run, title, 'measure', { data })
    ).catch(nothingIfCancelled);
    if (!found) return;
    const words = [t('{0} images', counted(found.images)), ...evaluationWords(found)];
    tell(`${basename(found.data)}: ${words.join(' · ')}`, t('Show'), () =>
      vscode.commands.executeCommand('tandem.openPanel', { kind: 'run', id: '', run }),
    );
  },

  exportModel: async (parts, ...args) => {
    const run = await pickTrained(parts, args);
    if (!run) return;
    const format = await pickFormat();
    if (!format) return;
    const [parent] =
      (await vscode.window.showOpenDialog({
        defaultUri: vscode.Uri.file(run.baseDir ?? dirname(run.dir)),
        canSelectFolders: true,
        canSelectFiles: false,
        title: t('Where the folder {0} is made', folderName(run, format)),
      })) ?? [];
    if (!parent) return;
    const folder = join(parent.fsPath, folderName(run, format));
    const title = t('Exporting {0}', run.file.id);
    const done = await exportModel((asked) => ask(parts, run, title, 'export', asked), {
      format,
      folder,
    }).catch(nothingIfCancelled);
    if (!done) return;
    const text = sentences([t('{0} files in {1}.', done.files.length, done.folder), ...done.notes]);
    tell(text, t('Open README'), () =>
      vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.file(join(done.folder, 'README.md'))),
    );
  },
};

async function pickTrained({ explorer, runs }: Parts, args: unknown[]): Promise<RunEntry | undefined> {
  const [run] = await pickRuns(args, explorer, runs.all(), {
    fits: ({ foreign, file }) => !foreign && (file.step ?? 0) > 0,
    none: t('No run has a checkpoint yet.'),
  });
  return run;
}

async function pickMeasure(): Promise<'measure' | 'zeroShot' | undefined> {
  const choice = await vscode.window.showQuickPick([
    {
      label: t('Recall on other pairs'),
      detail: t('How often captions find their image among all, and images their captions.'),
      what: 'measure' as const,
    },
    {
      label: t('Labels that it was not trained for (zero-shot)'),
      detail: t('How many images get their label; the caption of each names it.'),
      what: 'zeroShot' as const,
    },
  ]);
  return choice?.what;
}

/** Lines with `{}` where the label stands. */
async function pickTemplates(run: RunEntry): Promise<string[] | null> {
  const choice = await vscode.window.showQuickPick([
    { label: '{}', detail: t('The label as it stands in the file.'), from: 'label' as const },
    {
      label: 'a photo of a {}',
      detail: t('The template that CLIP’s makers name first.'),
      from: 'label' as const,
    },
    {
      label: t('From a file…'),
      detail: t('One template a line, each with {} where the label stands; their vectors are averaged.'),
      from: 'file' as const,
    },
  ]);
  if (!choice) return null;
  if (choice.from === 'label') return [choice.label];
  const file = await pickFile(run, t('Templates, one a line'), textFilters());
  return file === null ? null : textLines(file);
}

async function pickFormat(): Promise<ExportAsk['format'] | undefined> {
  const choice = await vscode.window.showQuickPick([
    {
      label: 'ONNX',
      detail: t('The whole model for ONNX Runtime, in Python and JavaScript, checked against this one.'),
      format: 'onnx' as const,
    },
    {
      label: 'safetensors',
      detail: t('Weights that transformers and torchvision load.'),
      format: 'safetensors' as const,
    },
    {
      label: t('TensorBoard projector'),
      detail: t('Embeddings of the validation images and captions.'),
      format: 'projector' as const,
    },
  ]);
  return choice?.format;
}

const folderName = (run: RunEntry, format: string): string => `${run.file.id}-${format}`;

const textFilters = (): Record<string, string[]> => ({ [t('Text')]: ['txt'] });
const pairFilters = (): Record<string, string[]> => ({
  [t('Pairs')]: ['csv', 'tsv', 'jsonl', 'json', 'parquet', 'tar', 'txt', 'token'],
});

async function pickFile(
  run: RunEntry,
  title: string,
  filters: Record<string, string[]>,
): Promise<string | null> {
  const [picked] =
    (await vscode.window.showOpenDialog({
      defaultUri: vscode.Uri.file(run.baseDir ?? dirname(run.dir)),
      canSelectMany: false,
      title,
      filters,
    })) ?? [];
  return picked?.fsPath ?? null;
}

/** Asks the run's model while a notification shows how far it is; HumanError `cancelled` when a person cancelled. */
async function ask<Call extends ModelCall>(
  { programs }: Parts,
  run: RunEntry,
  title: string,
  call: Call,
  question: ModelAsk<Call>,
): Promise<ModelAnswer<Call>> {
  await programs.checkNode();
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
    const service = openModelService(programs.trainer, run.dir);
    // What cannot stop in the middle ends with its program.
    const listening = token.onCancellationRequested(() => service.kill());
    let told = 0;
    try {
      return await service.ask(call, question, {
        onProgress({ done, total }) {
          const share = done / Math.max(1, total);
          progress.report({ message: percent(share), increment: 100 * (share - told) });
          told = share;
        },
      });
    } catch (error) {
      if (token.isCancellationRequested && error instanceof HumanError)
        throw new HumanError(error.what, error.todo, cancelled);
      throw error;
    } finally {
      listening.dispose();
      service.close();
    }
  });
}

const cancelled = 'cancelled';

function nothingIfCancelled(error: unknown): null {
  if (error instanceof HumanError && error.code === cancelled) return null;
  throw error;
}

/** Says what came of it; the command does not wait for the button. */
function tell(message: string, button: string, open: () => Thenable<unknown>): void {
  void vscode.window
    .showInformationMessage(message, button)
    .then((choice) => (choice === button ? open() : undefined));
}
