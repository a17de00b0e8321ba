import { learningRate, recallAt, trainLoss, valLoss } from '../../protocol/metrics.ts';
import { counted, shortNumber } from '../../text/numbers.ts';
import { batchChance } from './batch-facts.ts';
import { isWarm, type History, type Question } from './history.ts';
import { learningBranches } from './rates.ts';
import { mean } from './statistics.ts';
import { said } from '../../text/say.ts';

/** Half of what is compared: at least this many steps, a tenth of a longer run. */
const fewest = 200;
const most = 1000;
/** Blocks of steps whose means tell how much a mean of half of the steps varies. */
const block = 20;
/** The halves do not differ when they are closer than this many of its standard errors. */
const errors = 2;
/** Below this share of chance nothing much is left to learn. */
const leastOfChance = 0.1;
/** Near chance another finding says more. */
const mostOfChance = 0.95;
/** Below this share of its peak the rate is what holds the loss, as the schedule means it to. */
const leastRate = 0.1;

/** Whether the loss has stopped falling while the rate is still high and there is something left to learn. */
export const plateau: Question = (history) => {
  const { config, steps: rows } = history;
  if (config.loss.kind !== 'info_nce') return null;
  const half = Math.min(most, Math.max(fewest, Math.floor(config.train.steps / 10 / block) * block));
  if (!isWarm(history, 2 * half)) return null;
  const losses = rows.last(trainLoss, 2 * half);
  const chance = rows.last(batchChance, 1)?.[0];
  if (!losses || chance === undefined) return null;
  const [earlier, later] = [losses.subarray(0, half), losses.subarray(half)];
  const [was, is] = [mean(earlier), mean(later)];
  if (!(is > leastOfChance * chance && is < mostOfChance * chance)) return null;
  const error = Math.hypot(standardError(earlier), standardError(later));
  if (!(was - is < errors * error) || !(is - was < errors * error)) return null;
  const share = rateShare(history);
  if (!(share > leastRate) || isStillBetter(history, 2 * half)) return null;
  const { kind } = config.optimizer.schedule;
  return {
    code: 'plateau',
    severity: 'info',
    key: 'optimizer.schedule.kind',
    message: said(
      'The loss has not fallen in {0} steps: {1} in the first half of them and {2} in the second, which differ by less than they vary, at {3} of the peak rate.',
      counted(2 * half),
      shortNumber(was),
      shortNumber(is),
      shortNumber(share),
    ),
    advice:
      kind === 'constant'
        ? said(
            'Let the rate fall: a loss that hovers at a constant rate mostly goes on falling with a smaller one.',
          )
        : said(
            'Wait for the rate to fall further, or shorten the run: what is left to learn needs smaller steps, a larger model or more data.',
          ),
    evidence: { loss: is, before: was, standard_error: error, rate_share: share, steps: 2 * half },
    ...(kind === 'constant' && { change: { path: 'optimizer.schedule.kind', value: 'cosine' } }),
  };
};

/** Standard error of the mean, from the means of blocks: neighbouring steps are alike. */
function standardError(values: Float64Array): number {
  const count = Math.floor(values.length / block);
  const means = Float64Array.from({ length: count }, (_, at) =>
    mean(values.subarray(at * block, (at + 1) * block)),
  );
  const center = mean(means);
  return Math.sqrt(mean(means.map((value) => (value - center) ** 2)) / (count - 1));
}

/** The rate now as a share of its peak. */
function rateShare({ config, steps }: History): number {
  const branch = learningBranches(config).find((one) => config.optimizer.learning_rate[one] > 0) ?? 'fusion';
  const rate = steps.last(learningRate(branch), 1)?.[0] ?? NaN;
  return rate / config.optimizer.learning_rate[branch];
}

/** Whether an evaluation of these steps was the best so far: then the run still gets somewhere. */
function isStillBetter({ config, evaluations, step }: History, steps: number): boolean {
  const at = evaluations.all('step');
  const isBest = (name: string, sign: 1 | -1): boolean => {
    const values = evaluations.all(name);
    let best = -1;
    values.forEach((value, i) => {
      if (best < 0 || sign * value > sign * values[best]!) best = i;
    });
    return best >= 0 && at[best]! > step - steps;
  };
  return isBest(valLoss, -1) || config.eval.recall_at.some((k) => isBest(recallAt(k), 1));
}
