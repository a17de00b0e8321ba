import * as vscode from 'vscode';
import { t } from '../../text/say.ts';

/** Start Training, Compare Learning Rates and Open Panel above an experiment's first line. */
export class ExperimentLenses implements vscode.CodeLensProvider {
  readonly onDidChangeCodeLenses = vscode.workspace.onDidGrantWorkspaceTrust;

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const top = new vscode.Range(0, 0, 0, 0);
    const lens = (title: string, command: string) =>
      new vscode.CodeLens(top, { title, command: `tandem.${command}`, arguments: [document.uri] });
    const open = lens(`$(graph-line) ${t('Open Panel')}`, 'openPanel');
    if (!vscode.workspace.isTrusted || document.uri.scheme !== 'file') return [open];
    return [
      lens(`$(play) ${t('Start Training')}`, 'startTraining'),
      lens(`$(graph-scatter) ${t('Compare Learning Rates')}`, 'compareLearningRates'),
      open,
    ];
  }
}
