import { open, rm } from 'node:fs/promises';
import * as vscode from 'vscode';
import { csvPieces } from '../../launcher/export-csv.ts';
import { showForeign, showRun } from '../../launcher/show.ts';
import { HumanError } from '../../protocol/human-error.ts';
import type { RunEntry } from '../runs/run-entry.ts';
import { t } from '../../text/say.ts';

/** Writes a run's metrics as a table. A cancelled export leaves no file; a very long run shows its progress. */
export async function exportCsv(run: RunEntry, target: vscode.Uri): Promise<void> {
  if (target.scheme !== 'file')
    throw new HumanError(
      t('{0} is not on a disk of this machine.', target.toString()),
      t('Choose a folder on this machine.'),
    );
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: t('Exporting {0}', run.file.id),
    cancellable: true,
  };
  await vscode.window.withProgress(options, async (_progress, token) => {
    const document = run.foreign ? await showForeign(run.dir) : await showRun(run.dir);
    const file = await open(target.fsPath, 'w');
    try {
      // Between two writes the window has its turn, and Cancel is heard.
      for (const piece of csvPieces(document)) {
        if (token.isCancellationRequested) break;
        await file.write(piece);
      }
    } finally {
      await file.close();
    }
    if (token.isCancellationRequested) await rm(target.fsPath);
  });
}
