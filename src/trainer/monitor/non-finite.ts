import { saidBranch } from '../../text/settings.ts';
import type { Branch } from '../../experiment/config.ts';
import { gradNorm, trainLoss } from '../../protocol/metrics.ts';
import { numberText, shortNumber } from '../../text/numbers.ts';
import { saidList } from '../../text/words.ts';
import type { Question } from './history.ts';
import { ratePath } from './rates.ts';
import { said } from '../../text/say.ts';

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
    message: said(
      broken.length > 1
        ? 'At step {0} the gradient of the {1} branches was not finite, and the update was left out; {2}.'
        : 'At step {0} the gradient of the {1} branch was not finite, and the update was left out; {2}.',
      step,
      saidList(broken.map(saidBranch)),
      finite === undefined
        ? said('it never was finite before')
        : said('the last finite norm of the {0} branch was {1}', saidBranch(first), shortNumber(finite)),
    ),
    advice: isCold
      ? said('Raise loss.temperature: it is {0}, and 0.1 is usual.', numberText(temperature))
      : said(
          'If it happens again, lower {0}, now {1}, or lengthen the warm-up.',
          ratePath(first),
          numberText(rate),
        ),
    evidence: {
      step,
      loss: rows.last(trainLoss, 1)?.[0] ?? NaN,
      ...(finite !== undefined && { last_finite_norm: finite }),
    },
    ...(isCold && { change: { path: 'loss.temperature', value: 0.1 } }),
  };
};
