import { rounded } from '../../text/numbers.ts';
import type { Branch, RunConfig } from '../../experiment/config.ts';

export const ratePath = (branch: Branch): string => `optimizer.learning_rate.${branch}`;

/** AdamW moves each weight by about its rate at a step: above this most models are lost, and below the other they stand still. */
const usualRange = { least: 1e-6, most: 1e-2 };

/** The branches that learn, without the temperature. */
export function learningBranches({ model }: RunConfig): Branch[] {
  const encoders = [
    ['image', model.image_encoder],
    ['text', model.text_encoder],
  ] as const;
  return [...encoders.filter(([, { train }]) => train !== 'frozen').map(([branch]) => branch), 'fusion'];
}

/** The largest rate when it is far too large, else the largest when even that is far too small; null when there is no such. */
export function extremeRate(config: RunConfig): { branch: Branch; rate: number } | null {
  const rates = learningBranches(config).map((branch) => ({
    branch,
    rate: config.optimizer.learning_rate[branch],
  }));
  const largest = rates.reduce((most, one) => (one.rate > most.rate ? one : most));
  const isExtreme = largest.rate > usualRange.most || largest.rate < usualRange.least;
  return isExtreme ? largest : null;
}

/** A rate that most models learn at from scratch; loaded weights are forgotten at more than a tenth of it. */
export function usualRate({ model }: RunConfig, branch: Branch): number {
  const isLoaded = (branch === 'image' || branch === 'text') && model[`${branch}_encoder`].weights !== null;
  return isLoaded ? 1e-4 : 1e-3;
}

/** A tenth of a rate, as one would write it. */
export const tenth = (rate: number): number => rounded(rate / 10, 3);
