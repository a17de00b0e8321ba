import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import * as vscode from 'vscode';
import { csvLines } from '../../launcher/export-csv.ts';
import { showForeign, showRun } from '../../launcher/show.ts';
import { stopRun } from '../../launcher/stop.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { annotateRun, readConfig } from '../../store/run-folder.ts';
import { flatten } from '../flatten.ts';
import { isActive, runLabel, shortValue, type RunEntry } from '../runs/run-entry.ts';
import { t } from '../say.ts';
import { pickRuns } from '../training/pick.ts';
import type { Command } from './commands.ts';
import type { Parts } from './parts.ts';

const ours = { fits: (run: RunEntry) => !run.foreign };

/** What a person does to runs that are there: name, star, note, copy, export, delete. */
export const editCommands: Record<string, Command> = {
  rename: async (parts, ...args) => {
    const [run] = await pickRuns(args, parts.explorer, parts.runs.all(), ours);
    if (!run) return;
    const title = await vscode.window.showInputBox({
      title: t('Rename'),
      prompt: t('Empty: the name it had'),
      value: run.file.title ?? runLabel(run),
    });
    if (title !== undefined) await annotate(parts, [run], { title: title.trim() || null });
  },

  star: async (parts, ...args) => {
    const fits = (run: RunEntry) => !run.foreign && !run.file.starred;
    const want = { fits, none: t('There is no run without a star.'), many: true };
    await annotate(parts, await pickRuns(args, parts.explorer, parts.runs.all(), want), { starred: true });
  },

  unstar: async (parts, ...args) => {
    const want = { fits: (run: RunEntry) => run.file.starred, none: t('No run has a star.'), many: true };
    await annotate(parts, await pickRuns(args, parts.explorer, parts.runs.all(), want), { starred: false });
  },

  addNote: async (parts, ...args) => {
    const [run] = await pickRuns(args, parts.explorer, parts.runs.all(), ours);
    if (!run) return;
    const note = await vscode.window.showInputBox({ title: t('Note'), value: run.file.note ?? '' });
    if (note !== undefined) await annotate(parts, [run], { note: note.trim() || null });
  },

  copySettings: async (parts, ...args) => {
    const [run] = await pickRuns(args, parts.explorer, parts.runs.all(), ours);
    if (!run) return;
    const settings = flatten(await readConfig(run.dir));
    const lines = Object.entries(settings).map(([path, value]) => `${path}: ${homeless(shortValue(value))}`);
    await vscode.env.clipboard.writeText(`${lines.join('\n')}\n`);
    vscode.window.setStatusBarMessage(t('Copied {0} settings', lines.length), 3_000);
  },

  exportCsv: async (parts, ...args) => {
    const [run] = await pickRuns(args, parts.explorer, parts.allRuns(), { fits: () => true });
    if (!run) return;
    const target = await vscode.window.showSaveDialog({
      defaultUri: vscode.Uri.file(join(run.baseDir ?? run.dir, `${run.file.id}.csv`)),
      filters: { CSV: ['csv'] },
    });
    if (!target) return;
    const document = run.foreign ? await showForeign(run.dir) : await showRun(run.dir);
    await writeFile(target.fsPath, Readable.from(withNewlines(csvLines(document))));
  },

  deleteRun: async (parts, ...args) => {
    const runs = await pickRuns(args, parts.explorer, parts.runs.all(), { ...ours, many: true });
    if (runs.length > 0) await deleteRuns(parts, runs);
  },
};

async function annotate(
  { runs }: Parts,
  chosen: RunEntry[],
  change: { title?: string | null; note?: string | null; starred?: boolean },
): Promise<void> {
  for (const run of chosen) await annotateRun(run.dir, change);
  await runs.refresh();
}

/** Asks, ends what still trains, then moves the folders to the trash. */
async function deleteRuns({ runs }: Parts, chosen: RunEntry[]): Promise<void> {
  const running = chosen.filter(isActive).length;
  const what = chosen.length === 1 ? runLabel(chosen[0]!) : t('{0} runs', chosen.length);
  const remove = t('Move to Trash');
  const choice = await vscode.window.showWarningMessage(
    t('Delete {0}?', what),
    {
      modal: true,
      detail: [
        running > 0 ? t('What is still training is ended first.') : '',
        t('Checkpoints, curves and logs go to the trash.'),
      ]
        .filter(Boolean)
        .join(' '),
    },
    remove,
  );
  if (choice !== remove) return;
  for (const run of chosen) {
    // Its last checkpoint is not wanted: no time is given.
    if (isActive(run)) await stopRun(run.dir, { graceMs: 0 });
    await trash(vscode.Uri.file(run.dir));
  }
  await runs.refresh();
}

async function trash(uri: vscode.Uri): Promise<void> {
  try {
    await vscode.workspace.fs.delete(uri, { recursive: true, useTrash: true });
  } catch {
    const remove = t('Delete Permanently');
    const choice = await vscode.window.showWarningMessage(
      t('There is no trash for {0}.', uri.fsPath),
      { modal: true },
      remove,
    );
    if (choice !== remove) throw new HumanError(t('{0} was not deleted.', uri.fsPath), '');
    await vscode.workspace.fs.delete(uri, { recursive: true });
  }
}

function* withNewlines(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${line}\n`;
}

const homeless = (text: string): string => text.split(homedir()).join('~');
