import { totalGradNorm, trainLoss } from '../../protocol/metrics.ts';
import { counted, shortNumber } from '../../text/numbers.ts';
import { batchChance } from './batch-facts.ts';
import type { Question } from './history.ts';
import { isWarm } from './history.ts';
import { median } from './statistics.ts';
import { said } from '../../text/say.ts';

/** Steps that are looked through at a time, and those before them that say what is usual. */
const newest = 10;
const before = 100;
/** A spike is this many times the usual loss, … */
const times = 2;
/** … lies above it by this many of its usual deviations, … */
const deviations = 10;
/** … and by this share of chance: near 0 a loss doubles easily. */
const leastOfChance = 0.25;

/** Whether the loss has jumped, and what the step before it looked like. */
export const spike: Question = (history) => {
  const { config, step, steps: rows } = history;
  const count = before + newest;
  if (!isWarm(history, count)) return null;
  const losses = rows.last(trainLoss, count);
  const norms = rows.last(totalGradNorm, count);
  const chance = rows.last(batchChance, 1);
  if (!losses || !norms || !chance) return null;
  const usual = median(losses.subarray(0, before));
  let at = before;
  for (let i = before; i < count; i++) if (losses[i]! > losses[at]!) at = i;
  const loss = losses[at]!;
  if (!(loss > times * usual && loss - usual > leastOfChance * chance[0]!)) return null;
  const spread = median(losses.slice(0, before).map((value) => Math.abs(value - usual)));
  if (!(loss - usual > deviations * spread)) return null;
  // The update that brought it was made with the gradient of the step before.
  const cause = norms[at - 1]!;
  const usualNorm = median(norms.subarray(0, before));
  const spikeStep = step - (count - 1 - at);
  const isLarge = cause > 3 * usualNorm;
  const limit = config.optimizer.clip_norm;
  return {
    code: 'loss_spike',
    severity: 'warning',
    key: isLarge ? 'optimizer.clip_norm' : null,
    message: said(
      'The loss jumped to {0} at step {1}, from {2} (median of {3} steps); the step before had a gradient norm of {4}, and {5} is usual in this run.',
      shortNumber(loss),
      counted(spikeStep),
      shortNumber(usual),
      before,
      shortNumber(cause),
      shortNumber(usualNorm),
    ),
    advice: !isLarge
      ? said(
          'The gradient was as usual, so that batch itself is unlike the others: look whether its pairs are sound if it happens again.',
        )
      : limit === null
        ? said('Clip gradients, so that one batch cannot undo what others taught.')
        : said('If the loss stays up, lower the learning rates; one that comes down again needs nothing.'),
    evidence: { step: spikeStep, loss, usual_loss: usual, norm_before: cause, usual_norm: usualNorm },
    ...(isLarge && limit === null && { change: { path: 'optimizer.clip_norm', value: 1 } }),
  };
};
