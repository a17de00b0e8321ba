import { numberText } from '../../text/numbers.ts';
import type { Finding, View } from './finding.ts';

/** Temperature: its size, and its bound when it is learnt. */
export function checkLoss({ experiment }: View): Finding[] {
  const { temperature, learn_temperature, min_temperature } = experiment.loss;
  const found: Finding[] = [];
  if (temperature < 0.01 || temperature > 0.5) {
    const isSmall = temperature < 0.01;
    found.push({
      severity: 'warning',
      code: isSmall ? 'temperature_small' : 'temperature_large',
      message: isSmall
        ? `A temperature of ${temperature} is below 0.01: similarities (from -1 to 1) become logits of ±${Math.round(1 / temperature)}, only the single hardest negative counts, and steps become unstable. 0.1 is usual (SimCLR), 0.07 CLIP’s start.`
        : `A temperature of ${temperature} is above 0.5: logits stay within ±${round(1 / temperature)}, so the loss cannot fall far below chance. 0.1 is usual (SimCLR), 0.07 CLIP’s start.`,
      paths: ['loss.temperature'],
      value: temperature,
      fixes: [
        { set: 'loss.temperature', to: '0.1' },
        { set: 'loss.temperature', to: '0.07' },
      ],
    });
  }
  if (learn_temperature && min_temperature === 0)
    found.push({
      severity: 'warning',
      code: 'temperature_unbounded',
      message:
        'The learnt temperature has no bound (min_temperature is 0): it can fall towards 0 and the loss blow up. CLIP clamps 1/T at 100, which is 0.01.',
      paths: ['loss.min_temperature', 'loss.learn_temperature'],
      value: min_temperature,
      fixes: [{ set: 'loss.min_temperature', to: '0.01' }],
    });
  if (learn_temperature && min_temperature > temperature)
    found.push({
      severity: 'warning',
      code: 'temperature_below_bound',
      message: `The temperature starts at ${temperature}, below its own bound min_temperature of ${min_temperature}: it is raised to the bound at once.`,
      paths: ['loss.min_temperature', 'loss.temperature'],
      value: min_temperature,
      fixes: [
        ...(temperature >= 0.01 ? [{ set: 'loss.min_temperature', to: '0.01' }] : []),
        { set: 'loss.temperature', to: numberText(min_temperature) },
      ],
    });
  return found;
}

const round = (value: number): number => Number(value.toPrecision(2));
