import { HumanError } from '../../protocol/human-error.ts';
import { isTraining } from '../../protocol/run-status.ts';
import { readRunFile, statusOf } from '../../store/run-folder.ts';
import { locateRun } from '../locate.ts';
import { checkPlaces } from '../places.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { jobStandings } from './job-standings.ts';
import { runToEnd } from './run-to-end.ts';
import { saySubmitted } from './submit.ts';
import { jobId } from '../slurm/job-id.ts';
import { submitAgain } from '../slurm/submit.ts';
import { said } from '../../text/say.ts';
import { statusWord } from '../../analysis/metric-words.ts';

/** `tandem resume RUN`: goes on from the last checkpoint, or begins a queued run. */
export async function resume(run: string, options: { json?: boolean }, context: Context): Promise<number> {
  const dir = await locateRun(run, context.cwd);
  await jobStandings([{ dir, file: await readRunFile(dir) }]);
  const file = await readRunFile(dir);
  const status = statusOf(file);
  if (status === 'finished')
    throw new HumanError(
      said('{0} is finished: all {1} steps are done.', file.id, file.steps),
      said('For a longer run, raise train.epochs in the experiment and train anew.'),
      'not_resumable',
    );
  if (isTraining(status))
    throw new HumanError(
      said(
        '{0} is {1} (process {2} on {3}).',
        file.id,
        statusWord(status),
        file.process?.pid ?? said('unknown'),
        file.process?.host ?? said('an unknown machine'),
      ),
      said('Wait for its end, or stop it with tandem stop.'),
      'not_resumable',
    );
  await checkPlaces(dir);
  if (file.job) {
    if (status === 'queued')
      throw new HumanError(
        said("{0} waits in Slurm's queue as job {1}.", file.id, jobId(file.job)),
        said('tandem runs shows why; tandem stop takes it out.'),
        'not_resumable',
      );
    await saySubmitted(await submitAgain([dir], context.trainer), options.json === true);
    return exitCodes.done;
  }
  return runToEnd(dir, { json: options.json === true, context });
}
