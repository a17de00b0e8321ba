import { cp } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import * as vscode from 'vscode';
import { largestBatch } from '../../experiment/checks/largest-batch.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { portable } from '../panel/requests.ts';
import type { Programs } from '../programs.ts';
import { answerOf, signalOf } from '../reply.ts';
import { t } from '../../text/say.ts';
import type { Command } from './commands.ts';
import { columnsOf, experimentText, guessColumns, usualBatch } from './experiment-text.ts';

/** From pictures and captions to a file that trains, and the example. */
export const newExperimentCommands: Record<string, Command> = {
  newExperiment: async ({ folders, programs }) => {
    const pairs = await pickPairs();
    if (!pairs) return;
    if (pairs.scheme !== 'file')
      throw new HumanError(
        t('{0} is not on a disk of this machine.', pairs.toString()),
        t('Choose a folder on this machine.'),
        'not_on_disk',
      );
    const columns = await askColumns(pairs);
    if (columns === undefined) return;
    const name = await askName(pairs);
    if (!name) return;
    const folder = folderFor(pairs);
    const file = vscode.Uri.file(join(folder, `${name}.tandem.yaml`));
    const parts = { name, pairs: portable(folder, pairs.fsPath), ...columns };
    const batchSize = await fittingBatch(programs, file, experimentText(parts));
    if (batchSize === undefined) return;
    await write(file, experimentText({ ...parts, batchSize }));
    await vscode.window.showTextDocument(file, { preview: false });
    await folders.refresh();
  },

  openExample: async ({ programs }) => {
    const [parent] =
      (await vscode.window.showOpenDialog({
        canSelectFolders: true,
        canSelectFiles: false,
        openLabel: t('Put the Example Here'),
        ...inFirstFolder(),
      })) ?? [];
    if (!parent) return;
    const target = vscode.Uri.joinPath(parent, 'emoji');
    await cp(programs.file('examples/emoji'), target.fsPath, {
      recursive: true,
      force: false,
      errorOnExist: false,
    });
    const file = vscode.Uri.joinPath(target, 'emoji.tandem.yaml');
    if (vscode.workspace.getWorkspaceFolder(target)) {
      await vscode.window.showTextDocument(file, { preview: false });
      return;
    }
    await vscode.commands.executeCommand('vscode.openFolder', target, { forceNewWindow: false });
  },
};

/** Where the experiment is written: beside its data where these lie in an open folder, else into the open folder. */
function folderFor(pairs: vscode.Uri): string {
  const beside = vscode.Uri.file(dirname(pairs.fsPath));
  if (vscode.workspace.getWorkspaceFolder(beside)) return beside.fsPath;
  const open = vscode.workspace.getWorkspaceFolder(pairs) ?? vscode.workspace.workspaceFolders?.[0];
  return open?.uri.scheme === 'file' ? open.uri.fsPath : beside.fsPath;
}

/** The largest usual batch that the data fill; undefined when the person cancels. What is wrong with the data is shown at the file. */
async function fittingBatch(programs: Programs, file: vscode.Uri, text: string): Promise<number | undefined> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: t('Reading the pictures and captions'),
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (_progress, token) => {
    const reply = await programs.ask('validate', { file: file.fsPath, text }, signalOf(token));
    if (reply.kind === 'cancelled') return undefined;
    const pairs = answerOf(reply).data?.train_pairs ?? usualBatch;
    return Math.min(usualBatch, largestBatch(pairs));
  });
}

async function pickPairs(): Promise<vscode.Uri | null> {
  const table = {
    label: t('$(table) A table of pictures and captions'),
    detail: 'csv, tsv, jsonl, parquet',
    isFolder: false,
  };
  const folder = {
    label: t('$(folder) A folder of pictures with captions beside them'),
    detail: 'cat.jpg + cat.txt',
    isFolder: true,
  };
  const coco = {
    label: t('$(json) Captions in COCO or Flickr form, or tar shards'),
    detail: 'json, token, tar',
    isFolder: false,
  };
  const kind = await vscode.window.showQuickPick([table, folder, coco], {
    title: t('New Experiment'),
    placeHolder: t('Where are your pictures and captions?'),
  });
  if (!kind) return null;
  const picked = await vscode.window.showOpenDialog({
    canSelectFiles: !kind.isFolder,
    canSelectFolders: kind.isFolder,
    openLabel: t('Choose'),
    ...inFirstFolder(),
  });
  return picked?.[0] ?? null;
}

/** The columns, asked for only where they cannot be told; null for files that have none; undefined when the person leaves. */
async function askColumns(
  pairs: vscode.Uri,
): Promise<{ image: string | null; caption: string | null } | undefined> {
  if (!['.csv', '.tsv', '.jsonl'].includes(extname(pairs.fsPath).toLowerCase()))
    return { image: null, caption: null };
  const start = Buffer.from(await vscode.workspace.fs.readFile(pairs))
    .subarray(0, 1 << 16)
    .toString('utf8');
  const columns = columnsOf(start);
  const guess = guessColumns(columns);
  const ask = async (what: string, found: string | null) =>
    found ?? (await vscode.window.showQuickPick(columns, { title: t('New Experiment'), placeHolder: what }));
  const image = await ask(t('Which column names the picture?'), guess.image);
  if (!image) return undefined;
  const caption = await ask(t('Which column is the caption?'), guess.caption);
  return caption ? { image, caption } : undefined;
}

async function askName(pairs: vscode.Uri): Promise<string | undefined> {
  const own = basename(pairs.fsPath, extname(pairs.fsPath));
  const isPlain = ['pairs', 'captions', 'data', 'train'].includes(own);
  return vscode.window.showInputBox({
    title: t('New Experiment'),
    prompt: t('Name of the experiment'),
    value: isPlain ? basename(dirname(pairs.fsPath)) : own,
    ignoreFocusOut: true,
    validateInput: (value) =>
      /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u.test(value) ? null : t('Letters, digits, spaces, . _ and -'),
  });
}

async function write(file: vscode.Uri, text: string): Promise<void> {
  const exists = await vscode.workspace.fs.stat(file).then(
    () => true,
    () => false,
  );
  if (exists)
    throw new HumanError(t('{0} is there already.', file.fsPath), t('Choose another name.'), 'exists');
  await vscode.workspace.fs.writeFile(file, Buffer.from(text));
}

/** A dialog begins in the first folder of the workspace, if there is one. */
function inFirstFolder(): { defaultUri?: vscode.Uri } {
  const folder = vscode.workspace.workspaceFolders?.[0];
  return folder ? { defaultUri: folder.uri } : {};
}
