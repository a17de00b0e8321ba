import * as vscode from 'vscode';
import { t } from '../text/say.ts';

/** The environment variable that experiments look for by default. */
const variable = 'TANDEM_WEBHOOK_URL';

/** The webhook's address in VS Code's secret storage: for the process that tells of a run, and in no file. */
export class WebhookAddress implements vscode.Disposable {
  private address: string | undefined;
  private readonly subscription: vscode.Disposable;

  constructor(private readonly secrets: vscode.SecretStorage) {
    this.subscription = secrets.onDidChange(({ key }) => key === variable && void this.read());
    void this.read();
  }

  /** For the environment of what sends messages; empty while none is kept. */
  get environment(): Record<string, string> {
    return this.address ? { [variable]: this.address } : {};
  }

  /** Asks for an address and keeps it; an empty one is forgotten. */
  async ask(): Promise<void> {
    const entered = await vscode.window.showInputBox({
      title: t('Set Webhook Address'),
      prompt: t('Kept in VS Code’s secret storage, for experiments with notify.webhook. Empty: forget it.'),
      placeHolder: 'https://',
      password: true,
      ignoreFocusOut: true,
      validateInput: (text) =>
        text.trim() === '' || /^https?:\/\//.test(text.trim()) ? null : t('An address begins with https://.'),
    });
    if (entered === undefined) return;
    if (entered.trim() === '') await this.secrets.delete(variable);
    else await this.secrets.store(variable, entered.trim());
    await this.read();
  }

  private async read(): Promise<void> {
    this.address = await this.secrets.get(variable);
  }

  dispose(): void {
    this.subscription.dispose();
  }
}
