import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askJobs } from '../../src/launcher/slurm/settle.ts';
import { readRunFile } from '../../src/store/run-folder.ts';
import { tandem } from '../launcher/command-line.ts';
import { buildPrograms } from '../launcher/programs.ts';
import { needs } from '../needs.ts';
import { hasSlurm, startCluster, until, type Cluster } from './cluster.ts';
import { project, submitted } from './project.ts';

const isHere = needs(hasSlurm(), 'Slurm (slurmctld, slurmd, slurm-client, munge)');

let cluster: Cluster;
beforeAll(async () => {
  if (!isHere) return;
  [cluster] = await Promise.all([startCluster(), buildPrograms()]);
}, 180_000);
afterAll(() => cluster?.stop(), 60_000);

const runsIn = (folder: string): string[] =>
  readdirSync(join(folder, '.tandem/runs')).filter((name) => !name.startsWith('.'));

describe.runIf(isHere)('a scheduler that does not answer', () => {
  test('is waited for only so long, keeps no run from being listed, and what it takes later trains nothing', async () => {
    const waiting = project('time: 2-0');
    const [run] = await submitted(waiting);
    cluster.controller.kill('SIGSTOP');
    try {
      const file = await readRunFile(run!.dir);
      const began = performance.now();
      await expect(askJobs([{ dir: run!.dir, file }], 2_000)).rejects.toThrow(
        'Slurm does not answer: squeue was ended after 2 s.',
      );
      expect(performance.now() - began).toBeLessThan(6_000);

      const folder = project('time: 1');
      const [runs, train] = await Promise.all([
        tandem(['runs', '--json'], waiting),
        tandem(['train', 'tiles.tandem.yaml'], folder),
      ]);
      expect(JSON.parse(runs.stdout)).toMatchObject([{ id: run!.id, status: 'queued' }]);
      expect(runs.stderr).toContain('Slurm does not answer');
      expect(train.code).toBe(3);
      expect(train.stderr).toContain('Slurm does not answer');
      expect(runsIn(folder)).toEqual([]);

      cluster.controller.kill('SIGCONT');
      // The job got through all the same.
      const script = readdirSync(join(folder, '.tandem/slurm')).find((name) => name.endsWith('.sh'))!;
      const name = `--name=${basename(script, '.sh')}`;
      expect(
        await until(
          30_000,
          async () => (await cluster.slurm('squeue', '-h', '-t', 'all', name, '-o', '%T')) || false,
        ),
      ).toBeTruthy();
      await until(30_000, async () => (await cluster.slurm('squeue', '-h', name)) === '');
      expect(runsIn(folder)).toEqual([]);
    } finally {
      cluster.controller.kill('SIGCONT');
    }
    await tandem(['stop', run!.id], waiting);
  }, 120_000);
});
