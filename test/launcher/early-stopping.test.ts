import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEvents } from '../../src/store/events.ts';
import { listRuns, statusOf } from '../../src/store/run-folder.ts';
import { smallProject, type SmallProject } from '../trainer/small-run.ts';
import { finished, spawnTandem, tandem } from './command-line.ts';
import { buildPrograms } from './programs.ts';

// Sweeps of the command line with the real trainer on sixty small pictures.
let project: SmallProject;
beforeAll(async () => {
  await buildPrograms();
  project = await smallProject();
}, 120_000);
afterAll(() => project.remove());

function write(name: string, sweep: string): void {
  writeFileSync(
    join(project.folder, `${name}.tandem.yaml`),
    `data: { pairs: pairs.csv, image_size: 16, max_length: 16, val_fraction: 0.3 }
model:
  image_encoder: { name: resnet_small }
  text_encoder: { name: bert-tiny, weights: text-encoder }
  fusion: { kind: late, dim: 32 }
train: { batch_size: 8, steps: 60, threads: 1, engine: onnx }
eval: { every: 20 steps }
checkpoint: { every: 10 steps, best: null }
${sweep}`,
  );
}

const sweepOf = async (name: string) =>
  (await listRuns(join(project.folder, '.tandem/runs')))
    .filter(({ file }) => file.experiment === name)
    .sort((a, b) => a.file.sweep!.index - b.file.sweep!.index)
    .map(({ dir, file }) => ({ dir, file, status: statusOf(file) }));

test('bad settings are stopped at a rung; killed, the sweep goes on with what is missing', async () => {
  write(
    'halving',
    `sweep:
  optimizer.learning_rate.fusion: [1e-3, 10, 2e-3, 9, 8]
  stop_early: { metric: val/recall@10, min: 20 steps }
`,
  );
  const child = spawnTandem(['sweep', 'halving.tandem.yaml'], project.folder);
  const end = finished(child);
  let third;
  for (;;) {
    third = (await sweepOf('halving'))[2];
    if (third && third.status === 'running' && third.file.process && third.file.step > 0) break;
    await sleep(20);
  }
  child.kill('SIGKILL');
  process.kill(third.file.process!.pid, 'SIGKILL');
  const { stdout } = await end;
  expect(stdout).toMatch(
    /^2\/5: stopped early\. Stopped early at rung 1 of 1 \(step 20\): its val\/recall@10 is [\d.]+, and of the 2 runs that got there only the best one goes on, behind trial 1 \([\d.]+\)\./m,
  );

  const again = await tandem(['sweep', 'halving.tandem.yaml'], project.folder);
  expect(again.code, again.stderr).toBe(0);
  expect(again.stdout).toMatch(/^Going on with the sweep of .*, 3 of 5 runs left/m);
  const runs = await sweepOf('halving');
  expect(runs).toHaveLength(5);
  const bad = [1, 3, 4].map((index) => runs[index]!);
  expect(bad.map(({ status, file }) => [status, file.step])).toEqual(Array(3).fill(['stopped_early', 20]));
  expect(runs[0]!.status).toBe('finished');
  expect(runs[2]!.file.rungs).toHaveLength(1);
  // What had come to its end was not begun again.
  const starts = await Promise.all(
    runs.map(async ({ dir }) => (await readEvents(dir)).filter(({ kind }) => kind === 'started').length),
  );
  expect(starts).toEqual([1, 1, 2, 1, 1]);
  // The schedule is that of the whole run: half-way down its cosine at half of its steps.
  const rates = (await readEvents(bad[0]!.dir)).flatMap((event) =>
    event.kind === 'step' ? [event.metrics['train/learning_rate/fusion']!] : [],
  );
  // 5% of 60 steps are 3 of warm-up: before the 20th update, (19 - 3) / 57 of the cosine are done.
  expect(rates.at(-1)! / 10).toBeCloseTo(0.5 * (1 + Math.cos((Math.PI * 16) / 57)), 5);
}, 400_000);

test('a budget ends a sweep, and a larger one goes on with it', async () => {
  write('budget', 'sweep: { loss.temperature: [0.05, 0.1, 0.2], budget: { runs: 1 } }\n');
  const first = await tandem(['sweep', 'budget.tandem.yaml'], project.folder);
  expect(first.code, first.stderr).toBe(130);
  expect(first.stdout).toContain("2 runs were not begun: The sweep's budget of 1 run is used up.");
  expect((await sweepOf('budget')).map(({ status }) => status)).toEqual(['finished', 'stopped', 'stopped']);

  write('budget', 'sweep: { loss.temperature: [0.05, 0.1, 0.2], budget: { steps: 70 } }\n');
  const second = await tandem(['sweep', 'budget.tandem.yaml'], project.folder);
  expect(second.code, second.stderr).toBe(130);
  const runs = await sweepOf('budget');
  expect(runs.map(({ status, file }) => [status, file.step])).toEqual([
    ['finished', 60],
    ['stopped', 20],
    ['stopped', 0],
  ]);

  write('budget', 'sweep: { loss.temperature: [0.05, 0.1, 0.2] }\n');
  const third = await tandem(['sweep', 'budget.tandem.yaml', '--parallel', '2'], project.folder);
  expect(third.code, third.stderr).toBe(0);
  expect((await sweepOf('budget')).map(({ file }) => file.step)).toEqual([60, 60, 60]);
}, 400_000);
