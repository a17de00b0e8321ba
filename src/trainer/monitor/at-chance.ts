import type { RunConfig } from '../../experiment/config.ts';
import { trainLoss } from '../../protocol/metrics.ts';
import { numberText, shortNumber } from '../../text/numbers.ts';
import { batchChance } from './batch-facts.ts';
import { isWarm, type Answer, type Question } from './history.ts';
import { mean, shareOf } from './statistics.ts';
import { extremeRate, ratePath, usualRate } from './rates.ts';
import { said } from '../../text/say.ts';

/** Long enough that a model which learns has left chance: small ones need tens of steps after the warm-up. */
const steps = 200;
/** A loss that differs from chance by less is chance: 0.08 of 4.16 in batches of 64, what single batches vary by. */
const within = 0.02;
/** Steps that may stand out. */
const mostOutside = 0.05;
/** A slow start goes down by more than this from one half of the steps to the other. */
const leastProgress = within / 8;
/** From here on the loss cannot leave chance, whatever the model does. */
const largeTemperature = 0.5;

/** Whether the loss stays where guessing has it. */
export const atChance: Question = (history) => {
  if (history.config.loss.kind !== 'info_nce' || !isWarm(history, steps)) return null;
  const loss = history.steps.last(trainLoss, steps);
  const chance = history.steps.last(batchChance, steps);
  if (!loss || !chance) return null;
  const isNear = (value: number, at: number) => Math.abs(value - chance[at]!) <= within * chance[at]!;
  if (!(shareOf(loss, isNear) >= 1 - mostOutside)) return null;
  const [meanLoss, meanChance] = [mean(loss), mean(chance)];
  const progress = mean(loss.subarray(0, steps / 2)) - mean(loss.subarray(steps / 2));
  if (!(progress < leastProgress * meanChance)) return null;
  return {
    code: 'at_chance',
    severity: 'error',
    message: said(
      'The loss has been at chance for {0} steps after the warm-up: {1}, and guessing in these batches gives {2}.',
      steps,
      shortNumber(meanLoss),
      shortNumber(meanChance),
    ),
    evidence: { loss: meanLoss, chance: meanChance, steps },
    ...causeIn(history.config),
  };
};

function causeIn(config: RunConfig): Pick<Answer, 'key' | 'advice' | 'change'> {
  const { temperature, learn_temperature } = config.loss;
  if (temperature > largeTemperature && !learn_temperature)
    return {
      key: 'loss.temperature',
      advice: said(
        'Lower loss.temperature: at {0} no loss far below chance is possible, and 0.1 is usual.',
        numberText(temperature),
      ),
      change: { path: 'loss.temperature', value: 0.1 },
    };
  const extreme = extremeRate(config);
  if (!extreme)
    return {
      key: 'data.pairs',
      advice: said(
        'Look at some pairs: captions that do not belong to their images end like this. If they do belong, start again with a tenth of the learning rates.',
      ),
    };
  const { branch, rate } = extreme;
  const path = ratePath(branch);
  const usual = usualRate(config, branch);
  return {
    key: path,
    advice: said(
      rate > usual
        ? 'Lower {0}: it is {1}, and {2} is usual here.'
        : 'Raise {0}: it is {1}, and {2} is usual here.',
      path,
      numberText(rate),
      numberText(usual),
    ),
    change: { path, value: usual },
  };
}
