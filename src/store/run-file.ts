import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { HumanError } from '../protocol/human-error.ts';
import { toJson } from '../protocol/numbers.ts';
import type { RunFile } from '../protocol/run.ts';
import { readSummary } from '../protocol/summary.ts';
import { readAnnotations } from './annotations.ts';
import { writeAside } from './files.ts';
import { isMissing } from '../text/system-errors.ts';
import { layout } from './layout.ts';
import { withoutSecrets } from './private.ts';

/**
 * A run's identity and standing, with what a person said of it and, while it runs, whether it was asked to stop.
 * HumanError `no_run` when the folder holds no run, `broken_run` when its run.json cannot be understood.
 */
export async function readRunFile(dir: string): Promise<RunFile> {
  const [file, annotations] = await Promise.all([readRaw(dir), readAnnotations(dir)]);
  if (file.status === 'running' && (await exists(layout.stop(dir)))) file.status = 'stopping';
  return Object.assign(file, annotations);
}

/** Changes fields of run.json, or all of it with a function; for the run's writer alone. Title, note and star: `annotateRun`. */
export function updateRunFile(
  dir: string,
  change: Partial<RunFile> | ((file: RunFile) => RunFile),
): Promise<void> {
  const earlier = updates.get(dir) ?? Promise.resolve();
  const update = earlier.then(async () => {
    const file = await readRaw(dir);
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

export async function writeRunFile(dir: string, file: RunFile): Promise<void> {
  await writeAside(layout.run(dir), `${toJson(withoutSecrets(file))}\n`);
}

/** run.json of a folder from its text; HumanError `broken_run` when it is not one. Fields that an older version did not write get their defaults. */
export function parseRunFile(text: string, dir: string): RunFile {
  let file: Partial<RunFile> | null = null;
  try {
    file = JSON.parse(text) as Partial<RunFile> | null;
  } catch {
    // Said below, as for JSON that is no run.
  }
  if (!file || typeof file !== 'object' || typeof file.id !== 'string' || typeof file.status !== 'string')
    throw new HumanError(
      `${layout.run(dir)} cannot be understood.`,
      'The curves and checkpoints may still be whole; resume is not possible.',
      'broken_run',
    );
  return { ...blankRunFile(file.id), ...file, summary: readSummary(file.summary) };
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
    reason: null,
    summary: {},
    title: null,
    note: null,
    starred: false,
  };
}

async function readRaw(dir: string): Promise<RunFile> {
  for (let attempt = 0; ; attempt++) {
    try {
      return parseRunFile(await readFile(layout.run(dir), 'utf8'), dir);
    } catch (error) {
      // Windows: for a moment while it is renamed over, a file cannot be opened.
      if (process.platform === 'win32' && !(error instanceof HumanError) && attempt < 10) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        continue;
      }
      if (!isMissing(error)) throw error;
      throw new HumanError(`${dir} is not a run folder.`, 'Name a folder under .tandem/runs.', 'no_run');
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
