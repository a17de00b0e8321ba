import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { latestCheckpoint } from '../../src/store/checkpoints.ts';
import { readEvents } from '../../src/store/events.ts';
import { listRuns, logFile, readRunFile, statusOf } from '../../src/store/run-folder.ts';
import { finished, spawnTandem, tandem } from '../launcher/command-line.ts';
import { buildPrograms } from '../launcher/programs.ts';
import { needs } from '../needs.ts';
import { until } from '../slurm/cluster.ts';
import { project } from '../slurm/project.ts';
import { hasSshd, startSshd, type Sshd } from './sshd.ts';

// The real trainer, reached through a real sshd: another machine as far as files and processes go.

const isHere = needs(hasSshd(), 'sshd, ssh and rsync');

let sshd: Sshd;
beforeAll(async () => {
  if (isHere) [sshd] = await Promise.all([startSshd(), buildPrograms()]);
}, 180_000);
afterAll(() => sshd?.stop());

const launcher = (folder: string | null, more: Record<string, string> = {}): string =>
  Object.entries({ kind: 'ssh', ...sshd.launcher, node: process.execPath, folder, ...more })
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    .join(', ');
const elsewhere = (): string => mkdtempSync(join(tmpdir(), 'tandem there '));

async function runOf(folder: string): Promise<string> {
  return until(30_000, async () => (await listRuns(join(folder, '.tandem/runs')))[0]?.dir ?? false);
}

const stepsOf = async (dir: string): Promise<number[]> =>
  (await readEvents(dir)).filter(({ kind }) => kind === 'step').map(({ step }) => step);

const reaches = (dir: string, step: number): Promise<true> =>
  until(
    60_000,
    async () => (await stepsOf(dir)).some((each) => each >= step) || (false as const),
  ) as Promise<true>;

describe.runIf(isHere)('a run on another machine', () => {
  test.concurrent('in a copy of its project is here what it is there', async () => {
    const there = elsewhere();
    const folder = project(launcher(there), { steps: 12 });
    const { code, stdout, stderr } = await tandem(['train', 'tiles.tandem.yaml'], folder);
    expect(code, stderr + stdout).toBe(0);
    const dir = await runOf(folder);
    expect(await readRunFile(dir)).toMatchObject({ status: 'finished', step: 12 });
    expect(await stepsOf(dir)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    expect((await latestCheckpoint(dir))!.step).toBe(12);
    const [copy] = readdirSync(there);
    const far = join(there, copy!, '.tandem/runs', basename(dir));
    expect(readFileSync(join(dir, 'events.jsonl'))).toEqual(readFileSync(join(far, 'events.jsonl')));
    expect(readFileSync(logFile(dir), 'utf8')).toContain('engine ');
  });

  test.concurrent('saves and stops when it is asked to here', async () => {
    const folder = project(launcher(elsewhere()));
    const training = spawnTandem(['train', 'tiles.tandem.yaml'], folder);
    const ended = finished(training);
    const dir = await runOf(folder);
    await reaches(dir, 2);
    expect((await tandem(['stop', basename(dir)], folder)).stdout).toMatch(/is stopped at step \d+\.$/m);
    expect((await ended).code).toBe(130);
    const { step } = await readRunFile(dir);
    expect((await latestCheckpoint(dir))!.step).toBe(step);
  });

  test.concurrent('goes on there when this machine lets go of it, and resume finds it again', async () => {
    const folder = project(launcher(elsewhere()));
    const training = spawnTandem(['train', 'tiles.tandem.yaml'], folder);
    const ended = finished(training);
    const dir = await runOf(folder);
    await reaches(dir, 2);
    process.kill((await readRunFile(dir)).process!.pid, 'SIGKILL');
    await ended;
    expect(statusOf(await readRunFile(dir))).toBe('failed');
    const before = (await stepsOf(dir)).at(-1)!;

    const resumed = finished(spawnTandem(['resume', basename(dir)], folder));
    await reaches(dir, before + 1);
    await tandem(['stop', basename(dir)], folder);
    await resumed;
    // It was never started anew.
    expect((await readEvents(dir)).filter(({ kind }) => kind === 'started')).toHaveLength(1);
  });

  test.concurrent('in the same folder writes it itself, and stops when it is asked to here', async () => {
    const folder = project(launcher(null));
    const ended = finished(spawnTandem(['train', 'tiles.tandem.yaml'], folder));
    const dir = await runOf(folder);
    await reaches(dir, 2);
    await tandem(['stop', basename(dir)], folder);
    expect((await ended).code).toBe(130);
    expect(await readRunFile(dir)).toMatchObject({ status: 'stopped' });
  });

  test.concurrent.for([
    ['cannot be reached', { options: 'Port=9' }, /ssh failed: .*Connection refused/],
    ['has no Node where it is said to be', { node: '/nowhere/node' }, /\/nowhere\/node: No such file/],
  ] as const)('that %s fails with what was said', async ([, more, said]) => {
    const folder = project(launcher(elsewhere(), more));
    const { code, stderr } = await tandem(['train', 'tiles.tandem.yaml'], folder);
    expect(code).toBe(3);
    const [run] = await listRuns(join(folder, '.tandem/runs'));
    expect(`${stderr}\n${run!.file.reason}`).toMatch(said);
    expect(run!.file.status).toBe('failed');
  });
});
