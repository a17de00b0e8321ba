import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isTraining } from '../protocol/run-status.ts';
import { dropOptimizerStates, optimizerStates } from '../store/checkpoints.ts';
import { bytesIn } from '../store/disk.ts';
import { asHuman } from '../store/files.ts';
import { claimRun, readRunFile, statusOf } from '../store/run-folder.ts';
import type { RunEntry } from '../store/run-list.ts';
import { cacheDirsOf, configOf } from './caches.ts';
import { listAround, runsDirsAround } from './locate.ts';

/** Something on the disk that nothing needs any more, or that is made again when it is needed. */
export interface Spare {
  /** `optimizer`: the state of finished runs, which nothing goes on from; `cache`: decoded images and features. */
  kind: 'optimizer' | 'cache';
  /** The run's folder, or the cache's. */
  dir: string;
  bytes: number;
}

/** What `tandem clean` would remove around a folder. A cache that a training run reads is left alone. */
export async function spareAround(folder: string): Promise<Spare[]> {
  const runs = await listAround(folder);
  const spare: Spare[] = [];
  for (const { dir, file } of runs)
    if (statusOf(file) === 'finished') {
      const bytes = (await optimizerStates(dir)).reduce((sum, one) => sum + one.bytes, 0);
      if (bytes > 0 && !(await wantsOptimizer(dir))) spare.push({ kind: 'optimizer', dir, bytes });
    }
  if (runs.some(({ file }) => isTraining(statusOf(file)))) return spare;
  for (const dir of await cachesOf(await runsDirsAround(folder), runs)) {
    const bytes = await bytesIn(dir);
    if (bytes > 0) spare.push({ kind: 'cache', dir, bytes });
  }
  return spare;
}

/** Removes it, unless the run was taken up meanwhile. */
export async function removeSpare({ kind, dir }: Spare): Promise<void> {
  try {
    if (kind === 'cache') return await rm(dir, { recursive: true, force: true });
    const claim = await claimRun(dir);
    try {
      if (statusOf(await readRunFile(dir)) === 'finished') await dropOptimizerStates(dir);
    } finally {
      await claim.release();
    }
  } catch (error) {
    throw asHuman(error, dir);
  }
}

async function wantsOptimizer(dir: string): Promise<boolean> {
  const config = await configOf(dir);
  // What cannot be read is not cleaned.
  return config === null || config.checkpoint?.keep_optimizer === true;
}

/** The projects' caches, and those that runs made beside their experiments; never a folder that a person chose. */
async function cachesOf(runsDirs: string[], runs: RunEntry[]): Promise<string[]> {
  const configs = await Promise.all(runs.map(async ({ dir }) => ({ config: await configOf(dir) })));
  return cacheDirsOf(runsDirs, configs).filter((dir) => dir.endsWith(join('.tandem', 'cache')));
}
