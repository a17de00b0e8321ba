import { saidBranch } from '../../text/settings.ts';
import type { Branch } from '../../experiment/config.ts';
import { gradNorm } from '../../protocol/metrics.ts';
import { numberText } from '../../text/numbers.ts';
import type { Question } from './history.ts';
import { ratePath, tenth } from './rates.ts';
import { shareOf } from './statistics.ts';
import { said } from '../../text/say.ts';

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
      message: said(
        'The gradient of the {0} branch has been exactly 0 for {1} steps: it does not learn any more.',
        saidBranch(branch),
        steps,
      ),
      advice:
        branch === 'scale'
          ? said(
              'The temperature stands at a bound, or all similarities are equal: look at the loss and at the temperature.',
            )
          : said(
              'Start again with a tenth of {0}, now {1}: after a step that was too large all its outputs can be equal or switched off.',
              path,
              numberText(rate),
            ),
      evidence: { grad_norm: 0, steps, learning_rate: rate },
      ...(branch !== 'scale' && rate > 0 && { change: { path, value: tenth(rate) } }),
    };
  };
