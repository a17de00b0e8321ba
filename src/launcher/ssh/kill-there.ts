import type { Launcher } from '../../experiment/config.ts';
import { parseRunFile } from '../../store/run-file.ts';
import { quoted } from '../shell.ts';
import { openMachine } from './machine.ts';
import { placeThere } from './places.ts';

/** Ends the trainer of a run on another machine at once, where there is one. HumanError `ssh_failed` when that cannot be reached. */
export async function killThere(runDir: string, remote: Launcher): Promise<void> {
  const machine = openMachine(remote);
  try {
    const run = remote.folder === null ? runDir : (await placeThere(machine, remote.folder, runDir)).run;
    const text = await machine.run(`cat ${quoted(`${run}/run.json`)} 2>/dev/null || true`);
    const pid = text === '' ? undefined : parseRunFile(text, run).process?.pid;
    // Its command line names the run: another process that has the pid by now is left alone.
    if (pid !== undefined)
      await machine.run(`ps -o args= -p ${pid} | grep -qF ${quoted(run)} && kill -KILL ${pid} || true`);
  } finally {
    await machine.close();
  }
}
