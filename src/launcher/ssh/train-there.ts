import { HumanError } from '../../protocol/human-error.ts';
import { readRunFile } from '../../store/run-folder.ts';
import { trainCopied } from './copied-run.ts';
import { quoted } from '../shell.ts';
import { openMachine } from './machine.ts';
import { trainerLine } from './places.ts';
import { said, t } from '../../text/say.ts';

/**
 * Trains a run on the machine that it was made for, in the same folder where that shares this disk, else in a copy. Lives as long as the
 * trainer there and resolves to its exit code; a signal asks it to stop.
 */
export async function trainThere(dir: string, trainerFile: string, onlyQueued: boolean): Promise<number> {
  const { remote, id } = await readRunFile(dir);
  if (remote === null)
    throw new HumanError(said('{0} trains on this machine.', id), said('tandem resume starts it.'), 'usage');
  let isAsked = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (isAsked = true));
  const machine = openMachine(remote);
  try {
    if (remote.folder !== null)
      return await trainCopied(dir, machine, remote, { onlyQueued, trainerFile, isAsked: () => isAsked });
    // The trainer writes the folder itself, its log too, and hears of a stop there.
    const folder = quoted(dir);
    const missing = quoted(
      t('There is no {0} on {1}: set launcher.folder, where the project is copied to.', dir, remote.host!),
    );
    const line = `${trainerLine(remote, dir, trainerFile)}${onlyQueued ? ' --queued' : ''}`;
    const printed = await machine.run(
      `[ -d ${folder} ] || { echo ${missing} >&2; exit 1; }; cd ${folder} && { bash -lc ${quoted(line)} >>trainer.log 2>&1; echo $?; }`,
      0,
    );
    return Number(printed.trim().split('\n').at(-1));
  } finally {
    await machine.close();
  }
}
