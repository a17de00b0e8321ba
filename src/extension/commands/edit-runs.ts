import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Annotation } from '../../protocol/run.ts';
import { annotateRun, readConfig } from '../../store/run-folder.ts';
import { flatSettings } from '../../analysis/flat-settings.ts';
import { runLabel, type RunEntry } from '../runs/run-entry.ts';
import { settingText } from '../../text/settings.ts';
import { t } from '../../text/say.ts';
import { pickRuns } from '../training/pick.ts';
import type { Command } from './commands.ts';
import { deleteRuns } from './delete-runs.ts';
import { exportCsv } from './export-run.ts';
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
      ignoreFocusOut: true,
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
    const note = await vscode.window.showInputBox({
      title: t('Note'),
      value: run.file.note ?? '',
      ignoreFocusOut: true,
    });
    if (note !== undefined) await annotate(parts, [run], { note: note.trim() || null });
  },

  copySettings: async (parts, ...args) => {
    const [run] = await pickRuns(args, parts.explorer, parts.runs.all(), ours);
    if (!run) return;
    const settings = flatSettings(await readConfig(run.dir));
    const lines = Object.entries(settings).map(([path, value]) => `${path}: ${homeless(settingText(value))}`);
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
    if (target) await exportCsv(run, target);
  },

  deleteRun: async (parts, ...args) => {
    const runs = await pickRuns(args, parts.explorer, parts.runs.all(), { ...ours, many: true });
    if (runs.length > 0) await deleteRuns(parts, runs);
  },
};

async function annotate({ runs }: Parts, chosen: RunEntry[], change: Annotation): Promise<void> {
  for (const run of chosen) await annotateRun(run.dir, change);
  await runs.refresh(chosen.map(({ dir }) => dir));
}

const homeless = (text: string): string => text.split(homedir()).join('~');
