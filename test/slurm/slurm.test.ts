import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StartedEvent } from '../../src/protocol/events.ts';
import { readEvents } from '../../src/store/events.ts';
import { annotateRun, listRuns, logFile, readRunFile, statusOf } from '../../src/store/run-folder.ts';
import { tandem } from '../launcher/command-line.ts';
import { buildPrograms } from '../launcher/programs.ts';
import { queuedRun } from '../launcher/runs.ts';
import { needs } from '../needs.ts';
import { type Entry, listed, project, submitted } from './project.ts';
import { hasSlurm, startCluster, until, type Cluster } from './cluster.ts';

// The real trainer under a real scheduler: what happens to jobs, and what the run folders say then.

const isHere = needs(hasSlurm(), 'Slurm (slurmctld, slurmd, slurm-client, munge)');

let cluster: Cluster;
beforeAll(async () => {
  if (!isHere) return;
  [cluster] = await Promise.all([startCluster(), buildPrograms()]);
}, 180_000);
afterAll(() => cluster?.stop(), 60_000);

const standsAt = (dir: string, status: string, limitMs = 60_000): Promise<Entry> =>
  until(limitMs, async () => {
    const entry = await listed(dir);
    return entry.status === status && entry;
  });

const reaches = (dir: string, step: number): Promise<true> =>
  until(
    60_000,
    async () => (await readEvents(dir)).some((event) => event.kind === 'step' && event.step >= step) || false,
  );

const starts = async (dir: string): Promise<StartedEvent[]> =>
  (await readEvents(dir)).filter((event) => event.kind === 'started');

const trainerOf = async (dir: string): Promise<number> => (await readRunFile(dir)).process!.pid;

describe.runIf(isHere)('a sweep as one array', () => {
  let folder: string;
  let runs: Entry[];
  let job: string;
  beforeAll(async () => {
    // The first one's set-up hangs, as modules on a disk that is away do.
    const setUp = '[ ${SLURM_ARRAY_TASK_ID:-1} != 0 ] || while :; do sleep 1; done';
    folder = project(`parallel: 3, time: 1, save_before: 10, setup: "${setUp}"`, {
      more: 'sweep: { seeds: [0, 1, 2, 3] }',
    });
    runs = await submitted(folder, 'sweep');
    job = runs[0]!.job!.id.split('_')[0]!;
  }, 60_000);

  test.concurrent('has a task for each run, no more at a time than its throttle, and reasons', async () => {
    expect(runs.map((run) => run.job!.id)).toEqual([0, 1, 2, 3].map((task) => `${job}_${task}`));
    // One look: the reason may be another with the next one.
    const said = await until(30_000, async () => {
      const { stdout } = await tandem(['show', basename(runs[3]!.dir)], folder);
      return stdout.includes('JobArrayTaskLimit') && stdout;
    });
    expect(said).toContain('queued');
    expect(said).toContain(
      `Slurm job ${job}_3: as many runs of the sweep train as launcher.parallel allows (JobArrayTaskLimit)`,
    );
  });

  test.concurrent('a run whose trainer is killed has failed, with the reason', async () => {
    const { dir } = runs[3]!;
    await reaches(dir, 1);
    process.kill(await trainerOf(dir), 'SIGKILL');
    const { reason } = await standsAt(dir, 'failed');
    expect(reason).toContain(`The Slurm job ${job}_3 failed with exit code 137`);
  });

  test.concurrent('a run that is put back goes on from its checkpoint in the same folder', async () => {
    const { dir } = runs[1]!;
    await reaches(dir, 6);
    await cluster.slurm('scontrol', 'requeue', `${job}_1`);
    await until(60_000, async () => (await starts(dir)).length === 2);
    const [first, second] = await starts(dir);
    expect(first!.step).toBe(0);
    // A SIGTERM comes first: nothing is lost.
    const before = (await readEvents(dir)).filter(({ time, kind }) => kind === 'step' && time < second!.time);
    expect(second!.step).toBe(before.at(-1)!.step);
    await reaches(dir, second!.step + 1);
    expect(statusOf(await readRunFile(dir))).toBe('running');
    const { stdout } = await tandem(['stop', basename(dir)], folder);
    expect(stdout).toMatch(/is stopped at step \d+\.$/m);
    await until(20_000, async () => (await cluster.slurm('squeue', '-h', '-r', '-j', `${job}_1`)) === '');
    expect((await listed(dir)).status).toBe('stopped');
  });

  test.concurrent('a run that is cancelled is stopped, and resume submits it again', async () => {
    const { dir } = runs[2]!;
    await reaches(dir, 1);
    await cluster.slurm('scancel', `${job}_2`);
    const { reason, step } = await standsAt(dir, 'stopped');
    expect(reason).toBe(
      `The Slurm job ${job}_2 was cancelled. Resume submits the run again and goes on from its last checkpoint.`,
    );
    const { code, stdout } = await tandem(['resume', basename(dir), '--json'], folder);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as Entry[])[0]!.job!.id).not.toContain(`${job}_`);
    await until(60_000, async () => (await starts(dir)).length === 2);
    expect((await starts(dir))[1]!.step).toBe(step);
    await tandem(['stop', basename(dir)], folder);
  });

  test.concurrent(
    'a run that cannot hear the warning before its time limit fails at it',
    async () => {
      const { dir } = runs[0]!;
      const { reason, job: own } = await standsAt(dir, 'failed', 110_000);
      expect(own!.id).toBe(`${job}_0`);
      expect(reason).toContain(`The Slurm job ${job}_0 met its time limit.`);
    },
    180_000,
  );

  test.concurrent(
    'a run that is warned before its time limit saves, and is started again by itself',
    async () => {
      const alone = project('time: 1, save_before: 30');
      const [{ dir }] = (await submitted(alone)) as [Entry];
      await reaches(dir, 1);
      await until(90_000, async () => (await starts(dir)).length === 2);
      const log = readFileSync(logFile(dir), 'utf8');
      expect(log).toContain('The run goes on from here when its job is started again.');
      const [, second] = await starts(dir);
      expect(second!.step).toBeGreaterThan(0);
      await tandem(['stop', basename(dir)], alone);
    },
    180_000,
  );
});

