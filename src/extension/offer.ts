import * as vscode from 'vscode';
import type { RunEntry } from './runs/run-entry.ts';

/** A button of a message about a run, and the command that it calls with the run. */
export interface RunAction {
  title: string;
  command: string;
}

/** Shows a message about a run with what one may want to do then, and does what is chosen. */
export async function offer(
  show: (message: string, ...titles: string[]) => Thenable<string | undefined>,
  message: string,
  actions: readonly RunAction[],
  run: RunEntry,
): Promise<void> {
  const choice = await show(message, ...actions.map(({ title }) => title));
  const action = actions.find(({ title }) => title === choice);
  if (action) await vscode.commands.executeCommand(action.command, { kind: 'run', run });
}
