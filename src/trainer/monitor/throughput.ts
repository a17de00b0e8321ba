import { pairsPerS } from '../../protocol/metrics.ts';
import { shortNumber } from '../../text/numbers.ts';
import type { Question } from './history.ts';
import { median } from './statistics.ts';
import { said } from '../../text/say.ts';

const steps = 50;
/** What they are compared with: the steps before them. */
const before = 200;
const least = 0.5;

/** Whether the run has become half as fast as it was. */
export const throughput: Question = ({ steps: rows }) => {
  const pairs = rows.last(pairsPerS, before + steps);
  if (!pairs) return null;
  const was = median(pairs.subarray(0, before));
  const is = median(pairs.subarray(before));
  if (!(is < least * was)) return null;
  return {
    code: 'slower',
    severity: 'warning',
    key: null,
    message: said(
      'The run has become slower: {0} pairs/s in the last {1} steps, {2} in the {3} before.',
      shortNumber(is),
      steps,
      shortNumber(was),
      before,
    ),
    advice: said(
      'Look what else computes on this machine, and whether it saves power or has become hot: nothing in the settings has changed.',
    ),
    evidence: { pairs_per_s: is, before: was, steps },
  };
};
