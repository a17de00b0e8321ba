import { counted, numberText, rounded, shortNumber } from '../../text/numbers.ts';
import { lossOf } from '../derived.ts';
import type { Finding, View } from './finding.ts';
import { t } from '../../text/say.ts';

/** Temperature: its size, its bound when it is learnt, and what loss it leaves possible. */
export function checkLoss(view: View): Finding[] {
  return [...checkSize(view), ...checkBound(view), ...checkFloor(view)];
}

/** The largest 32-bit float: logits, their differences and the sum over a batch must stay below it. */
const largestFloat = 3.4e38;

function checkSize({ experiment }: View): Finding[] {
  const { kind, temperature, loaded } = lossOf(experiment);
  if (loaded) return [];
  const about = {
    paths: ['loss.temperature'],
    value: temperature,
    fixes: [
      { set: 'loss.temperature', to: '0.1' },
      { set: 'loss.temperature', to: '0.07' },
    ],
  };
  const logits = numberText(rounded(1 / temperature, 2));
  if ((2 / temperature) * experiment.train.batch_size > largestFloat)
    return [
      {
        ...about,
        severity: 'error',
        code: 'temperature_overflows',
        message: t(
          'A temperature of {0} makes logits of ±{1}, beyond what 32-bit numbers can sum up: the loss is infinite and nothing is learnt. 0.1 is usual (SimCLR), 0.07 CLIP’s start.',
          numberText(temperature),
          logits,
        ),
      },
    ];
  if (temperature < 0.01)
    return [
      {
        ...about,
        severity: 'warning',
        code: 'temperature_small',
        message: t(
          'A temperature of {0} is below 0.01: similarities (from -1 to 1) become logits of ±{1}, only the single hardest negative counts, and steps become unstable. 0.1 is usual (SimCLR), 0.07 CLIP’s start.',
          numberText(temperature),
          logits,
        ),
      },
    ];
  // Beside a learnt bias every temperature can tell pairs apart.
  if (temperature <= 0.5 || kind === 'sigmoid') return [];
  return [
    {
      ...about,
      severity: 'warning',
      code: 'temperature_large',
      message: t(
        'A temperature of {0} is above 0.5: logits stay within ±{1}, so the loss cannot fall far below chance. 0.1 is usual (SimCLR), 0.07 CLIP’s start.',
        numberText(temperature),
        logits,
      ),
    },
  ];
}

function checkBound({ experiment }: View): Finding[] {
  const { temperature, loaded, learn_temperature, min_temperature } = lossOf(experiment);
  const found: Finding[] = [];
  if (learn_temperature && min_temperature === 0)
    found.push({
      severity: 'warning',
      code: 'temperature_unbounded',
      message: t(
        'The learnt temperature has no bound (min_temperature is 0): it can fall towards 0 and the loss blow up. CLIP clamps 1/T at 100, which is 0.01.',
      ),
      paths: ['loss.min_temperature', 'loss.learn_temperature'],
      value: min_temperature,
      fixes: [{ set: 'loss.min_temperature', to: '0.01' }],
    });
  if (learn_temperature && !loaded && min_temperature > temperature)
    found.push({
      severity: 'warning',
      code: 'temperature_below_bound',
      message: t(
        'The temperature starts at {0}, below its own bound min_temperature of {1}: it is raised to the bound at once.',
        temperature,
        min_temperature,
      ),
      paths: ['loss.min_temperature', 'loss.temperature'],
      value: min_temperature,
      fixes: [
        ...(temperature >= 0.01 ? [{ set: 'loss.min_temperature', to: '0.01' }] : []),
        { set: 'loss.temperature', to: numberText(min_temperature) },
      ],
    });
  return found;
}

/** Share of the loss at chance that no model can go below, from which on a word is due. */
const mostFloor = 0.05;

/**
 * The lowest loss that a batch allows. Of unit vectors (late fusion) a negative's similarity lies below its positive's by batch / (batch - 1) on
 * average at most (vectors of a simplex), of fused scores by 2; the loss is convex in it, so no arrangement gives less than this.
 */
function lowestLoss(batch: number, temperature: number, isLate: boolean): number {
  const apart = isLate ? batch / (batch - 1) : 2;
  return Math.log1p((batch - 1) * Math.exp(-apart / temperature));
}

function checkFloor({ experiment }: View): Finding[] {
  const { kind, temperature, loaded, learn_temperature, min_temperature } = lossOf(experiment);
  if (loaded || kind !== 'info_nce') return [];
  const { batch_size } = experiment.train;
  const lowest = learn_temperature ? Math.min(temperature, min_temperature) : temperature;
  const floorAt = (one: number) => lowestLoss(batch_size, one, experiment.model.fusion.kind === 'late');
  const floor = floorAt(lowest);
  const chance = Math.log(batch_size);
  // Above 0.5 the temperature itself is too large.
  if (temperature > 0.5 || floor < mostFloor * chance) return [];
  const better = [0.1, 0.07, 0.05].filter((one) => one < lowest && floorAt(one) < mostFloor * chance);
  return [
    {
      severity: 'info',
      code: 'loss_floor',
      message: t(
        'With {0} pairs in a batch the loss is {1} at chance (its logarithm), and at temperature {2} never below {3}, however good the model is: compare losses only at one batch size and temperature, and models by recall.',
        counted(batch_size),
        shortNumber(chance),
        numberText(lowest),
        shortNumber(floor),
      ),
      paths: ['train.batch_size', 'loss.temperature'],
      value: batch_size,
      fixes: learn_temperature
        ? []
        : better.slice(0, 1).map((one) => ({ set: 'loss.temperature', to: numberText(one) })),
    },
  ];
}
