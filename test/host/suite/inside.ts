import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Inside } from '../../../src/extension/extension.ts';
import type { RunEntry } from '../../../src/extension/runs/run-entry.ts';

/** The extension, running. */
export async function inside(): Promise<Inside> {
  const extension = vscode.extensions.getExtension<Inside>('tandem.tandem');
  if (!extension) throw new Error('the extension is not there');
  return extension.activate();
}

/** Folders of the window that are on a disk. */
export const diskFolders = (): vscode.WorkspaceFolder[] =>
  (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');

export const workspace = (): string => diskFolders()[0]!.uri.fsPath;

/** Polls until the answer is truthy. */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  limitMs = 60_000,
): Promise<Exclude<T, null | undefined | false>> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer as Exclude<T, null | undefined | false>;
    if (Date.now() > end) throw new Error(`${what} did not come within ${limitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** A new experiment file in a folder of its own, shown in an editor. */
export async function openExperiment(name: string, text: string): Promise<vscode.TextEditor> {
  const folder = join(workspace(), name);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.tandem.yaml`);
  writeFileSync(file, text);
  return vscode.window.showTextDocument(vscode.Uri.file(file));
}

/** An experiment of so many steps on the squares beside it. */
export const squares = (name: string, steps: number): string =>
  `name: ${JSON.stringify(name)}\ndata:\n  pairs: ../pairs.csv\n  image_root: ..\n  image_size: 32\ntrain: { batch_size: 2, steps: ${steps} }\n`;

export function diagnostics(document: vscode.TextDocument): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === 'tandem');
}

export async function runsOf(name: string): Promise<RunEntry[]> {
  const { allRuns } = await inside();
  return allRuns().filter(({ file }) => file.experiment === name);
}

/** How the stand-in trainer behaves from now on; the extension hands its own environment on. */
export function behave(way: string, stepMs: number): void {
  process.env['STAND_IN'] = way;
  process.env['STAND_IN_MS'] = String(stepMs);
}

/** Starts an experiment of so many steps on the squares, as Start Training does. */
export async function start(name: string, steps: number): Promise<void> {
  const editor = await openExperiment(name, squares(name, steps));
  await vscode.commands.executeCommand('tandem.startTraining', editor.document.uri);
}

/** A run that only ends when it is stopped. */
export async function startLong(name: string): Promise<RunEntry> {
  await start(name, 1_000_000);
  return status(name, 'running');
}

/** The newest run of an experiment, when it has that status. */
export async function status(name: string, wanted: RunEntry['status']): Promise<RunEntry> {
  return until(`${name} ${wanted}`, async () => {
    const [run] = (await runsOf(name)).sort((a, b) => b.file.created - a.file.created);
    return run?.status === wanted && run;
  });
}

/** A run as the explorer hands it to a command. */
export const node = (run: RunEntry): { kind: 'run'; id: string; run: RunEntry } => ({
  kind: 'run',
  id: `run:${run.dir}`,
  run,
});

/** Ends every trainer that is left, and closes what is open. */
export async function cleanUp(): Promise<void> {
  for (const { file, status: now } of (await inside()).allRuns())
    if (now === 'running' && file.process && isAlive(file.process.pid))
      process.kill(file.process.pid, 'SIGKILL');
  await vscode.commands.executeCommand('notifications.clearAll');
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

/** Alive, and not a dead process that its parent has yet to notice. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false; // No such process.
  }
};

/** A figure for the log: a busy machine may not decide over a test. */
export function measured(name: string, value: number): void {
  const line = JSON.stringify({ measured: name, value: Math.round(value) });
  appendFileSync(process.env['TANDEM_TEST_RESULTS']!, `${line}\n`);
}
