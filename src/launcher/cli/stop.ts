import { readRunFile } from '../../store/run-folder.ts';
import { locateRun } from '../locate.ts';
import { runEntry } from '../run-entry.ts';
import { stopRun } from '../stop.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { print, printJson } from './output.ts';
import { t } from '../../text/say.ts';
import { statusWord } from '../../analysis/metric-words.ts';

/** `tandem stop RUN`: lets the trainer save and end, and kills it when it does not within the grace period. */
export async function stop(
  run: string,
  options: { grace: number; json?: boolean },
  context: Context,
): Promise<number> {
  const dir = await locateRun(run, context.cwd);
  const how = await stopRun(dir, { graceMs: options.grace * 1000 });
  const entry = runEntry(dir, await readRunFile(dir));
  if (options.json) printJson(entry);
  else print(messages[how](entry.id, statusWord(entry.status), entry.step));
  return exitCodes.done;
}

const messages = {
  stopped: (id: string, status: string, step: number) => t('{0} is {1} at step {2}.', id, status, step),
  killed: (id: string, _status: string, step: number) =>
    t(
      '{0} did not end in time and was killed at step {1}; resume goes on from its last checkpoint.',
      id,
      step,
    ),
  not_running: (id: string, status: string) => t('{0} is not running: it is {1}.', id, status),
};
