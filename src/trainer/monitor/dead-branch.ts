import type { Branch } from '../../experiment/config.ts';
import { gradNorm } from '../../protocol/metrics.ts';
import { numberText } from '../../text/numbers.ts';
import type { Question } from './history.ts';
import { ratePath, tenth } from './rates.ts';
import { shareOf } from './statistics.ts';

/** One batch may give no gradient at all; twenty of them in a row are no chance. */
const steps = 20;

/** Whether a branch has no gradient any more. */
export const deadBranch =
  (branch: Branch): Question =>
  ({ config, steps: rows }) => {
    const norms = rows.last(gradNorm(branch), steps);
    if (!norms || shareOf(norms, (norm) => norm === 0) < 1) return null;
    const path = ratePath(branch);
    const rate = config.optimizer.learning_rate[branch];
    return {
      code: 'dead_branch',
      severity: 'warning',
      key: path,
      message: `The gradient of the ${branch} branch has been exactly 0 for ${steps} steps: it does not learn any more.`,
      advice:
        branch === 'scale'
          ? 'The temperature stands at a bound, or all similarities are equal: look at the loss and at the temperature.'
          : `Start again with a tenth of ${path}, now ${numberText(rate)}: after a step that was too large all its outputs can be equal or switched off.`,
      evidence: { grad_norm: 0, steps, learning_rate: rate },
      ...(branch !== 'scale' && rate > 0 && { change: { path, value: tenth(rate) } }),
    };
  };
