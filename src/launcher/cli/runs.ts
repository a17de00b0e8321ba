import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { bestText, statusText } from '../../analysis/metric-words.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { endedAtChance } from '../../protocol/chance.ts';
import { decidingMetric, trainLoss } from '../../protocol/metrics.ts';
import { listAround } from '../locate.ts';
import { type RunEntry, runEntry } from '../run-entry.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { print, printJson } from './output.ts';
import { tableLines } from './table.ts';
import { shortNumber } from '../../text/numbers.ts';
import { settingsText } from '../../text/settings.ts';

/** `tandem runs [FOLDER]`: the runs of the project around a folder, newest first. */
export async function runs(
  folder: string | undefined,
  options: { json?: boolean },
  context: Context,
): Promise<number> {
  const from = resolve(context.cwd, folder ?? '.');
  if (!(await stat(from).catch(() => null))?.isDirectory())
    throw new HumanError(
      `There is no folder ${from}.`,
      'Name a folder with experiments or runs.',
      'no_such_folder',
    );
  const entries = (await listAround(from)).map(({ dir, file }) => runEntry(dir, file));
  if (options.json) printJson(entries);
  else if (entries.length === 0) print(`No runs in or above ${relative(context.cwd, from) || from}.`);
  else
    for (const line of tableLines(['run', 'status', 'step', 'loss', 'metric', 'settings'], entries.map(row)))
      print(line);
  return exitCodes.done;
}

function row(entry: RunEntry): string[] {
  const metric = decidingMetric(Object.keys(entry.summary));
  return [
    entry.id,
    statusText(entry.status, endedAtChance(entry.status, entry.summary)),
    `${entry.step}/${entry.steps}`,
    shortNumber(entry.summary[trainLoss]?.last),
    metric === null ? '–' : bestText(metric, entry.summary[metric]!),
    settingsText(entry.settings),
  ];
}
