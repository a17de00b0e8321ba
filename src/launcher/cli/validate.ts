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
    print(`${file}: ${problemCount(problems)}${plan.trials > 1 ? `, a sweep of ${plan.trials} runs` : ''}.`);
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
  yield `${plural(data.usable, '{0} pair', '{0} pairs')} of ${plural(data.rows, '{0} row', '{0} rows')}: ${plural(data.pictures, '{0} image', '{0} images')}, ${plural(data.captions, '{0} different caption', '{0} different captions')}; ${data.train_pairs} to train on, ${data.val_pairs} to validate on.`;
  for (const note of data.notes) yield note;
  for (const { file, line, reason } of data.bad.slice(0, shownRows))
    yield `  ${file}${line === null ? '' : `:${line}`}: ${reason}`;
  if (data.bad_count > shownRows)
    yield `  and ${counted(data.bad_count - shownRows)} more rows that cannot be used.`;
}
