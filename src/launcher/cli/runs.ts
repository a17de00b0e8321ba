import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { bestFirst, statusText } from '../../analysis/metric-words.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { endedAtChance } from '../../protocol/chance.ts';
import { decidingMetric, trainLoss } from '../../protocol/metrics.ts';
import { bytesIn } from '../../store/disk.ts';
import { withLastStep } from '../../store/last-step.ts';
import { cacheDirOf } from '../../store/run-folder.ts';
import { byteSize, shortNumber } from '../../text/numbers.ts';
import { settingsText } from '../../text/settings.ts';
import { listAround, runsDirsAround } from '../locate.ts';
import { type RunEntry, runEntry } from '../run-entry.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { jobStandings, withStanding } from './job-standings.ts';
import { print, printJson } from './output.ts';
import { tableLines } from './table.ts';
import { said, t } from '../../text/say.ts';

/** `tandem runs [FOLDER]`: the runs of the project around a folder, newest first. */
export async function runs(
  folder: string | undefined,
  options: { sizes?: boolean; json?: boolean },
  context: Context,
): Promise<number> {
  const from = resolve(context.cwd, folder ?? '.');
  if (!(await stat(from).catch(() => null))?.isDirectory())
    throw new HumanError(
      said('There is no folder {0}.', from),
      said('Name a folder with experiments or runs.'),
      'no_such_folder',
    );
  const jobs = await jobStandings(await listAround(from));
  const listed = await listAround(from);
  const entries = await Promise.all(
    listed.map(async ({ dir, file, problem }) =>
      withStanding(runEntry(dir, await withLastStep(dir, file), problem), jobs?.get(dir)),
    ),
  );
  const sizes = options.sizes ? await Promise.all(entries.map(({ dir }) => bytesIn(dir))) : null;
  if (options.json) printJson(sizes ? entries.map((entry, at) => ({ ...entry, bytes: sizes[at] })) : entries);
  else if (entries.length === 0) print(t('No runs in or above {0}.', relative(context.cwd, from) || from));
  else {
    const header = [
      t('run'),
      t('status'),
      t('step'),
      t('loss'),
      t('metric'),
      ...(sizes ? [t('size')] : []),
      t('settings'),
    ];
    const rows = entries.map((entry, at) => row(entry, sizes?.[at]));
    for (const line of tableLines(header, rows)) print(line);
    for (const { problem } of entries) if (problem !== null) print(problem);
    if (sizes) print(await totalLine(from, sizes));
  }
  return exitCodes.done;
}

async function totalLine(folder: string, sizes: number[]): Promise<string> {
  const caches = await Promise.all((await runsDirsAround(folder)).map((dir) => bytesIn(cacheDirOf(dir))));
  const sum = (values: number[]): string => byteSize(values.reduce((total, value) => total + value, 0));
  return t(
    '{0} in runs, {1} in caches of decoded images and features. tandem clean removes what nothing needs.',
    sum(sizes),
    sum(caches),
  );
}

function row(entry: RunEntry, bytes: number | undefined): string[] {
  if (entry.problem !== null)
    return [
      entry.id,
      t('cannot be read'),
      ...Array.from({ length: 3 }, () => '–'),
      ...(bytes === undefined ? [] : [byteSize(bytes)]),
      '',
    ];
  const metric = decidingMetric(Object.keys(entry.summary));
  const status = statusText(entry.status, endedAtChance(entry.status, entry.summary));
  return [
    entry.id,
    entry.job?.waits ? t('{0} ({1})', status, entry.job.waits) : status,
    `${entry.step}/${entry.steps}`,
    shortNumber(entry.summary[trainLoss]?.last),
    metric === null ? '–' : bestFirst(metric, entry.summary[metric]!),
    ...(bytes === undefined ? [] : [byteSize(bytes)]),
    settingsText(entry.settings),
  ];
}
