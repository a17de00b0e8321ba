import { dirname, isAbsolute, join, relative } from 'node:path';
import * as vscode from 'vscode';
import { removeKey, setSweep, setValue } from '../../experiment/edit/edit.ts';
import { sequence } from '../../experiment/edit/apply-edits.ts';
import { yamlText } from '../../experiment/edit/yaml-text.ts';
import type { TextEdit } from '../../experiment/document/problem.ts';
import { HumanError } from '../../protocol/human-error.ts';
import type { PanelCommand, PanelRequest, PreviewMessage } from '../../protocol/panel.ts';
import { bytesIn } from '../../store/disk.ts';
import { annotateRun } from '../../store/run-folder.ts';
import { eachOf } from '../../store/run-list.ts';
import { deleteRuns } from '../commands/delete-runs.ts';
import type { RunEntry } from '../runs/run-entry.ts';
import { toEdits } from '../editor/experiments.ts';
import { t } from '../../text/say.ts';
import { answerOf } from '../reply.ts';
import { checkTrust } from '../trust.ts';
import type { PanelParts } from './panel-parts.ts';
import type { PanelSession } from './session.ts';

type Context = PanelParts & { session: PanelSession };
type Request<Kind extends PanelRequest['kind']> = Extract<PanelRequest, { kind: Kind }>;
type Handlers = {
  [Kind in PanelRequest['kind']]: (request: Request<Kind>, context: Context) => Promise<unknown>;
};

