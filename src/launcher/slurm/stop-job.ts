import { HumanError } from '../../protocol/human-error.ts';
import type { RunJob } from '../../protocol/run.ts';
import { answerLimitMs, isSilent, scancel, signalScript } from './commands.ts';
import { jobId } from './job-id.ts';
import { said } from '../../text/say.ts';

/** Cancels the job of a run that will not train any more. */
export async function cancelJob(job: RunJob, limitMs = answerLimitMs): Promise<void> {
  if (job.id === null) return;
  try {
    await scancel(jobId(job), limitMs);
  } catch (error) {
    if (!isSilent(error)) throw error;
    throw new HumanError(
      (error as HumanError).what,
      said(
        'The run is stopped: should its job {0} start, it ends at once. scancel {1} takes it out of the queue.',
        jobId(job),
        jobId(job),
      ),
      'slurm_silent',
    );
  }
}

/** Tells a job's trainer, wherever it runs, that a person wants it to save and end; its folder tells it too, so no answer is no harm. */
export async function interruptJob(job: RunJob, limitMs = answerLimitMs): Promise<void> {
  if (job.id !== null) await signalScript(jobId(job), 'INT', limitMs).catch(() => undefined);
}
