import * as vscode from 'vscode';
import { HumanError } from '../protocol/human-error.ts';
import { t } from '../text/say.ts';

/** Refuses what would start or change something, or read outside, before the workspace is trusted. */
export function checkTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new HumanError(
    t('Nothing is started in Restricted Mode.'),
    t('Trust the workspace first (command Workspaces: Manage Workspace Trust).'),
    'untrusted',
  );
}