/** Does what a panel asks for. A failure is answered in words: a panel never waits for ever. */
export async function answer(
  request: PanelRequest,
  context: Context,
): Promise<{ error: string | null; value?: unknown }> {
  try {
    const handler = handlers[request.kind] as (request: PanelRequest, context: Context) => Promise<unknown>;
    return { error: null, value: await handler(request, context) };
  } catch (error) {
    if (error instanceof vscode.CancellationError) return { error: null, value: null };
    if (!(error instanceof HumanError))
      context.report.log.error(error instanceof Error ? error : String(error));
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

const handlers: Handlers = {
  edit: (request, context) =>
    change(context, (text) =>
      request.text === null ? removeKey(text, request.path) : setValue(text, request.path, request.text),
    ),

  sweep: ({ path, values, draw }, context) => change(context, (text) => setSweep(text, path, values, draw)),

  fix: async (request, context) => {
    const document = await documentOf(context);
    const { problems } = context.experiments.check(document);
    const fix = problems[request.problem]?.fixes[request.fix];
    if (fix) await apply(context, document, fix.edits);
  },

  undo: (_request, context) => travel(context, 'undo'),
  redo: (_request, context) => travel(context, 'redo'),

  useSetting: async (request, context) => {
    // What was swept is decided: the next run trains with these values.
    const edits = Object.entries(request.settings).flatMap(([path, value]) => [
      (text: string) => setValue(text, path, yamlText(value)),
      (text: string) => setSweep(text, path, null),
    ]);
    await change(context, (text) => sequence(text, edits));
    const document = await documentOf(context);
    await vscode.window.showTextDocument(document, { preview: false, viewColumn: vscode.ViewColumn.Beside });
  },

  findRate: async ({ branch, others }, context) => {
    checkTrust();
    const document = await documentOf(context);
    const ask = { file: document.uri.fsPath, text: document.getText(), branch, others };
    const answer = answerOf(await context.programs.ask('find-lr', ask));
    if ('problems' in answer)
      throw new HumanError(t('The experiment has errors.'), t('They are marked in its file.'), 'problems');
    return answer;
  },

  command: async (request, context) => {
    const [command, target] = commands[request.command];
    const run = request.run ? context.allRuns().find(({ dir }) => dir === request.run) : undefined;
    const argument = target === 'run' && run ? { kind: 'run', run } : context.session.experiment;
    await vscode.commands.executeCommand(`tandem.${command}`, ...(target === 'none' ? [] : [argument]));
  },

  browse: async (request, context) => {
    const folder = context.session.folder;
    const isFolder = /weights|image_root/.test(request.path);
    const [picked] =
      (await vscode.window.showOpenDialog({
        ...(folder && { defaultUri: vscode.Uri.file(folder) }),
        canSelectFolders: isFolder || request.path === 'data.pairs',
        canSelectFiles: !isFolder,
        title: request.path,
      })) ?? [];
    if (!picked) return;
    const path = folder ? portable(folder, picked.fsPath) : picked.fsPath;
    await change(context, (text) => setValue(text, request.path, yamlText(path)));
  },

  preview: async (request, context) => {
    await context.session.post(await preview(request, context));
  },

  save: async (request, context) => {
    const folder = context.session.folder;
    const target = await vscode.window.showSaveDialog(
      folder ? { defaultUri: vscode.Uri.file(join(folder, request.name)) } : {},
    );
    if (!target) return;
    const bytes = Buffer.from(request.content, request.base64 ? 'base64' : 'utf8');
    await vscode.workspace.fs.writeFile(target, bytes);
    sayWhere(t('Saved: {0}', target.fsPath), () => vscode.commands.executeCommand('vscode.open', target));
  },

  report: async (request, context) => {
    checkTrust();
    const folder = context.session.folder ?? dirname(request.runs[0] ?? '');
    const target = await vscode.window.showSaveDialog({
      defaultUri: vscode.Uri.file(join(folder, 'report.html')),
      filters: { HTML: ['html'] },
    });
    if (!target) return;
    answerOf(await context.programs.ask('report', { runs: request.runs, output: target.fsPath }));
    sayWhere(t('Report written: {0}', target.fsPath), () => vscode.env.openExternal(target));
  },

  model: async ({ run, question }, { session, allRuns }) => {
    checkTrust();
    if (!allRuns().some(({ dir }) => dir === run))
      throw new HumanError(t('The run is not there any more.'), t('Choose another.'), 'run_gone');
    return session.models.ask(run, question);
  },

  stopModel: async ({ call }, { session }) => session.models.stop(call),

  pick: async ({ what, from }) => {
    const [picked] =
      (await vscode.window.showOpenDialog({
        ...(from !== null && { defaultUri: vscode.Uri.file(from) }),
        canSelectFolders: what === 'folder',
        canSelectFiles: what === 'image',
        ...(what === 'image' && {
          filters: { [t('Images')]: ['jpg', 'jpeg', 'png', 'webp', 'gif', 'tif', 'tiff', 'avif', 'svg'] },
        }),
      })) ?? [];
    return picked?.fsPath ?? null;
  },

  annotate: async (request, context) => {
    const dirs = ownRuns(request.runs, context).map(({ dir }) => dir);
    for (const dir of dirs) await annotateRun(dir, request.change);
    await context.runs.refresh(dirs);
  },

  delete: (request, context) => deleteRuns(context, ownRuns(request.runs, context)),

  sizes: async (request) => {
    const bytes: Record<string, number> = {};
    // Few at a time: they share a disk with what trains.
    await eachOf(request.runs.length, 4, async (index) => {
      const id = request.runs[index]!;
      bytes[id] = await bytesIn(id);
    });
    return bytes;
  },
};

/** Those of the ids that are runs of ours. */
function ownRuns(ids: string[], context: Context): RunEntry[] {
  const wanted = new Set(ids);
  return context.allRuns().filter((run) => !run.foreign && wanted.has(run.dir));
}

/** Says where a file is, with a button that opens it. The panel has its answer at once, however long the message stays. */
function sayWhere(message: string, open: () => Thenable<unknown>): void {
  const button = t('Open');
  void vscode.window
    .showInformationMessage(message, button)
    .then((choice) => (choice === button ? open() : undefined));
}

const commands: Record<PanelCommand, [command: string, target: 'experiment' | 'run' | 'none']> = {
  start: ['startTraining', 'experiment'],
  stop: ['stop', 'run'],
  resume: ['resume', 'run'],
  compare: ['compareLearningRates', 'experiment'],
  newExperiment: ['newExperiment', 'none'],
  openExample: ['openExample', 'none'],
  openLog: ['openLog', 'run'],
  openFile: ['openExperiment', 'experiment'],
  revealRun: ['revealRunFolder', 'run'],
  addNote: ['addNote', 'run'],
  rename: ['rename', 'run'],
  evaluate: ['evaluate', 'run'],
  exportModel: ['exportModel', 'run'],
};

async function documentOf({ session }: Context): Promise<vscode.TextDocument> {
  if (!session.experiment)
    throw new HumanError(
      t('This panel has no experiment file.'),
      t('Open one, or make one with New Experiment.'),
    );
  return vscode.workspace.openTextDocument(session.experiment);
}

async function change(context: Context, edit: (text: string) => TextEdit[]): Promise<void> {
  const document = await documentOf(context);
  await apply(context, document, edit(document.getText()));
}

/** The panel's last change, taken back or made again; nothing where the text has been changed by something else since. */
async function travel(context: Context, way: 'undo' | 'redo'): Promise<void> {
  const document = await documentOf(context);
  const edits = context.session.history[way](document.getText());
  if (edits) await replace(document, edits);
}

/** One undoable edit of the document; it stays unsaved, as if typed. */
async function apply({ session }: Context, document: vscode.TextDocument, edits: TextEdit[]): Promise<void> {
  const before = document.getText();
  await replace(document, edits);
  session.history.add(before, document.getText());
}

async function replace(document: vscode.TextDocument, edits: TextEdit[]): Promise<void> {
  const change = new vscode.WorkspaceEdit();
  change.set(document.uri, toEdits(document, edits));
  if (!(await vscode.workspace.applyEdit(change)))
    throw new HumanError(t('{0} could not be changed.', document.fileName), t('Is it read-only?'));
}

/** Relative with forward slashes where the file is in or beside the experiment's folder. */
export function portable(folder: string, file: string): string {
  const path = relative(folder, file);
  if (path === '') return '.';
  return isAbsolute(path) || path.startsWith('../../..') ? file : path.replaceAll('\\', '/');
}

async function preview(request: Request<'preview'>, context: Context): Promise<PreviewMessage> {
  const { index, epoch, count } = request;
  const document = await documentOf(context);
  const failed = (problem: string): PreviewMessage => ({
    kind: 'preview',
    total: 0,
    items: [],
    epoch,
    seed: 0,
    problem,
  });
  if (!context.experiments.check(document).parsed.experiment) return failed(t('The experiment has errors.'));
  if (!vscode.workspace.isTrusted) return failed(t('Nothing is read in Restricted Mode.'));
  const ask = { file: document.uri.fsPath, text: document.getText(), index, epoch, count };
  const reply = await context.programs.ask('preview', ask, AbortSignal.timeout(previewMs));
  if (reply.kind === 'answer') return reply.value;
  return failed(reply.kind === 'failure' ? reply.error.message.trim() : t('The preview could not be made.'));
}

/** A preview that takes longer is given up. */
const previewMs = 60_000;
