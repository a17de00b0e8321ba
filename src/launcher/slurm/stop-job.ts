import { HumanError } from '../../protocol/human-error.ts';
import type { RunJob } from '../../protocol/run.ts';
import { answerLimitMs, isSilent, scancel, signalScript } from './commands.ts';
import { jobId } from './job-id.ts';

/** Cancels the job of a run that will not train any more. */
export async function cancelJob(job: RunJob, limitMs = answerLimitMs): Promise<void> {
  if (job.id === null) return;
  try {
    await scancel(jobId(job), limitMs);
  } catch (error) {
    if (!isSilent(error)) throw error;
    throw new HumanError(
      (error as HumanError).what,
      `The run is stopped: should its job ${jobId(job)} start, it ends at once. scancel ${jobId(job)} takes it out of the queue.`,
      'slurm_silent',
    );
  }
}

/** Tells a job's trainer, wherever it runs, that a person wants it to save and end; its folder tells it too, so no answer is no harm. */
export async function interruptJob(job: RunJob, limitMs = answerLimitMs): Promise<void> {
  if (job.id !== null) await signalScript(jobId(job), 'INT', limitMs).catch(() => undefined);
}
