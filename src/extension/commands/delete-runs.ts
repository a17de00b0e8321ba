import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { stopRun } from '../../launcher/stop.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { isActive, runLabel, type RunEntry } from '../runs/run-entry.ts';
import { t } from '../../text/say.ts';
import { sentences } from '../../text/words.ts';

/** What lists runs and looks at their folders again when asked. */
interface Listing {
  runs: { refresh(): Promise<void> };
}

/** Asks, then removes runs. */
export async function deleteRuns({ runs }: Listing, chosen: RunEntry[]): Promise<void> {
  const [first] = chosen;
  if (!first) return;
  const remove = t('Move to Trash');
  const detail = [
    chosen.length === 1 ? `${first.file.id}\n` : '',
    chosen.some(isActive) ? t('What is still training is ended first.') : '',
    t('Checkpoints, curves and logs go to the trash.'),
  ];
  const choice = await vscode.window.showWarningMessage(
    t('Delete {0}?', chosen.length === 1 ? runLabel(first) : t('{0} runs', chosen.length)),
    { modal: true, detail: sentences(detail) },
    remove,
  );
  if (choice === remove) await removeRuns({ runs }, chosen);
}

/** Ends what still trains, so that no process is left, and moves the folders to the trash. */
async function removeRuns({ runs }: Listing, chosen: RunEntry[]): Promise<void> {
  try {
    // Queued ones first: else the next would begin when a training one has ended.
    const inOrder = [...chosen].sort((a, b) => Number(b.status === 'queued') - Number(a.status === 'queued'));
    // Their last checkpoint is not wanted: no time is given.
    for (const run of inOrder)
      if (isActive(run) && existsSync(run.dir)) await stopRun(run.dir, { graceMs: 0 });
    await trash(chosen.map(({ dir }) => vscode.Uri.file(dir)));
  } finally {
    await runs.refresh();
  }
}

/** What another window or program has deleted meanwhile is deleted. Where there is no trash, asks once for all. */
async function trash(folders: vscode.Uri[]): Promise<void> {
  const remove = t('Delete Permanently');
  let useTrash = true;
  for (const folder of folders) {
    if (useTrash && !(await isMoved(folder))) {
      const choice = await vscode.window.showWarningMessage(
        t('There is no trash for {0}.', folder.fsPath),
        { modal: true },
        remove,
      );
      if (choice !== remove)
        throw new HumanError(t('{0} was not deleted.', folder.fsPath), t('It is where it was.'));
      useTrash = false;
    }
    if (existsSync(folder.fsPath)) await vscode.workspace.fs.delete(folder, { recursive: true });
  }
}

async function isMoved(folder: vscode.Uri): Promise<boolean> {
  if (!existsSync(folder.fsPath)) return true;
  try {
    await vscode.workspace.fs.delete(folder, { recursive: true, useTrash: true });
    return true;
  } catch {
    return false; // Disks of remote windows have no trash, and network disks often none.
  }
}
