import { randomInt } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Launcher } from '../../experiment/config.ts';
import { HumanError } from '../../protocol/human-error.ts';
import type { RunJob } from '../../protocol/run.ts';
import { canResume } from '../../protocol/run-status.ts';
import { makeFolder, writeAside } from '../../store/files.ts';
import { annotateRun, readRunFile, statusOf } from '../../store/run-folder.ts';
import { createRuns } from '../create-runs.ts';
import { finishRun } from '../finish.ts';
import type { Plan } from '../plan.ts';
import { queueAgain } from '../queue-again.ts';
import { trainerSettings, type TrainerProgram } from '../trainer-program.ts';
import { sbatch } from './commands.ts';
import { jobScript } from './script.ts';
import { said } from '../../text/say.ts';

/** Clusters allow arrays of 1,001 tasks unless they say otherwise: longer sweeps are several arrays. */
const mostTasks = 1000;

/** Runs that were submitted: their folders, and the ids of their jobs. */
export interface Submitted {
  dirs: string[];
  ids: string[];
}

/** Makes the run folders of a plan and submits them, a sweep as one array. What Slurm does not take is removed again. */
export async function submitPlan(plan: Plan, program: TrainerProgram): Promise<Submitted> {
  const jobs = jobsOf(plan.runs.length, plan.runs[0]!.config.name, plan.launcher);
  const dirs = await createRuns(plan, { jobs });
  return submitAll(dirs, jobs, program, async (dir) => rm(dir, { recursive: true, force: true }));
}

/**
 * Submits runs that ended early again, each to go on from its last checkpoint, in its own launcher's way or in the one given; those of one
 * kind together.
 */
export async function submitAgain(
  dirs: string[],
  program: TrainerProgram,
  given?: Launcher,
): Promise<Submitted> {
  const groups = new Map<string, { launcher: Launcher; name: string; dirs: string[] }>();
  for (const dir of dirs) {
    const file = await readRunFile(dir);
    const launcher = given ?? file.job?.launcher;
    if (!launcher || !canResume(statusOf(file))) continue;
    const key = JSON.stringify([dirname(dir), launcher]);
    const group = groups.get(key) ?? { launcher, name: file.experiment, dirs: [] };
    groups.set(key, group);
    group.dirs.push(dir);
  }
  const submitted: Submitted = { dirs: [], ids: [] };
  for (const group of groups.values()) {
    const jobs = jobsOf(group.dirs.length, group.name, group.launcher);
    for (const [index, dir] of group.dirs.entries()) {
      // First the job, so that no window takes what waits for its own.
      await annotateRun(dir, { job: jobs[index]! });
      await queueAgain(dir);
    }
    const { dirs, ids } = await submitAll(group.dirs, jobs, program, (dir, error) =>
      finishRun(
        dir,
        { code: null, signal: null },
        error instanceof HumanError ? error.said : said('{0}', error.message),
      ),
    );
    submitted.dirs.push(...dirs);
    submitted.ids.push(...ids);
  }
  return submitted;
}

/** Submits runs as few jobs as there can be; those that were refused are undone one by one. */
async function submitAll(
  dirs: string[],
  jobs: RunJob[],
  program: TrainerProgram,
  undo: (dir: string, error: Error) => Promise<unknown>,
): Promise<Submitted> {
  const ids: string[] = [];
  for (let at = 0; at < dirs.length; at += mostTasks)
    try {
      ids.push(await submit(dirs.slice(at, at + mostTasks), jobs.slice(at, at + mostTasks), program));
    } catch (error) {
      for (const dir of dirs.slice(at)) await undo(dir, error as Error);
      if (at === 0 || !(error instanceof HumanError)) throw error;
      const done = said('{0} of {1} runs were submitted as job {2}.', at, dirs.length, ids.join(', '));
      throw new HumanError(said('{0} {1}', error.what, done), error.todo, error.code);
    }
  return { dirs, ids };
}

/** The script that a plan's runs would be submitted with. */
export function previewScript(plan: Plan, program: TrainerProgram): string {
  const count = plan.runs.length;
  const isArray = count > 1;
  const scripts =
    isArray && count > mostTasks ? `# The first of ${Math.ceil(count / mostTasks)} arrays.\n` : '';
  const runs = Math.min(count, mostTasks);
  return (
    scripts +
    jobScript({
      name: jobName(plan.runs[0]!.config.name),
      ...placesOf(plan.runsDir, isArray),
      launcher: plan.launcher,
      runs,
      isArray,
      ...programOf(program),
    })
  );
}

async function submit(dirs: string[], jobs: RunJob[], program: TrainerProgram): Promise<string> {
  const { name, task, launcher } = jobs[0]!;
  const runsDir = dirname(dirs[0]!);
  const isArray = task !== null;
  const places = placesOf(runsDir, isArray);
  await makeFolder(slurmDirOf(runsDir));
  const script = jobScript({
    name,
    ...places,
    launcher,
    runs: dirs.map((dir) => basename(dir)),
    isArray,
    ...programOf(program),
  });
  // What was sent stays beside what Slurm says of it.
  await writeAside(join(slurmDirOf(runsDir), `${name}.sh`), script);
  const id = await sbatch(script, name);
  for (const [index, dir] of dirs.entries()) await annotateRun(dir, { job: { ...jobs[index]!, id } });
  return id;
}

function jobsOf(count: number, experiment: string, launcher: Launcher): RunJob[] {
  const submitted = Date.now();
  const names = Array.from({ length: Math.ceil(count / mostTasks) }, () => jobName(experiment));
  return Array.from({ length: count }, (_, index) => ({
    name: names[Math.floor(index / mostTasks)]!,
    task: count === 1 ? null : index % mostTasks,
    id: null,
    submitted,
    launcher,
  }));
}

/** One that no other job has, so that a job whose id got lost is found; names that Slurm's lists can hold. */
function jobName(experiment: string): string {
  const safe = experiment
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return ['tandem', safe, randomInt(36 ** 6).toString(36)].filter(Boolean).join('-');
}

const slurmDirOf = (runsDir: string): string => join(dirname(runsDir), 'slurm');

function placesOf(runsDir: string, isArray: boolean): { runsDir: string; output: string } {
  // A % in a folder's name would stand for a part of the job.
  const folder = slurmDirOf(runsDir).replaceAll('%', '%%');
  return { runsDir, output: join(folder, isArray ? '%x-%A_%a.out' : '%x-%j.out') };
}

const programOf = (program: TrainerProgram) => ({
  nodePath: program.nodePath,
  trainerFile: program.trainerFile,
  environment: trainerSettings(program),
});
