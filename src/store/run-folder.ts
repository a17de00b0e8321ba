import { createHash, randomInt } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { RunConfig } from '../experiment/config.ts';
import { HumanError } from '../protocol/human-error.ts';
import { toJson } from '../protocol/numbers.ts';
import type { RunFile, SweepPlace } from '../protocol/run.ts';
import { asHuman, makeFolder, renameOver, writeAside } from './files.ts';
import { errorCode, isMissing } from '../text/system-errors.ts';
import { checked, fromJson } from './checked.ts';
import { configSchema } from './config-schema.ts';
import { gitCommit } from './git-commit.ts';
import { layout } from './layout.ts';
import { annotateRun } from './annotations.ts';
import { withAbsolutePaths, withRelativePaths } from './config-paths.ts';
import { blankRunFile, readRunFile, writeRunFile } from './run-file.ts';
import { said, t } from '../text/say.ts';

export { annotateRun } from './annotations.ts';
export { claimRun } from './claim.ts';
export { readRunFile, runFileWrittenAt, updateRunFile } from './run-file.ts';
export { listRuns } from './run-list.ts';
export { statusOf } from './status.ts';

export interface NewRun {
  /** The experiment's name. */
  experiment: string;
  /** Text of the experiment file as started. */
  source: string;
  config: RunConfig;
  /** What was set beside the file, by dotted key. */
  settings?: Record<string, unknown>;
  sweep?: SweepPlace | null;
  /** The experiment file; absolute, or relative to the folder that holds `.tandem`. */
  experimentPath: string;
  /** What it is expected to take. */
  memory?: RunFile['memory'];
  /** Versions of what runs it, by name; Node's is always there. */
  versions?: Record<string, string>;
  /** Unix ms. */
  created?: number;
  /** Who will start it; null: any window or command may. */
  starter?: RunFile['starter'];
  /** The job that will train it: then no window starts it. */
  job?: RunFile['job'];
  /** The machine that it trains on, when that is not this one. */
  remote?: RunFile['remote'];
}

/**
 * Where runs of an experiment file go, the one rule for everybody: `.tandem/runs` of the nearest folder above it that has
 * a `.tandem`, else beside the file. A `.tandem` with nothing but a cache is none, so a cache that appears changes nothing.
 */
export function runsDirOf(experimentFile: string): string {
  const folder = dirname(resolve(experimentFile));
  for (let at = folder; ; at = dirname(at)) {
    // A `.tandem` in the home folder is not a project, unless the experiment lies right there.
    if (isProject(join(at, '.tandem')) && (at !== homedir() || at === folder))
      return join(at, '.tandem', 'runs');
    if (at === dirname(at)) return join(folder, '.tandem', 'runs');
  }
}

/** Where decoded images are kept when the experiment does not say: beside the runs, so that one project has one `.tandem`. */
export function cacheDirOf(runsDir: string): string {
  return join(dirname(runsDir), 'cache');
}

function isProject(folder: string): boolean {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    // One that may not be looked into is somebody's project all the same.
    return !isMissing(error);
  }
  return names.length === 0 || names.some((name) => name !== 'cache' && name !== '.gitignore');
}

/** Nothing in `.tandem` belongs into a repository: checkpoints are large, and curves are this machine's. */
async function ignoreInGit(folder: string): Promise<void> {
  await writeFile(join(folder, '.gitignore'), '*\n', { flag: 'wx' }).catch((error: unknown) => {
    // A person's own stays.
    if (errorCode(error) !== 'EEXIST') throw error;
  });
}

