import { clipFactor, totalGradNorm } from '../../protocol/metrics.ts';
import { numberText, percent, shortNumber, rounded } from '../../text/numbers.ts';
import type { Question } from './history.ts';
import { isWarm } from './history.ts';
import { median, shareOf } from './statistics.ts';
import { said } from '../../text/say.ts';

const steps = 100;
const mostClipped = 0.5;
/** Down to a tenth clipping only evens steps out, which AdamW does as well. */
const harmless = 0.1;
/** Below a hundredth the limit, and not the gradient, is what is wrong. */
const severe = 0.01;

/** Whether most gradients are shortened, and what that means: AdamW divides by the gradient's own size, so an even factor changes nothing. */
export const clipping: Question = (history) => {
  const { clip_norm: limit } = history.config.optimizer;
  if (limit === null || !isWarm(history, steps)) return null;
  const factors = history.steps.last(clipFactor, steps);
  const norms = history.steps.last(totalGradNorm, steps);
  if (!factors || !norms) return null;
  const clipped = shareOf(factors, (factor) => factor < 1);
  if (!(clipped > mostClipped)) return null;
  const factor = median(factors);
  const norm = median(norms);
  const better = rounded(norm, 2);
  const raise = said(
    'raise optimizer.clip_norm from {0} to about {1}, the median norm',
    numberText(limit),
    numberText(better),
  );
  return {
    code: 'mostly_clipped',
    severity: factor < severe ? 'warning' : 'info',
    key: 'optimizer.clip_norm',
    message: said(
      '{0} of the last {1} gradients were longer than optimizer.clip_norm and were shortened, to {2} of their length in the median step.',
      percent(clipped),
      steps,
      shortNumber(factor),
    ),
    advice:
      factor > harmless
        ? said(
            'Nothing needs to be done: AdamW divides by the size of the gradients, so that shortening nearly all of them alike changes little.',
          )
        : factor < severe
          ? said(
              'The limit is far below what this model’s gradients are, and all batches count the same however much they have to say: {0}.',
              raise,
            )
          : said(
              'AdamW makes up for a factor that is the same in all steps; so that only outliers are shortened, {0}.',
              raise,
            ),
    evidence: { clipped, clip_factor: factor, grad_norm: norm, clip_norm: limit, steps },
    ...(factor <= harmless && { change: { path: 'optimizer.clip_norm', value: better } }),
  };
};
