import { saidBranch } from '../../text/settings.ts';
import { clipFactor, gradNorm } from '../../protocol/metrics.ts';
import { shortNumber } from '../../text/numbers.ts';
import type { Question } from './history.ts';
import { median } from './statistics.ts';
import { said } from '../../text/say.ts';

const steps = 50;
/** Branches of sound models are within a hundred times of each other. */
const mostTimes = 1e3;

/** Whether the gradient of one branch dwarfs another's, so that a common clipping is decided by it alone. */
export const dominatingBranch: Question = ({ config, steps: rows }) => {
  const norms = ['image', 'text', 'fusion'].flatMap((branch) => {
    const values = rows.last(gradNorm(branch), steps);
    return values ? [{ branch, norm: median(values) }] : [];
  });
  if (norms.length < 2) return null;
  const [large, small] = [
    norms.reduce((most, one) => (one.norm > most.norm ? one : most)),
    norms.reduce((least, one) => (one.norm < least.norm ? one : least)),
  ];
  // A branch without any gradient is another finding.
  if (!(small.norm > 0) || !(large.norm / small.norm > mostTimes)) return null;
  const { clip_norm, clip_by } = config.optimizer;
  const factor = median(rows.last(clipFactor, steps)!);
  const isShared = clip_norm !== null && clip_by === 'global' && factor < 1;
  return {
    code: 'dominating_branch',
    severity: isShared ? 'warning' : 'info',
    key: isShared ? 'optimizer.clip_by' : null,
    message: said(
      'The gradient of the {0} branch is {1} times that of the {2} branch (medians of {3} steps: {4} and {5}).',
      saidBranch(large.branch),
      shortNumber(large.norm / small.norm),
      saidBranch(small.branch),
      steps,
      shortNumber(large.norm),
      shortNumber(small.norm),
    ),
    advice: isShared
      ? said(
          'Clip each branch by its own norm: now the {0} branch decides how much of the {1} branch’s gradient is left.',
          saidBranch(large.branch),
          saidBranch(small.branch),
        )
      : said(
          'Nothing needs to be done for the step sizes, which AdamW makes equal; a {0} branch that hardly changes the loss may be cut off from it.',
          saidBranch(small.branch),
        ),
    evidence: {
      [`grad_norm_${large.branch}`]: large.norm,
      [`grad_norm_${small.branch}`]: small.norm,
      ratio: large.norm / small.norm,
      clip_factor: factor,
      steps,
    },
    ...(isShared && { change: { path: 'optimizer.clip_by', value: 'branch' } }),
  };
};
