import * as vscode from 'vscode';
import { HumanError } from '../protocol/human-error.ts';
import { t } from '../text/say.ts';

/** Where what goes wrong is said: a foreseen failure once as a message, everything else whole in the log with a way there. */
export class Report implements vscode.Disposable {
  readonly log = vscode.window.createOutputChannel('Tandem', { log: true });

  error(error: unknown): void {
    if (error instanceof vscode.CancellationError) return;
    if (error instanceof HumanError) {
      const message = error.message.trim();
      this.log.warn(message);
      void vscode.window.showErrorMessage(message);
      return;
    }
    this.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    const open = t('Open Log');
    void vscode.window.showErrorMessage(t('Something went wrong.'), open).then((choice) => {
      if (choice === open) this.log.show();
    });
  }

  dispose(): void {
    this.log.dispose();
  }
}