/** Makes the folder of a new run with status `queued` and answers its path. It appears under its name only when it is whole. */
export async function createRun(runsDir: string, run: NewRun): Promise<string> {
  const created = run.created ?? Date.now();
  const root = dirname(dirname(resolve(runsDir)));
  const experimentFile = resolve(root, run.experimentPath);
  const experimentPath = relativePath(root, experimentFile);
  const config = `${toJson(withRelativePaths(run.config, root, experimentPath))}\n`;
  const file: RunFile = {
    ...blankRunFile(''),
    experiment: run.experiment,
    experiment_path: experimentPath,
    sweep: run.sweep ?? null,
    settings: run.settings ?? {},
    config_hash: createHash('sha256').update(config).digest('hex'),
    git_commit: await gitCommit(dirname(experimentFile)),
    versions: { node: process.versions.node, ...run.versions },
    created,
    starter: run.starter ?? null,
    status: 'queued',
    steps: run.config.train.steps,
    trained_ms: 0,
    memory: run.memory ?? null,
  };
  const aside = join(runsDir, `.new-${process.pid}-${letters(8)}`);
  try {
    await makeFolder(aside);
    if (basename(dirname(runsDir)) === '.tandem') await ignoreInGit(dirname(runsDir));
    await writeFile(layout.source(aside), run.source);
    await writeFile(layout.config(aside), config);
    if (run.job) await annotateRun(aside, { job: run.job });
    if (run.remote) await annotateRun(aside, { remote: run.remote });
    for (;;) {
      file.id = `${stamp(created)}-${slug(run.experiment)}-${letters(4)}`;
      const dir = join(runsDir, file.id);
      if (existsSync(dir)) continue;
      await writeRunFile(aside, file);
      try {
        await renameOver(aside, dir);
        return dir;
      } catch (error) {
        // A folder that is not empty is renamed over on no system: another has just taken that name.
        if (!existsSync(dir)) throw error;
      }
    }
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw asHuman(error, runsDir);
  }
}

/** The resolved config that the run was created with, with absolute paths for where its project is now. */
export async function readConfig(dir: string): Promise<RunConfig> {
  const [text, { experiment_path }] = await Promise.all([readPart(layout.config(dir)), readRunFile(dir)]);
  const todo = t('Start the experiment again from its file.');
  const config = checked(
    configSchema,
    fromJson(text, layout.config(dir), todo),
    layout.config(dir),
    todo,
  ) as RunConfig; // What is there has been checked; what an older version did not write is asked for with `?.`.
  return withAbsolutePaths(config, dirname(dirname(dirname(resolve(dir)))), experiment_path);
}

/** Text of the experiment file as it was when the run was created. */
export async function readSource(dir: string): Promise<string> {
  return readPart(layout.source(dir));
}

/** Asks the run's trainer to save and stop; works across hosts that share the folder. */
export async function requestStop(dir: string): Promise<void> {
  await writeAside(layout.stop(dir), `${JSON.stringify({ time: Date.now() })}\n`);
}

export async function stopRequested(dir: string): Promise<boolean> {
  try {
    await stat(layout.stop(dir));
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** A new trainer takes the run up: an earlier request is not meant for it. */
export async function clearStop(dir: string): Promise<void> {
  await rm(layout.stop(dir), { force: true });
}

/** Where the trainer's output goes. */
export function logFile(dir: string): string {
  return layout.log(dir);
}

async function readPart(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (!isMissing(error)) throw asHuman(error, file);
    throw new HumanError(
      said('{0} is missing.', file),
      said('Start the experiment again from its file.'),
      'broken_run',
    );
  }
}

/** Relative to the project; only the name when that would lead through the home folder or to another drive. */
function relativePath(root: string, file: string): string {
  const path = relative(root, file);
  const inside = (folder: string): boolean => !relative(homedir(), folder).startsWith('..');
  const leaks = isAbsolute(path) || (path.startsWith('..') && inside(file) && !inside(root));
  return leaks ? basename(file) : path.replaceAll('\\', '/');
}

/** UTC, so that names sort by time: 20251231-235959. */
function stamp(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}

/** What is safe in a folder name on every system; other letters than Latin stay. */
function slug(name: string): string {
  const safe = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  return [...safe].slice(0, 40).join('').toLowerCase() || 'run';
}

function letters(count: number): string {
  return Array.from({ length: count }, () => 'abcdefghijkmnpqrstuvwxyz'[randomInt(24)]).join('');
}
