import { basename, resolve } from 'node:path';
import { flatSettings } from '../analysis/flat-settings.ts';
import { HumanError } from '../protocol/human-error.ts';
import type { RunView } from '../protocol/panel.ts';
import { readConfig, readRunFile, statusOf } from '../store/run-folder.ts';
import { openRunLog } from '../store/run-log.ts';
import { openTensorBoardLog } from '../store/tensorboard/read.ts';
import { settingsText } from '../text/settings.ts';
import { locateRun } from './locate.ts';
import { holdsTensorBoardLog } from './show.ts';

/** A run, or a folder of TensorBoard logs, with its settings and curves, as the panel has it. */
export async function readView(name: string, cwd: string): Promise<RunView> {
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
    status: 'log',
    foreign: true,
    file: null,
    settings: {},
    state: log.state,
    problem: null,
  };
}
