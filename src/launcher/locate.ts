import { existsSync } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { nearestName } from '../experiment/parse/nearest.ts';
import { HumanError } from '../protocol/human-error.ts';
import { listRuns, readRunFile, runsDirOf } from '../store/run-folder.ts';
import { newestFirst, type RunEntry } from '../store/run-list.ts';
import { said, t } from '../text/say.ts';

/**
 * The run that a person names: a run folder, an id, the beginning of one id, or `last` for the newest.
 * Throws HumanError with what there is when none or several fit.
 */
export async function locateRun(name: string, cwd: string): Promise<string> {
  const asFolder = resolve(cwd, name);
  if (await isRunFolder(asFolder)) return asFolder;
  const runs = await listAround(cwd);
  if (name === 'last' && runs.length > 0) return runs[0]!.dir;
  const exact = runs.filter(({ file }) => file.id === name);
  const fitting =
    exact.length > 0 ? exact : runs.filter(({ file }) => name !== '' && file.id.startsWith(name));
  if (fitting.length === 1) return fitting[0]!.dir;
  if (fitting.length > 1)
    throw new HumanError(
      said('{0} runs begin with "{1}": {2}.', fitting.length, name, ids(fitting)),
      said('Write more of the id.'),
      'ambiguous_run',
    );
  throw runs.length === 0
    ? new HumanError(
        said('There are no runs in or above {0}.', cwd),
        said('Change to the folder of the experiment, or give the path of the run folder.'),
        'no_such_run',
      )
    : new HumanError(
        said('There is no run "{0}" in or above {1}.', name, cwd),
        said('{0}tandem runs lists all.', nearestWords(name, runs)),
        'no_such_run',
      );
}

/** All runs of the project around a folder, newest first. */
export async function listAround(folder: string): Promise<RunEntry[]> {
  const lists = await Promise.all((await runsDirsAround(folder)).map((runsDir) => listRuns(runsDir)));
  return lists.flat().sort(newestFirst);
}

/** Folders of runs: the one in or above the folder; without it, those in folders below, not too deep. */
export async function runsDirsAround(folder: string): Promise<string[]> {
  const above = runsDirOf(join(folder, 'any.tandem.yaml'));
  if ((await listRuns(above)).length > 0) return [above];
  return below(folder, 4);
}

async function isRunFolder(folder: string): Promise<boolean> {
  try {
    await readRunFile(folder);
    return true;
  } catch (error) {
    if (error instanceof HumanError && error.code === 'no_run') return false;
    throw error;
  }
}

/** `seen`: real paths of folders that were looked through, since links may lead back up. */
async function below(folder: string, depth: number, seen = new Set<string>()): Promise<string[]> {
  const place = await realpath(folder).catch(() => null);
  if (place === null || seen.has(place)) return [];
  seen.add(place);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('.') && name !== 'node_modules');
  const own = runsDirOf(join(folder, 'any.tandem.yaml'));
  const here = dirname(dirname(own)) === folder && existsSync(own) ? [own] : [];
  if (depth === 0) return here;
  return [
    ...here,
    ...(await Promise.all(names.map((name) => below(join(folder, name), depth - 1, seen)))).flat(),
  ];
}

/** The run that is most likely meant: its id, its experiment or its random end is nearly what was written. */
function nearestWords(name: string, runs: RunEntry[]): string {
  const namings = ({ file }: RunEntry): string[] => [file.id, file.experiment, file.id.slice(-4)];
  const contains = runs.find(({ file }) => name.length > 2 && file.id.includes(name.toLowerCase()));
  const near = contains ? null : nearestName(name, runs.flatMap(namings));
  const match = contains ?? runs.find((run) => near !== null && namings(run).includes(near));
  return match ? t('Did you mean {0}? ', match.file.id) : t('The newest are {0}; ', ids(runs));
}

function ids(runs: RunEntry[]): string {
  return `${runs
    .slice(0, 4)
    .map(({ file }) => file.id)
    .join(', ')}${runs.length > 4 ? ', ...' : ''}`;
}
