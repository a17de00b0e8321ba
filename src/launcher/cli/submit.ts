import { HumanError } from '../../protocol/human-error.ts';
import { plural } from '../../text/words.ts';
import { listRuns, readRunFile } from '../../store/run-folder.ts';
import { cutShort, hasStopped } from '../cut-short.ts';
import type { Plan } from '../plan.ts';
import { runEntry } from '../run-entry.ts';
import { previewScript, submitAgain, submitPlan, type Submitted } from '../slurm/submit.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { jobStandings } from './job-standings.ts';
import { note, print, printJson } from './output.ts';
import { said, t, language } from '../../text/say.ts';

export interface SubmitOptions {
  json: boolean;
  /** Goes on with an earlier sweep of the same runs that was cut short. */
  goOn?: boolean;
  /** Shows the script instead of sending it. */
  dryRun?: boolean | undefined;
}

/** Whether a plan's runs are a scheduler's to start. HumanError `usage` for a script that is asked for where there is none. */
export function isScheduled({ launcher }: Plan, { dryRun = false }: { dryRun?: boolean } = {}): boolean {
  if (launcher.kind === 'slurm') return true;
  if (!dryRun) return false;
  throw new HumanError(
    said('There is no script to show: the runs train on this machine.'),
    said('Name a scheduler: --launcher slurm, or launcher.kind in the experiment.'),
    'usage',
  );
}

/** Submits the runs of a plan to its scheduler and says their jobs; resolves when they are in its queue. */
export async function submitShown(
  plan: Plan,
  { json, goOn = false, dryRun = false }: SubmitOptions,
  context: Context,
): Promise<number> {
  if (dryRun) {
    const script = previewScript(plan, context.trainer);
    if (json) printJson({ script });
    else process.stdout.write(script);
    return exitCodes.done;
  }
  const submitted = goOn ? await submitLeft(plan, context) : await submitPlan(plan, context.trainer);
  await saySubmitted(submitted, json);
  return exitCodes.done;
}

export async function saySubmitted({ dirs, ids }: Submitted, json: boolean): Promise<void> {
  if (json) printJson(await Promise.all(dirs.map(async (dir) => runEntry(dir, await readRunFile(dir)))));
  else if (ids.length === 0) print(t('Nothing is left to submit.'));
  else
    print(
      t(
        '{0} submitted as Slurm job {1}. tandem runs shows how they stand, tandem stop cancels one.',
        plural(dirs.length, '{0} run', '{0} runs'),
        ids.join(t(', ')),
      ),
    );
}

/** Of a sweep that was submitted before: what ended early again and what was never made; nothing that waits, trains or is done. */
async function submitLeft(plan: Plan, { trainer }: Context): Promise<Submitted> {
  await jobStandings(await listRuns(plan.runsDir));
  const earlier = await cutShort(plan);
  if (!earlier) return submitPlan(plan, trainer);
  const count = earlier.runs.length;
  const again = earlier.runs.flatMap((run) => (run && hasStopped(run.status) ? [run.dir] : []));
  const missing = earlier.runs.flatMap((run, index) =>
    run ? [] : [{ ...plan.runs[index]!, sweep: { id: earlier.id, index, count } }],
  );
  note(
    t(
      'Going on with the sweep of {0}, {1} of {2} to submit; --anew trains all again.',
      new Date(earlier.created).toLocaleString(language()),
      again.length + missing.length,
      plural(count, '{0} run', '{0} runs'),
    ),
  );
  const first = await submitAgain(again, trainer, plan.launcher);
  if (missing.length === 0) return first;
  const rest = await submitPlan({ ...plan, time: earlier.created, runs: missing }, trainer);
  return { dirs: [...first.dirs, ...rest.dirs], ids: [...first.ids, ...rest.ids] };
}
