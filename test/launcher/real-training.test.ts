import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { readEvents } from '../../src/store/events.ts';
import { listRuns, readRunFile } from '../../src/store/run-folder.ts';
import { finished, spawnTandem, tandem } from './command-line.ts';
import { buildPrograms, root } from './programs.ts';
import { projectFolder } from './runs.ts';

// The command line with the real trainer on twelve real pictures: what only the whole chain can show.
beforeAll(buildPrograms, 120_000);

/** Enough of them, a few hundredths of a second each, that a run is not over before it is killed or stopped. */
const steps = 60;

function project(): string {
  const folder = projectFolder();
  cpSync(join(root, 'test/cases/pairs'), join(folder, 'pairs'), { recursive: true });
  writeFileSync(
    join(folder, 'tiles.tandem.yaml'),
    `data: { pairs: pairs/good.csv, image_size: 32, val_fraction: 0.25, max_length: 16 }
model:
  image_encoder: { name: resnet_small }
  text_encoder: { name: bert-tiny, dropout: 0.1 }
  fusion: { kind: late, dim: 16 }
train: { batch_size: 4, steps: ${steps}, threads: 1 }
eval: { every: 30 steps }
checkpoint: { every: 5 steps, keep: 1, best: null }
`,
  );
  return folder;
}

interface Document {
  status: string;
  step: number;
  reason: string | null;
  series: Record<string, [number, number][]>;
}

const documentOf = (stdout: string) => JSON.parse(stdout) as Document;

/** Curves that do not hang on the clock. */
function curves({ series }: Document): Record<string, [number, number][]> {
  return Object.fromEntries(
    Object.entries(series).filter(([name]) => !/pairs_per_s|data_wait|^system\//.test(name)),
  );
}

async function reaches(folder: string, step: number): Promise<string> {
  for (;;) {
    const run = (await listRuns(join(folder, '.tandem/runs')))[0];
    if (run && (await readEvents(run.dir)).some((event) => event.kind === 'step' && event.step >= step))
      return run.dir;
    await sleep(10);
  }
}

/** Bytes of each run, newest first. */
const disk = async (folder: string): Promise<number[]> =>
  (JSON.parse((await tandem(['runs', '--sizes', '--json'], folder)).stdout) as { bytes: number }[]).map(
    ({ bytes }) => bytes,
  );

test('validate says what is wrong with weights, where they are named', async () => {
  const folder = project();
  writeFileSync(join(folder, 'cut.safetensors'), Buffer.alloc(5));
  writeFileSync(
    join(folder, 'weights.tandem.yaml'),
    `data: { pairs: pairs/good.csv }
train: { batch_size: 2 }
model:
  image_encoder: { weights: cut.safetensors }
`,
  );
  const { code, stdout } = await tandem(['validate', 'weights.tandem.yaml'], folder);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^weights\.tandem\.yaml:4:29: error: .*cut\.safetensors is damaged \(it is cut off\)\. .*\(model\.image_encoder\.weights\)$/m,
  );
});

test('a run that was killed and one that was stopped end as if nothing had happened', async () => {
  const wholeFolder = project();
  const whole = await tandem(['train', 'tiles.tandem.yaml', '--json'], wholeFolder);
  expect(whole.code, whole.stderr).toBe(0);
  const expected = documentOf(whole.stdout);
  expect(expected).toMatchObject({ status: 'finished', step: steps });
  expect(expected.series['train/loss']).toHaveLength(steps);
  // Chance: no pair of four is better than another before anything is learnt.
  expect(expected.series['train/loss']![0]![1]).toBeGreaterThan(0.7 * Math.log(4));
  expect(expected.series['train/loss']![0]![1]).toBeLessThan(1.6 * Math.log(4));
  expect(expected.series['val/recall@1']!.map(([step]) => step)).toEqual([30, 60]);

  // The model alone is 22.4 MB, most of it BERT's table of words; twice as much of the optimizer's has gone.
  const [size] = await disk(wholeFolder);
  expect(size).toBeGreaterThan(22.4e6);
  expect(size).toBeLessThan(24e6);
  expect((await tandem(['runs', '--sizes'], wholeFolder)).stdout).toMatch(
    /^2[23]\.?\d* MB in runs, [\d.]+ kB in caches of decoded images and features\./m,
  );

  const killed = project();
  const child = spawnTandem(['train', 'tiles.tandem.yaml', '--json'], killed);
  const end = finished(child);
  const dir = await reaches(killed, 7);
  process.kill((await readRunFile(dir)).process!.pid, 'SIGKILL');
  const { code, stdout } = await end;
  expect(code).toBe(3);
  expect(documentOf(stdout)).toMatchObject({ status: 'failed', reason: expect.stringContaining('SIGKILL') });
  const resumed = await tandem(['resume', 'last', '--json'], killed);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(curves(documentOf(resumed.stdout))).toEqual(curves(expected));

  const stopped = project();
  const asked = spawnTandem(['train', 'tiles.tandem.yaml', '--json'], stopped);
  const answer = finished(asked);
  await reaches(stopped, 2);
  asked.kill('SIGINT');
  expect((await answer).code).toBe(130);
  const gone = await tandem(['resume', 'last', '--json'], stopped);
  expect(gone.code, gone.stderr).toBe(0);
  expect(curves(documentOf(gone.stdout))).toEqual(curves(expected));

  const csv = await tandem(['export', 'last', '--format', 'csv'], stopped);
  expect(csv.stdout.trimEnd().split('\n')).toHaveLength(1 + steps);
}, 400_000);

test('a rate is looked for with the model and the batches that its run would have', async () => {
  const folder = project();
  const set = ['--set', 'train.steps=2'];
  const trained = await tandem(['train', 'tiles.tandem.yaml', ...set, '--json'], folder);
  const found = await tandem(
    ['find-lr', 'tiles.tandem.yaml', '--branch', 'text', '--steps', '30', '--json'],
    folder,
  );
  expect(found.code, found.stderr).toBe(0);
  const { points } = JSON.parse(found.stdout) as { points: { rate: number; loss: number }[] };
  expect(points.length).toBeGreaterThan(10);
  // Before the first update both are the same; after it another rate has been at work.
  const [first, second] = documentOf(trained.stdout).series['train/loss']!;
  expect(points[0]!.loss).toBeCloseTo(first![1], 6);
  expect(points[1]!.loss).not.toBe(second![1]);
}, 200_000);

test('a run on the reference engine, and what cannot be trained on', async () => {
  const folder = project();
  const set = ['--set', 'train.engine=cpu', '--set', 'train.steps=2', '--set', 'data.image_size=16'];
  const { code, stdout, stderr } = await tandem(['train', 'tiles.tandem.yaml', ...set, '--json'], folder);
  expect(code, stderr).toBe(0);
  expect(documentOf(stdout).series['train/loss']).toHaveLength(2);

  // lying-names.csv: three of five pictures are none; found out only when they are decoded.
  const lying = [
    '--set',
    'data.pairs=pairs/lying-names.csv',
    '--set',
    'train.batch_size=2',
    '--set',
    'train.steps=2',
  ];
  const bad = await tandem(
    ['train', 'tiles.tandem.yaml', ...lying, '--set', 'data.val_fraction=0', '--json'],
    folder,
  );
  expect(bad.code).toBe(3);
  expect(documentOf(bad.stdout).status).toBe('failed');
  expect(documentOf(bad.stdout).reason).toMatch(/empty\.png|cut\.png|page\.jpg/);
}, 120_000);
