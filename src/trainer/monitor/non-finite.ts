import type { Branch } from '../../experiment/config.ts';
import { gradNorm, trainLoss } from '../../protocol/metrics.ts';
import { numberText, shortNumber } from '../../text/numbers.ts';
import { listed } from '../../text/words.ts';
import type { Question } from './history.ts';
import { ratePath } from './rates.ts';

const branches: readonly Branch[] = ['image', 'text', 'fusion', 'scale'];
/** Below this the logits grow too large, whatever the steps are. */
const smallTemperature = 0.01;

/** Whether a step had a gradient that is not finite, so that its update was left out. */
export const nonFinite: Question = ({ config, step, steps: rows }) => {
  const broken = branches.filter((branch) => {
    const norm = rows.last(gradNorm(branch), 1);
    return norm !== null && !Number.isFinite(norm[0]);
  });
  const [first] = broken;
  if (first === undefined) return null;
  const finite = rows.all(gradNorm(first)).findLast(Number.isFinite);
  const { temperature } = config.loss;
  const isCold = temperature < smallTemperature;
  const rate = config.optimizer.learning_rate[first];
  return {
    code: 'non_finite',
    severity: 'warning',
    key: isCold ? 'loss.temperature' : ratePath(first),
    message: `At step ${step} the gradient of the ${listed(broken)} ${broken.length > 1 ? 'branches' : 'branch'} was not finite, and the update was left out; ${
      finite === undefined
        ? 'it never was finite before'
        : `the last finite norm of the ${first} branch was ${shortNumber(finite)}`
    }.`,
    advice: isCold
      ? `Raise loss.temperature: it is ${numberText(temperature)}, and 0.1 is usual.`
      : `If it happens again, lower ${ratePath(first)}, now ${numberText(rate)}, or lengthen the warm-up.`,
    evidence: {
      step,
      loss: rows.last(trainLoss, 1)?.[0] ?? NaN,
      ...(finite !== undefined && { last_finite_norm: finite }),
    },
    ...(isCold && { change: { path: 'loss.temperature', value: 0.1 } }),
  };
};
