import * as vscode from 'vscode';
import { byteSize } from '../../text/numbers.ts';
import { t } from '../../text/say.ts';
import { plural } from '../../text/words.ts';
import { answerOf, signalOf } from '../reply.ts';
import type { Command } from './commands.ts';

/** Gives back the room of what nothing needs, in the folders of the window. */
export const cleanCommands: Record<string, Command> = {
  clean: async ({ programs, runs }) => {
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    const ask = (isDryRun: boolean) => {
      const options = {
        location: vscode.ProgressLocation.Notification,
        title: t('Free Disk Space'),
        cancellable: true,
      };
      return vscode.window.withProgress(options, async (_progress, token) => {
        const signal = signalOf(token);
        const items = [];
        for (const { uri } of folders)
          items.push(
            ...answerOf(await programs.ask('clean', { folder: uri.fsPath, isDryRun }, signal)).items,
          );
        return items;
      });
    };
    const items = await ask(true);
    const bytes = (kind?: string): number =>
      items.reduce((sum, item) => sum + (kind === undefined || item.kind === kind ? item.bytes : 0), 0);
    if (bytes() === 0) {
      void vscode.window.showInformationMessage(t('Nothing here takes room for nothing.'));
      return;
    }
    const optimizers = items.filter(({ kind }) => kind === 'optimizer').length;
    const detail = [
      optimizers > 0
        ? `${plural(optimizers, 'Optimizer state of {0} finished run', 'Optimizer states of {0} finished runs')}: ${byteSize(bytes('optimizer'))}.`
        : '',
      bytes('cache') > 0
        ? t('Decoded images and features, made again when they are needed: {0}.', byteSize(bytes('cache')))
        : '',
      t('Models, curves and logs stay.'),
    ];
    const remove = t('Remove');
    const choice = await vscode.window.showWarningMessage(
      t('Remove {0}?', byteSize(bytes())),
      { modal: true, detail: detail.filter(Boolean).join('\n') },
      remove,
    );
    if (choice !== remove) return;
    await ask(false);
    await runs.refresh();
  },
};
