import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { spareAround } from '../../src/launcher/clean.ts';
import { latestCheckpoint, writeCheckpoint } from '../../src/store/checkpoints.ts';
import { ownProcess } from '../../src/store/process-identity.ts';
import { updateRunFile } from '../../src/store/run-folder.ts';
import type { Tensors } from '../../src/store/tensors.ts';
import { tandem } from './command-line.ts';
import { buildPrograms } from './programs.ts';
import { projectFolder, queuedRun } from './runs.ts';

beforeAll(buildPrograms, 120_000);

const tensors = (count: number): Tensors => ({
  table: { dtype: 'F32', shape: [count], data: new Float32Array(count).fill(0.5) },
});

/** A run with a checkpoint whose optimizer takes 8 kB and some. */
async function run(project: string, status: 'finished' | 'stopped' | 'running'): Promise<string> {
  const dir = await queuedRun(project, 20, status);
  await writeCheckpoint(dir, 20, { model: tensors(1000), optimizer: tensors(2000), state: null });
  await updateRunFile(dir, { status, process: ownProcess(), heartbeat: Date.now() });
  return dir;
}

function cache(folder: string): string {
  const dir = join(folder, '.tandem/cache/32px-x');
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'a.pixels'), Buffer.alloc(3072));
  return join(folder, '.tandem/cache');
}

test('clean removes what nothing needs, after asking, and no more', async () => {
  const project = projectFolder();
  const [finished, stopped] = [await run(project, 'finished'), await run(project, 'stopped')];
  const decoded = cache(project);
  const shown = await tandem(['clean', '--dry-run', '--json'], project);
  const { items, bytes, removed } = JSON.parse(shown.stdout) as {
    items: { kind: string; dir: string; bytes: number }[];
    bytes: number;
    removed: boolean;
  };
  expect(items.map(({ kind, dir }) => [kind, dir])).toEqual([
    ['optimizer', finished],
    ['cache', decoded],
  ]);
  expect(items[0]!.bytes).toBeGreaterThan(8000);
  expect(items[0]!.bytes).toBeLessThan(8300);
  expect([items[1]!.bytes, bytes, removed]).toEqual([3072, items[0]!.bytes + 3072, false]);

  const unasked = await tandem(['clean'], project);
  expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringContaining('With --yes it is removed')]);
  expect(existsSync(join(decoded, '32px-x'))).toBe(true);

  const done = await tandem(['clean', '--yes'], project);
  expect([done.code, done.stdout]).toEqual([0, expect.stringMatching(/11\.\d kB are free now\.$/m)]);
  expect(existsSync(decoded)).toBe(false);
  expect(readdirSync(join(finished, 'checkpoints/step-20')).sort()).toEqual([
    'model.safetensors',
    'state.json',
  ]);
  expect((await latestCheckpoint(finished))!.model).toEqual(tensors(1000));
  expect((await latestCheckpoint(stopped))!.optimizer).toEqual(tensors(2000));
  expect((await tandem(['clean', '--yes'], project)).stdout).toBe('Nothing here takes room for nothing.\n');
});

test('a cache that a run reads stays', async () => {
  const project = projectFolder();
  cache(project);
  await run(project, 'running');
  expect(await spareAround(project)).toEqual([]);
});
