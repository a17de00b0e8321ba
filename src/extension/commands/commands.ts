import * as vscode from 'vscode';
import type { Report } from '../report.ts';
import { checkTrust } from '../trust.ts';
import { cleanCommands } from './clean.ts';
import { editCommands } from './edit-runs.ts';
import { exploreCommands } from './explore.ts';
import { finishedModelCommands } from './finished-model.ts';
import { newExperimentCommands } from './new-experiment.ts';
import { notifyCommands } from './notify.ts';
import { openCommands } from './open.ts';
import type { Parts } from './parts.ts';
import { restartCommands } from './restart.ts';
import { trainCommands } from './train.ts';

/** What a command does, given the menu's arguments. */
export type Command = (parts: Parts, ...args: unknown[]) => unknown;

const table: Record<string, Command> = {
  ...trainCommands,
  ...restartCommands,
  ...openCommands,
  ...editCommands,
  ...exploreCommands,
  ...finishedModelCommands,
  ...newExperimentCommands,
  ...cleanCommands,
  ...notifyCommands,
};

/**
 * Registers every command of the table as `tandem.<name>`; what goes wrong in one is said once. Those that package.json
 * enables in trusted workspaces only are refused elsewhere, also when a lens, a message or a panel asks for them.
 */
export function registerCommands(parts: Parts, report: Report): vscode.Disposable {
  const wantTrust = trustedOnly(parts.context.extension.packageJSON);
  return vscode.Disposable.from(
    ...Object.entries(table).map(([name, command]) =>
      vscode.commands.registerCommand(`tandem.${name}`, async (...args: unknown[]) => {
        try {
          if (wantTrust.has(`tandem.${name}`)) checkTrust();
          return await command(parts, ...args);
        } catch (error) {
          report.error(error);
          return undefined;
        }
      }),
    ),
  );
}

function trustedOnly(manifest: unknown): Set<string> {
  const { commands } = (manifest as { contributes: { commands: { command: string; enablement?: string }[] } })
    .contributes;
  return new Set(
    commands
      .filter(({ enablement }) => enablement?.includes('isWorkspaceTrusted'))
      .map(({ command }) => command),
  );
}
