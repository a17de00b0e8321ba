import { shortNumber } from '../text/numbers.ts';
import { t } from '../text/say.ts';
import { listed } from '../text/words.ts';
import { rampBranches } from '../protocol/rate-ramp.ts';
import type { RateCurve } from './rate-finder.ts';

/** What a ramp of learning rates shows, in sentences. */
export function rateWords({ ramp, points, steepest, tenth, quietUntil, divergedAt }: RateCurve): string[] {
  const lines = [];
  const whose = listed([...ramp.branches]);
  if (steepest === null || tenth === null)
    lines.push(
      t(
        'The loss says nothing of a rate of {0}: it fell by less than it differs from batch to batch. Larger batches or more steps may tell; so may the other branches at 0.',
        whose,
      ),
    );
  else {
    lines.push(
      t(
        '{0}: steepest at {1}; a tenth of the minimum is {2}.',
        whose,
        shortNumber(steepest),
        shortNumber(tenth),
      ),
    );
    if (ramp.others === 'own' && ramp.branches.length < rampBranches.length)
      lines.push(
        t(
          'The other branches learn at their own rates, so the loss falls also where this one does not; at 0 it would show this one alone.',
        ),
      );
    lines.push(
      t('Below {0} the curve says little: the loss has hardly moved there.', shortNumber(quietUntil)),
    );
  }
  const last = points.at(-1);
  if (divergedAt !== null) lines.push(t('From {0} on the loss runs away.', shortNumber(divergedAt)));
  else if (last) lines.push(t('Up to {0} the loss did not run away.', shortNumber(last.rate)));
  return lines;
}
