import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { tandem } from '../launcher/command-line.ts';
import { root } from '../launcher/programs.ts';
import { projectFolder } from '../launcher/runs.ts';

/** More steps than any of these tests waits for, unless it says how many. */
const endless = 1_000_000;

/** A project whose experiment runs as jobs. */
export function project(launcher: string, { steps = endless, more = '' } = {}): string {
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
eval: { every: 100% }
checkpoint: { every: 5 steps, keep: 1, best: null }
launcher: { ${launcher.startsWith('kind:') ? launcher : `kind: slurm, cpus: 1, memory: 900M, ${launcher}`} }
${more}`,
  );
  return folder;
}

export interface Entry {
  id: string;
  dir: string;
  status: string;
  reason: string | null;
  step: number;
  job: { id: string; waits: string | null } | null;
}

export async function submitted(folder: string, command: 'train' | 'sweep' = 'train'): Promise<Entry[]> {
  const { code, stdout, stderr } = await tandem([command, 'tiles.tandem.yaml', '--json'], folder);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Entry[];
}

/** A run as `tandem runs` lists it, which asks the scheduler. */
export async function listed(dir: string): Promise<Entry> {
  const { stdout } = await tandem(['runs', '--json'], join(dir, '../../..'));
  return (JSON.parse(stdout) as Entry[]).find((one) => one.dir === dir)!;
}