describe.runIf(isHere)('one run as a job', () => {
  test.concurrent('trains to its end', async () => {
    const [run] = await submitted(project('setup: "export SET_UP=1"', { steps: 6 }));
    expect(await standsAt(run!.dir, 'finished')).toMatchObject({ step: 6, reason: null });
    // A window starts nothing that a scheduler is to start.
    expect(run!.job!.id).toMatch(/^\d+$/);
  });

  test.concurrent('that can never start says why, and stop takes it out of the queue', async () => {
    const folder = project('time: 2-0');
    const [run] = await submitted(folder);
    const { job } = await until(20_000, async () => {
      const entry = await listed(run!.dir);
      return entry.job!.waits === 'PartitionTimeLimit' && entry;
    });
    expect((await tandem(['stop', run!.id], folder)).stdout).toBe(`${run!.id} is stopped at step 0.\n`);
    expect(await cluster.slurm('squeue', '-h', '-j', job!.id).catch(() => '')).toBe('');
    expect(await listed(run!.dir)).toMatchObject({ status: 'stopped', reason: 'Stopped before it began.' });
  });

  test.concurrent('that cannot find its Node fails with the line of the shell', async () => {
    const [run] = await submitted(project('node: /nowhere/node'));
    const { reason } = await standsAt(run!.dir, 'failed');
    expect(reason).toContain('failed with exit code 127');
    expect(readFileSync(logFile(run!.dir), 'utf8')).toContain('/nowhere/node: No such file or directory');
  });

  test.concurrent('that Slurm refuses leaves no run behind, and its words are shown', async () => {
    const folder = project('partition: nowhere');
    const { code, stderr } = await tandem(['train', 'tiles.tandem.yaml'], folder);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'Slurm refused (sbatch: invalid partition specified: nowhere; Batch job submission failed: Invalid partition name specified). Mend what it names in the section launcher',
    );
    expect(await listRuns(join(folder, '.tandem/runs'))).toEqual([]);
  });

  test.concurrent('whose job is gone is told so', async () => {
    const folder = project('time: 5');
    const dir = await queuedRun(folder);
    const launcher = { kind: 'slurm' } as NonNullable<
      Awaited<ReturnType<typeof readRunFile>>['job']
    >['launcher'];
    await annotateRun(dir, {
      job: { name: 'tandem-gone', task: 3, id: '999999', submitted: Date.now(), launcher },
    });
    expect(await listed(dir)).toMatchObject({
      status: 'failed',
      reason:
        'Slurm does not know the job 999999_3 any more: it ended, and nothing here says how. Resume submits the run again and goes on from its last checkpoint.',
    });
  });
});
