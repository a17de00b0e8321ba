import { resolve } from 'node:path';
import type { DataFacts } from '../data-facts.ts';
import { type Plan, planRuns } from '../plan.ts';
import type { Answer } from '../calls.ts';
import { problemEntry } from '../problem-entry.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { counted } from '../../text/numbers.ts';
import { print, printJson } from './output.ts';
import { printProblems, problemCount } from './problems.ts';
import { textFromStdin } from './stdin.ts';
import { plural } from '../../text/words.ts';
import { t } from '../../text/say.ts';

/**
 * `tandem validate F`: everything wrong or doubtful about an experiment file and its data. With `--stdin`, as editors
 * ask while one types, images are not opened.
 */
export async function validate(
  file: string,
  options: { json?: boolean; stdin?: boolean },
  context: Context,
): Promise<number> {
  const text = options.stdin ? await textFromStdin() : undefined;
  const plan = await planRuns(resolve(context.cwd, file), {
    text,
    ...(text === undefined && { checkImages: true, trainer: context.trainer }),
  });
  const { problems, data } = plan;
  if (options.json) printJson(answerOf(plan));
  else {
    printProblems(plan.file, problems, context.cwd);
    if (data) for (const line of dataLines(data)) print(line);
    const count = problemCount(problems);
    const found = plan.trials > 1 ? t('{0}, a sweep of {1} runs', count, plan.trials) : count;
    print(t('{0}: {1}.', file, found));
  }
  return problems.some(({ severity }) => severity === 'error') ? exitCodes.problems : exitCodes.done;
}

function answerOf({ problems, data, columns, facts, faults, runsDir, trials }: Plan): Answer<'validate'> {
  const common = {
    problems: problems.map(problemEntry),
    facts,
    faults: faults.map(problemEntry),
    runs_dir: runsDir,
    trials,
  };
  if (data) return { ...common, data };
  return columns ? { ...common, columns } : common;
}

/** Rows that are named one by one before the rest is counted. */
const shownRows = 10;

function* dataLines(data: DataFacts): Generator<string> {
  yield t(
    '{0} of {1}: {2}, {3}; {4} to train on, {5} to validate on.',
    plural(data.usable, '{0} pair', '{0} pairs'),
    plural(data.rows, '{0} row', '{0} rows'),
    plural(data.pictures, '{0} image', '{0} images'),
    plural(data.captions, '{0} different caption', '{0} different captions'),
    data.train_pairs,
    data.val_pairs,
  );
  for (const note of data.notes) yield note;
  for (const { file, line, reason } of data.bad.slice(0, shownRows))
    yield `  ${file}${line === null ? '' : `:${line}`}: ${reason}`;
  if (data.bad_count > shownRows)
    yield `  ${t('and {0} more rows that cannot be used.', counted(data.bad_count - shownRows))}`;
}
