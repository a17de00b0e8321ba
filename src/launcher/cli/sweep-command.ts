import type { RunStatus } from '../../protocol/events.ts';
import { said, t, language } from '../../text/say.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { readRunFile } from '../../store/run-folder.ts';
import { ownProcess } from '../../store/process-identity.ts';
import { createRuns } from '../create-runs.ts';
import { cutShort, type CutShort, hasStopped, isUnfinished } from '../cut-short.ts';
import type { Plan } from '../plan.ts';
import { queueAgain } from '../queue-again.ts';
import { runEntry, type RunEntry } from '../run-entry.ts';
import { trainAll } from '../train-all.ts';
import { checkedPlan } from './checked-plan.ts';
import type { Context } from './context.ts';
import { showError } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import { onInterrupt } from './interrupt.ts';
import { assignmentsOf, type LauncherOptions } from './launcher-option.ts';
import { note, print, printJson } from './output.ts';
import { openProgress, type Progress } from './progress.ts';
import { isScheduled, submitShown } from './submit.ts';
import { sweepTable } from './sweep-table.ts';
import { statusWord } from '../../analysis/metric-words.ts';
import { settingsText } from '../../text/settings.ts';
import { plural, saidPlural } from '../../text/words.ts';

/** More than these are most often a mistake in a list. */
const manyRuns = 1000;

/** `tandem sweep F`: trains every setting of the file's sweep, a few at a time, and compares them at the end. */
export async function sweep(
  file: string,
  options: LauncherOptions & { yes?: boolean; anew?: boolean; dryRun?: boolean; json?: boolean },
  context: Context,
): Promise<number> {
  const json = options.json === true;
  const plan = await checkedPlan(file, { set: assignmentsOf(options), sweep: true, json }, context);
  if (!plan) return exitCodes.problems;
  if (plan.runs.length > manyRuns && !options.yes)
    throw new HumanError(
      said('The sweep asks for {0}.', saidPlural(plan.runs.length, '{0} run', '{0} runs')),
      said('Nothing was started; with --yes they all are.'),
      'many_runs',
    );
  if (isScheduled(plan, options))
    return submitShown(plan, { json, dryRun: options.dryRun, goOn: !options.anew }, context);
  const say = json ? note : print;
  const earlier = options.anew ? null : await cutShort(plan);
  const dirs = earlier ? await goOn(earlier, plan, say) : await createRuns(plan, { areOurs: true });
  const parallel = plan.launcher.parallel ?? 1;
  say(t('{0}, {1} at a time.', plural(dirs.length, '{0} run', '{0} runs'), parallel));
  const { isStopped, failure } = await trainShown(dirs, plan.runsDir, parallel, { json, context });
  // Runs whose folders were deleted meanwhile are not listed.
  const found = await Promise.all(dirs.map((dir) => readRunFile(dir).catch(() => null)));
  const entries = found.flatMap((run, at) => (run ? [runEntry(dirs[at]!, run)] : []));
  if (json) printJson(entries);
  // A run's settings leave out the file's own seed; beside other seeds it is told.
  else {
    const seeds = plan.runs.map(({ config }) => config.seed).filter((_, at) => found[at]);
    for (const line of sweepTable(entries, seeds)) print(line);
  }
  for (const line of notBegun(entries)) say(line);
  if (isStopped) return exitCodes.stopped;
  if (failure) return showError(failure, { json: false });
  return exitCodeOfAll(entries);
}

/** Why runs were not begun, each reason once: those that begin say it themselves. */
function notBegun(entries: RunEntry[]): string[] {
  const reasons = entries.flatMap(({ status, step, reason }) =>
    status === 'stopped' && step === 0 && reason !== null ? [reason] : [],
  );
  return [...new Set(reasons)].map((reason) => {
    const count = reasons.filter((one) => one === reason).length;
    return t('{0}: {1}', plural(count, '{0} run was not begun', '{0} runs were not begun'), reason);
  });
}

/** A sweep is done when each of its runs is at its end, or was stopped early. */
function exitCodeOfAll(entries: RunEntry[]): number {
  const isIn = (...wanted: RunStatus[]): boolean => entries.every(({ status }) => wanted.includes(status));
  if (isIn('finished', 'stopped_early')) return exitCodes.done;
  return isIn('finished', 'stopped_early', 'stopped') ? exitCodes.stopped : exitCodes.failed;
}

/** The runs of an earlier sweep that was cut short, those that stopped in the queue again and those that are missing made. */
async function goOn(earlier: CutShort, plan: Plan, say: (line: string) => void): Promise<string[]> {
  const left = earlier.runs.filter((run) => run === null || isUnfinished(run.status)).length;
  say(
    t(
      'Going on with the sweep of {0}, {1} of {2} left; --anew trains all again.',
      new Date(earlier.created).toLocaleString(language()),
      left,
      plural(earlier.runs.length, '{0} run', '{0} runs'),
    ),
  );
  const dirs: string[] = [];
  for (const [index, run] of earlier.runs.entries()) {
    // What ends runs early is as the file has it now.
    const sweep = { ...plan.runs[index]!.sweep!, id: earlier.id };
    if (run && hasStopped(run.status)) await queueAgain(run.dir, ownProcess(), { sweep });
    const missing = { ...plan.runs[index]!, sweep };
    const time = earlier.created;
    dirs.push(run?.dir ?? (await createRuns({ ...plan, time, runs: [missing] }, { areOurs: true }))[0]!);
  }
  return dirs;
}

/** Trains the runs with a bar or lines for each; says whether it was stopped by Ctrl-C, and the first run's failure to begin. */
export async function trainShown(
  dirs: string[],
  runsDir: string,
  parallel: number,
  { json, context }: { json: boolean; context: Context },
): Promise<{ isStopped: boolean; failure: Error | null }> {
  const stream = json ? process.stderr : process.stdout;
  const stop = new AbortController();
  const kill = new AbortController();
  const forget = onInterrupt(
    () => {
      note(t('Stopping after a last checkpoint. Ctrl-C again ends at once.'));
      stop.abort();
    },
    () => kill.abort(),
  );
  const shown = new Map<string, Progress>();
  try {
    const failure = await trainAll(dirs, {
      runsDirs: [runsDir],
      max: parallel,
      program: context.trainer,
      stop: stop.signal,
      kill: kill.signal,
      onStarted: async (dir) => {
        const place = `${dirs.indexOf(dir) + 1}/${dirs.length}`;
        const settings = settingsText((await readRunFile(dir)).settings);
        stream.write(`${place} ${settings}\n`);
        // Several bars cannot share a terminal with lines between them.
        shown.set(dir, openProgress(place, stream, { plain: parallel > 1 }));
      },
      onEvents: (dir, events, state) => shown.get(dir)?.update(events, state),
      onEnded: async (dir) => {
        const { status, reason } = await readRunFile(dir);
        const word = statusWord(status);
        if (status !== 'finished')
          shown.get(dir)?.say(reason ? t('{0}. {1}', word, reason) : t('{0}.', word));
        shown.get(dir)?.close();
      },
      onWaiting: (others) =>
        note(
          t(
            'Waiting for {0} here to end; --parallel {1} starts beside it.',
            plural(others, '{0} other run', '{0} other runs'),
            parallel + others,
          ),
        ),
    });
    return { isStopped: stop.signal.aborted, failure };
  } finally {
    for (const progress of shown.values()) progress.close();
    forget();
  }
}
