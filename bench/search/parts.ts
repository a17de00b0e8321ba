import { openFinishedModel } from '../../src/inference/finished-model.ts';
import { openImageIndex } from '../../src/inference/image-index.ts';
import { nearest } from '../../src/inference/nearest.ts';
import { imagesByWords, tokensOf } from '../../src/inference/search.ts';
import type { Material } from './material.ts';

/** What one part of a warm search takes: processor time and time on the clock, ms. */
export interface PartCost {
  cpu_ms: number;
  wall_ms: number;
}

/** The parts of a warm search by words, each the quietest of several: in this process, without the panel. */
export async function searchParts(
  { run, folder }: Material,
  wordsOf: (trial: number) => string,
  trials: number,
): Promise<Record<'tokens' | 'text_encoder' | 'nearest' | 'whole', PartCost>> {
  const model = await openFinishedModel(run);
  try {
    const index = (await openImageIndex(model, folder))!;
    const { pooled } = await model.single.texts([tokensOf(model, wordsOf(0))]);
    const quietest = async (work: (trial: number) => unknown): Promise<PartCost> => {
      const costs: PartCost[] = [];
      for (let trial = 0; trial < trials; trial++) costs.push(await costOf(() => work(trial)));
      return {
        cpu_ms: least(costs.map(({ cpu_ms }) => cpu_ms)),
        wall_ms: least(costs.map(({ wall_ms }) => wall_ms)),
      };
    };
    return {
      tokens: await quietest((trial) => tokensOf(model, wordsOf(trial))),
      text_encoder: await quietest((trial) => model.single.texts([tokensOf(model, wordsOf(trial))])),
      nearest: await quietest(async () => nearest(await model.products(index.pooled, index.dim, pooled), 24)),
      whole: await quietest((trial) => imagesByWords(model, index, wordsOf(trial), 24)),
    };
  } finally {
    model.dispose();
  }
}

async function costOf(work: () => unknown): Promise<PartCost> {
  const start = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpu_ms: (user + system) / 1000, wall_ms: performance.now() - start };
}

const least = (values: readonly number[]): number => Math.round(Math.min(...values) * 10) / 10;
