import { basename, resolve } from 'node:path';
import { settingsText } from '../text/settings.ts';
import { flatSettings } from '../analysis/flat-settings.ts';
import { reportHtml } from '../analysis/report/report-html.ts';
import { HumanError } from '../protocol/human-error.ts';
import type { RunView } from '../protocol/panel.ts';
import { readConfig, readRunFile, statusOf } from '../store/run-folder.ts';
import { openRunLog } from '../store/run-log.ts';
import { openTensorBoardLog } from '../store/tensorboard/read.ts';
import { locateRun } from './locate.ts';
import { holdsTensorBoardLog } from './show.ts';

export interface ReportOptions {
  /** Metric that settings are compared by; null: the most telling one there is. */
  metric: string | null;
  pick: 'best' | 'last';
}

/** The report of runs (or folders of TensorBoard logs) as HTML. Throws `HumanError` for a run or a metric that does not exist. */
export async function reportOf(
  names: string[],
  cwd: string,
  { metric, pick }: ReportOptions,
): Promise<string> {
  const runs: RunView[] = [];
  for (const name of names) runs.push(await readView(name, cwd));
  const known = new Set(runs.flatMap((run) => [...(run.state?.series.keys() ?? [])]));
  if (metric !== null && !known.has(metric))
    throw new HumanError(
      `None of these runs has the metric ${metric}.`,
      `There are: ${[...known].sort().join(', ') || 'none yet'}.`,
      'no_such_metric',
    );
  const experiments = [...new Set(runs.map((run) => run.file?.experiment ?? run.label))];
  return reportHtml({ title: `Tandem: ${experiments.join(', ')}`, runs, madeAt: Date.now(), metric, pick });
}

async function readView(name: string, cwd: string): Promise<RunView> {
  try {
    return await ownRun(await locateRun(name, cwd));
  } catch (error) {
    const folder = resolve(cwd, name);
    if (error instanceof HumanError && error.code === 'no_such_run' && (await holdsTensorBoardLog(folder)))
      return foreignLog(folder);
    throw error;
  }
}

async function ownRun(dir: string): Promise<RunView> {
  const file = await readRunFile(dir);
  const log = openRunLog(dir, { cache: false });
  while (await log.update()) continue;
  // A run whose config is damaged still has curves; the report then shows what was set beside the file.
  const config = await readConfig(dir).catch(() => null);
  return {
    id: file.id,
    label: settingsText(file.settings) || file.id,
    status: statusOf(file),
    foreign: false,
    file,
    settings: config ? flatSettings(config) : { ...file.settings },
    state: log.state,
    problem: null,
  };
}

async function foreignLog(folder: string): Promise<RunView> {
  const log = openTensorBoardLog(folder);
  while (await log.update()) continue;
  const label = basename(folder);
  return {
    id: folder,
    label,
    status: 'finished',
    foreign: true,
    file: null,
    settings: {},
    state: log.state,
    problem: null,
  };
}
