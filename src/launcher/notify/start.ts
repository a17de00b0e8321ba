import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RunFile } from '../../protocol/run.ts';
import { logFile } from '../../store/run-folder.ts';
import { type TrainerProgram, trainerEnvironment } from '../trainer-program.ts';
import { causeOf, notifyOf } from './watch.ts';

/**
 * Starts the process that tells of a run that is being trained, when its settings name somebody: detached as the trainer is, and apart from
 * it, so that no webhook can hold it up. `before`: the run as it was before this trainer. Never throws: a run that nobody is told of trains on.
 */
export async function startNotifier(runDir: string, program: TrainerProgram, before: RunFile): Promise<void> {
  if (!(await notifyOf(runDir))) return;
  const told = before.findings.map(causeOf).join(',');
  const log = await open(logFile(runDir), 'a').catch(() => null);
  if (!log) return;
  try {
    const file = join(dirname(program.trainerFile), 'tandem.js');
    const child = spawn(program.nodePath, [file, 'notify', runDir, '--follow', '--told', told], {
      cwd: runDir,
      detached: true,
      windowsHide: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...trainerEnvironment(program), ...program.notifierEnv },
    });
    await new Promise<void>((resolve) => child.once('spawn', resolve).once('error', () => resolve()));
    child.unref();
  } finally {
    await log.close();
  }
}
