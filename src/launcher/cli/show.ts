import { relative, resolve } from 'node:path';
import { findingText } from '../../analysis/finding-text.ts';
import { atChanceText, severityWord, statusWord } from '../../analysis/metric-words.ts';
import { endedAtChance } from '../../protocol/chance.ts';
import { resultsOf } from '../../protocol/metrics.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { locateRun } from '../locate.ts';
import { holdsTensorBoardLog, showForeign, showRun, type ShowDocument } from '../show.ts';
import type { Context } from './context.ts';
import { evaluationLines } from './evaluation-lines.ts';
import { exitCodes } from './exit-codes.ts';
import { jobStandings, withStanding } from './job-standings.ts';
import { print, printJson } from './output.ts';
import { tableLines } from './table.ts';
import { readRunFile } from '../../store/run-folder.ts';
import type { JobStanding } from '../slurm/states.ts';
import { standingText } from '../../text/job-words.ts';
import { findLogFolders } from '../../store/tensorboard/find.ts';
import { counted, shortNumber } from '../../text/numbers.ts';
import { settingsText } from '../../text/settings.ts';
import { said, t } from '../../text/say.ts';

/** `tandem show RUN|FOLDER`: a run of ours, or a folder of event files that others wrote. */
export async function show(name: string, options: { json?: boolean }, context: Context): Promise<number> {
  const standing = await standingOf(name, context.cwd);
  const document = withStanding(await documentOf(name, context.cwd), standing);
  if (options.json) printJson(document);
  else for (const line of lines(document, context.cwd, standing)) print(line);
  return exitCodes.done;
}

/** How the job of a run stands that may still change. */
async function standingOf(name: string, cwd: string): Promise<JobStanding | undefined> {
  const dir = await locateRun(name, cwd).catch(() => null);
  const file = dir === null ? null : await readRunFile(dir).catch(() => null);
  return file ? (await jobStandings([{ dir: dir!, file }]))?.get(dir!) : undefined;
}

export async function documentOf(name: string, cwd: string): Promise<ShowDocument> {
  try {
    return await showRun(await locateRun(name, cwd));
  } catch (error) {
    const isOther = error instanceof HumanError && error.code === 'no_such_run';
    const folder = resolve(cwd, name);
    if (isOther && (await holdsTensorBoardLog(folder))) return showForeign(folder);
    throw isOther ? ((await logsBelow(folder, cwd)) ?? error) : error;
  }
}

/** A folder of several logs is none itself: those in it are named. */
async function logsBelow(folder: string, cwd: string): Promise<HumanError | null> {
  const logs = await findLogFolders(folder, { most: 1_000 }).catch(() => []);
  if (!logs.length) return null;
  const names = logs.map(({ dir }) => relative(cwd, dir)).sort();
  const more = names.length > 8 ? said(' and {0} more', counted(names.length - 8)) : '';
  return new HumanError(
    said(
      '{0} has no event files itself, the folders in it have: {1}{2}.',
      folder,
      names.slice(0, 8).join(', '),
      more,
    ),
    said('Name one of them.'),
    'logs_below',
  );
}

function* lines(document: ShowDocument, cwd: string, standing?: JobStanding): Generator<string> {
  const status = document.status === 'foreign' ? t('foreign') : statusWord(document.status);
  yield t('{0}: {1}, step {2} of {3}', document.id, status, document.step, document.steps);
  if (document.title) yield document.title;
  if (document.reason) yield document.reason;
  if (standing) yield standingText(standing);
  if (document.status !== 'foreign' && endedAtChance(document.status, document.summary)) yield atChanceText();
  const settings = settingsText(document.settings);
  if (settings !== '') yield t('Settings: {0}', settings);
  for (const one of document.notes) yield t('{0}: {1}', severityWord(one.severity), one.message);
  for (const one of document.findings) yield t('{0}: {1}', severityWord(one.severity), findingText(one));
  // Of a rate or a norm no value is the best one.
  const results = new Set(resultsOf(Object.keys(document.summary)));
  const rows = Object.entries(document.summary).map(([name, { last, best, best_step, chance }]) => [
    name,
    shortNumber(last),
    results.has(name) ? shortNumber(best) : '',
    results.has(name) ? String(best_step) : '',
    chance ? shortNumber(chance.mean) : '',
  ]);
  // Without an evaluation that tells its chance, there is no such column.
  const columns = rows.some(([, , , , chance]) => chance) ? 5 : 4;
  if (rows.length > 0)
    yield* tableLines(
      [t('metric'), t('last'), t('best'), t('at step'), t('chance')].slice(0, columns),
      rows.map((row) => row.slice(0, columns)),
    );
  if (document.evaluations.length > 0) yield* ['', t('On other data:')];
  yield* evaluationLines(document.evaluations, cwd);
  yield t('Folder: {0}', relative(cwd, document.dir) || document.dir);
}
