import { meanCosine } from '../../protocol/metrics.ts';
import { numberText, shortNumber } from '../../text/numbers.ts';
import type { Question } from './history.ts';
import { ratePath, usualRate } from './rates.ts';
import { isRecallAtChance } from './recall-at-chance.ts';
import { said } from '../../text/say.ts';

/** Vectors of images or captions that are this alike on average cannot be told apart. */
const mostAlike = 0.95;
/** Untrained encoders give nearly equal vectors as well: it must be so in two evaluations, … */
const evaluations = 2;
/** … both this many steps after the warm-up. */
const steps = 100;

/** Whether all images, or all captions, have come to the same vector, so that no recall is better than guessing. */
export const collapse: Question = (history) => {
  const since = history.evaluations.last('step', evaluations)?.[0];
  if (since === undefined || since < history.config.optimizer.schedule.warmup + steps) return null;
  if (!isRecallAtChance(history, 1)) return null;
  const sides = (['image', 'text'] as const).flatMap((branch) => {
    const cosines = history.evaluations.last(meanCosine(branch), evaluations);
    return cosines && Math.min(...cosines) > mostAlike ? [{ branch, cosine: cosines.at(-1)! }] : [];
  });
  const [first] = sides;
  if (!first) return null;
  const path = ratePath(first.branch);
  const { config } = history;
  const rate = config.optimizer.learning_rate[first.branch];
  const usual = usualRate(config, first.branch);
  const what =
    sides.length > 1
      ? said('images and captions')
      : first.branch === 'image'
        ? said('images')
        : said('captions');
  return {
    code: 'collapse',
    severity: 'error',
    key: path,
    message: said(
      'All {0} have nearly the same vector: the mean cosine between different ones is {1} in {2} evaluations, and the recalls are at chance.',
      what,
      shortNumber(first.cosine),
      evaluations,
    ),
    advice:
      rate > usual
        ? said(
            'Start again with a smaller {0} (it is {1}, and {2} is usual here): such a branch does not recover.',
            path,
            numberText(rate),
            numberText(usual),
          )
        : said('Start again with a longer warm-up, and look whether the images and captions differ at all.'),
    evidence: Object.fromEntries(sides.map(({ branch, cosine }) => [`mean_cosine_${branch}`, cosine])),
    ...(rate > usual && { change: { path, value: usual } }),
  };
};
