import type { RateCurve } from '../../analysis/rate-finder.ts';
import { rateWords } from '../../analysis/rate-words.ts';
import type { RateBranch } from '../../protocol/rate-ramp.ts';
import { findRate as find } from '../find-rate.ts';
import { checkedPlan } from './checked-plan.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { note, print, printJson } from './output.ts';
import { textFromStdin } from './stdin.ts';
import { tableLines } from './table.ts';
import { shortNumber } from '../../text/numbers.ts';
import { t } from '../../text/say.ts';

/** `tandem find-lr F`: the loss at rising learning rates, and what it suggests; no run and no weights come of it. */
export async function findRate(
  file: string,
  options: {
    branch: RateBranch;
    others: 'own' | 'zero';
    steps: number;
    set: string[];
    stdin?: boolean;
    json?: boolean;
  },
  context: Context,
): Promise<number> {
  const json = options.json === true;
  const text = options.stdin ? await textFromStdin() : undefined;
  const plan = await checkedPlan(file, { set: options.set, sweep: false, json, text }, context);
  if (!plan) return exitCodes.problems;
  const curve = await find(plan.runs[0]!.config, options, context.trainer, ({ rate, loss }) => {
    if (!json && process.stderr.isTTY) note(t('rate {0}  loss {1}', shortNumber(rate), shortNumber(loss)));
  });
  if (json) printJson(curve);
  else {
    for (const line of tableLines([t('rate'), t('loss'), t('smoothed')], rows(curve))) print(line);
    for (const line of rateWords(curve)) print(line);
  }
  return exitCodes.done;
}

/** About twenty of the points: a table of all says no more. */
function rows({ points, smoothed }: RateCurve): string[][] {
  const every = Math.max(1, Math.ceil(points.length / 20));
  return points.flatMap(({ rate, loss }, at) =>
    at % every === 0 || at === points.length - 1
      ? [[shortNumber(rate), shortNumber(loss), shortNumber(smoothed[at])]]
      : [],
  );
}
