import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { RunConfig } from '../../src/experiment/config.ts';
import { createRun } from '../../src/store/run-folder.ts';

/** A resolved config; the store looks only at its length. */
export const aConfig = {
  name: 'emoji',
  seed: 0,
  train: { batch_size: 4, epochs: null, steps: 100, steps_per_epoch: 10 },
} as unknown as RunConfig;

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** An empty folder that is deleted after the test. */
export async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem store '));
  folders.push(folder);
  return folder;
}

export async function aRun(
  root?: string,
  more: Partial<Parameters<typeof createRun>[1]> = {},
): Promise<string> {
  const folder = root ?? (await aFolder());
  return createRun(join(folder, '.tandem', 'runs'), {
    experiment: 'emoji',
    source: 'data: { pairs: pairs.csv }\n',
    config: aConfig,
    experimentPath: join(folder, 'emoji.tandem.yaml'),
    ...more,
  });
}
