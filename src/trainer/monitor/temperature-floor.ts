import { trainLoss } from '../../protocol/metrics.ts';
import { numberText, shortNumber } from '../../text/numbers.ts';
import { batchChance } from './batch-facts.ts';
import type { Question } from './history.ts';
import { mean } from './statistics.ts';
import { said } from '../../text/say.ts';

const steps = 50;
/** Share of the way from chance down to the floor after which the floor is what holds the loss. */
const nearlyThere = 0.95;
/** A floor below this share of chance is not in the way: the loss is as good as 0 there. */
const leastFloor = 0.05;

/** Whether the loss lies on the lowest value that a fixed temperature allows. */
export const temperatureFloor: Question = ({ config, steps: rows }) => {
  const { kind, temperature, learn_temperature } = config.loss;
  // Scores of early fusion have no bound.
  if (kind !== 'info_nce' || learn_temperature || config.model.fusion.kind === 'early') return null;
  const loss = rows.last(trainLoss, steps);
  const chance = rows.last(batchChance, steps);
  if (!loss || !chance) return null;
  const [meanLoss, meanChance] = [mean(loss), mean(chance)];
  const floor = lowestLoss(meanChance, temperature, config.model.fusion.kind === 'late');
  if (floor < leastFloor * meanChance) return null;
  if (!(meanLoss <= meanChance - nearlyThere * (meanChance - floor))) return null;
  return {
    code: 'temperature_floor',
    severity: 'warning',
    key: 'loss.temperature',
    message: said(
      'The loss has come down to {0}, and with a fixed temperature of {1} it cannot fall below {2} in these batches: the pairs are told apart, and there is hardly anything left to learn.',
      shortNumber(meanLoss),
      numberText(temperature),
      shortNumber(floor),
    ),
    advice: said('Lower loss.temperature (0.07 is CLIP’s start), or let it be learnt.'),
    evidence: { loss: meanLoss, floor, chance: meanChance, temperature, steps },
    change: { path: 'loss.learn_temperature', value: true },
  };
};

/**
 * Of unit vectors (late fusion) a negative's similarity lies below its positive's by n / (n - 1) on average at most among n pairs (the
 * corners of a simplex), of other cosines by 2; the loss is convex in it.
 */
function lowestLoss(chance: number, temperature: number, isLate: boolean): number {
  const pairs = Math.exp(chance);
  const apart = isLate ? pairs / (pairs - 1) : 2;
  return Math.log1p((pairs - 1) * Math.exp(-apart / temperature));
}
