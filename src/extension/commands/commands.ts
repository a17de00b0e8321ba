import * as vscode from 'vscode';
import type { Report } from '../report.ts';
import { editCommands } from './edit-runs.ts';
import { exploreCommands } from './explore.ts';
import { newExperimentCommands } from './new-experiment.ts';
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
  ...newExperimentCommands,
};

/** Registers every command of the table as `tandem.<name>`; what goes wrong in one is said once. */
export function registerCommands(parts: Parts, report: Report): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.entries(table).map(([name, command]) =>
      vscode.commands.registerCommand(`tandem.${name}`, async (...args: unknown[]) => {
        try {
          return await command(parts, ...args);
        } catch (error) {
          report.error(error);
          return undefined;
        }
      }),
    ),
  );
}
