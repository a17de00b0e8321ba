import { realpathSync } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { HumanError } from '../protocol/human-error.ts';
import { toJson } from '../protocol/numbers.ts';
import type { RunFile } from '../protocol/run.ts';
import { isActive } from '../protocol/run-status.ts';
import { readAnnotations } from './annotations.ts';
import { checked, fromJson } from './checked.ts';
import { writeAside } from './files.ts';
import { isCopyOf } from './folder-mark.ts';
import { isMissing, systemError } from '../text/system-errors.ts';
import { layout } from './layout.ts';
import { withoutSecrets } from './private.ts';
import { runFileSchema } from './run-schema.ts';
import { inLanguage, said, t } from '../text/say.ts';

/**
 * A run's identity and standing, with what a person said of it and, while it runs, whether it was asked to stop.
 * HumanError `no_run` when the folder holds no run, `broken_run` when its run.json cannot be understood.
 */
export async function readRunFile(dir: string): Promise<RunFile> {
  const [file, annotations] = await Promise.all([readRaw(dir), readAnnotations(dir)]);
  if (file.status === 'running' && (await exists(layout.stop(dir)))) file.status = 'stopping';
  return Object.assign(forReader(file), annotations);
}

/** What the run's numbers say and why it ended, in the language of who reads it. */
export const forReader = (file: RunFile): RunFile => ({
  ...inLanguage(file),
  findings: file.findings.map(inLanguage),
});

/** Changes fields of run.json, or all of it with a function; for the run's writer alone. What a person says of it: `annotateRun`. */
export function updateRunFile(
  dir: string,
  change: Partial<RunFile> | ((file: RunFile) => RunFile),
): Promise<void> {
  const earlier = updates.get(dir) ?? Promise.resolve();
  const update = earlier.then(async () => {
    const file = { ...(await readRaw(dir)), id: basename(await realpath(dir)) };
    await writeRunFile(dir, typeof change === 'function' ? change(file) : { ...file, ...change });
  });
  // The next update starts after this one, whatever became of it; whoever asked for this one learns of its failure.
  const settled = update.then(
    () => undefined,
    () => undefined,
  );
  updates.set(dir, settled);
  void settled.then(() => updates.get(dir) === settled && updates.delete(dir));
  return update;
}

/** Updates under way, by folder: read and write of one must not mix with those of the next. */
const updates = new Map<string, Promise<void>>();

/** Unix ms at which the run's writer last wrote run.json: of a run that is over, when it ended. */
export const runFileWrittenAt = async (dir: string): Promise<number> => (await stat(layout.run(dir))).mtimeMs;

export async function writeRunFile(dir: string, file: RunFile): Promise<void> {
  await writeAside(layout.run(dir), `${toJson(withoutSecrets(file))}\n`);
}

/**
 * run.json of a folder from its text; HumanError `broken_run` with what is wrong when it is not one. Fields that an older
 * version did not write get their defaults. The folder's name is the run's: a copy of a folder is a run of its own.
 */
export function parseRunFile(text: string, dir: string): RunFile {
  const path = layout.run(dir);
  const todo = t('The curves and checkpoints may still be whole; resume is not possible.');
  const written = fromJson(text, path, todo);
  const isMap = typeof written === 'object' && written !== null && !Array.isArray(written);
  const file = checked(
    runFileSchema,
    isMap ? { ...blankRunFile(''), id: undefined, status: undefined, ...written } : written,
    path,
    todo,
  );
  return isCopy(file, dir) ? asCopy(file, dir) : { ...file, id: basename(resolve(dir)) };
}

/** Whether a folder was copied since its trainer wrote it, alone or with its project; a link to the folder is no copy. */
function isCopy({ id, status, process }: RunFile, dir: string): boolean {
  if (process?.folder !== undefined && isActive(status)) return isCopyOf(process.folder, dir);
  if (id === basename(dir)) return false;
  try {
    return id !== basename(realpathSync(dir));
  } catch {
    return false; // Gone since it was read.
  }
}

/** The trainer of the original does not write here, and whoever was to start it does not start this one. */
function asCopy(file: RunFile, dir: string): RunFile {
  const status = isActive(file.status) ? 'interrupted' : file.status;
  return { ...file, id: basename(resolve(dir)), status, process: null, starter: null };
}

/** A run of which nothing but its name is known. */
export function blankRunFile(id: string): RunFile {
  return {
    id,
    experiment: basename(id).replace(/^\d{8}-\d{6}-|-[a-z0-9]{4}$/g, ''),
    experiment_path: '',
    sweep: null,
    settings: {},
    config_hash: '',
    git_commit: null,
    data: null,
    versions: {},
    created: 0,
    status: 'interrupted',
    process: null,
    starter: null,
    heartbeat: null,
    engine: null,
    step: 0,
    steps: 0,
    trained_ms: null,
    memory: null,
    reason: null,
    summary: {},
    findings: [],
    rungs: [],
    title: null,
    note: null,
    starred: false,
    tags: [],
    colour: null,
    job: null,
    remote: null,
  };
}

export const noRun = (dir: string): HumanError =>
  new HumanError(said('{0} is not a run folder.', dir), said('Name a folder under .tandem/runs.'), 'no_run');

export const notAFile = (path: string): HumanError =>
  new HumanError(said('{0} is not a file.', path), said('Remove it or move it away.'), 'broken_run');

/** Why a run cannot be read, in words; an error that says nothing to a person stays as it is. */
export function unreadable(error: unknown, dir: string): Error {
  if (error instanceof HumanError) return error;
  const meaning = systemError(error);
  if (meaning)
    return new HumanError(said('{0} cannot be read: {1}.', dir, meaning.reason), meaning.todo, meaning.code);
  return error instanceof Error ? error : new Error(String(error));
}

async function readRaw(dir: string): Promise<RunFile> {
  for (let attempt = 0; ; attempt++) {
    try {
      // Reading a pipe would wait for whoever writes into it.
      if (!(await stat(layout.run(dir))).isFile()) throw notAFile(layout.run(dir));
      return parseRunFile(await readFile(layout.run(dir), 'utf8'), dir);
    } catch (error) {
      // Windows: for a moment while it is renamed over, a file cannot be opened.
      if (process.platform === 'win32' && !(error instanceof HumanError) && attempt < 10) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        continue;
      }
      throw isMissing(error) ? noRun(dir) : unreadable(error, dir);
    }
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
