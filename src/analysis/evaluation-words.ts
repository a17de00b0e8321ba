import type { OtherEvaluation } from '../protocol/evaluation.ts';
import { recallK, shortMetric } from '../protocol/metrics.ts';
import { shortNumber } from '../text/numbers.ts';
import { withChance } from './metric-words.ts';

/** What an evaluation came to beside chance: recall of both directions together, or the shares of images that got their label. */
export const evaluationWords = ({ metrics, chance }: OtherEvaluation): string[] =>
  Object.entries(metrics)
    .filter(([name]) => recallK(name) !== null || name.startsWith('zero_shot/'))
    .map(
      ([name, value]) =>
        `${shortMetric(name).replace('zero_shot/', '')} ${withChance(shortNumber(value), chance[name])}`,
    );
