import { dataWait, epochsDone, pairsPerS } from '../../protocol/metrics.ts';
import { percent, shortNumber } from '../../text/numbers.ts';
import type { Question } from './history.ts';
import { median } from './statistics.ts';
import { said, type Said } from '../../text/say.ts';

const steps = 50;
const mostWaiting = 0.5;

/** Whether the engine waits for batches for most of the time. */
export const dataWaiting: Question = ({ config, steps: rows }) => {
  const waits = rows.last(dataWait, steps);
  const epochs = rows.last(epochsDone, steps);
  if (!waits || !epochs) return null;
  const isCached = config.data.cache_dir !== null;
  // In the first epoch images are decoded, and kept for the others.
  if (isCached && !(epochs[0]! > 1)) return null;
  const wait = median(waits);
  if (!(wait > mostWaiting)) return null;
  const rate = median(rows.last(pairsPerS, steps)!);
  const pairs = shortNumber(rate);
  const isFrozen = config.model.image_encoder.train === 'frozen';
  return {
    code: 'data_wait',
    severity: 'warning',
    key: isCached || isFrozen ? null : 'data.cache_dir',
    message: isFrozen
      ? said(
          '{0} of the time went into waiting for batches (median of {1} steps, {2} pairs/s): kept features are read more slowly than the engine computes.',
          percent(wait),
          steps,
          pairs,
        )
      : said(
          '{0} of the time went into waiting for batches (median of {1} steps, {2} pairs/s): images come more slowly than the engine computes.',
          percent(wait),
          steps,
          pairs,
        ),
    advice: adviceOf(isFrozen, isCached),
    evidence: { data_wait: wait, pairs_per_s: rate, steps },
  };
};

function adviceOf(isFrozen: boolean, isCached: boolean): Said {
  if (isFrozen)
    return said('Put data.cache_dir on a faster disk; where steps take milliseconds, little is lost.');
  return isCached
    ? said('Give the run more processors or a faster disk, or make data.image_size smaller.')
    : said(
        'Take data.cache_dir: null out of the file, so that decoded images are kept after the first epoch.',
      );
}
