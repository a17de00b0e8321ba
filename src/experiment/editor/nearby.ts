import { code } from './describe.ts';
import { numberText, shortNumber } from '../../text/numbers.ts';
import { t } from '../../text/say.ts';

/** What is known of a run that was made before. */
export interface EarlierRun {
  /** Its settings by dotted key, at least those that a hover may be on. */
  settings: Record<string, unknown>;
  /** Best value of `metric` that it reached; null when it never evaluated. */
  best: number | null;
  metric: string;
  diverged: boolean;
}

/** A rate is nearby within half a power of ten. */
const factor = Math.sqrt(10);

/** Table of earlier runs with a nearby value, nearest first, as Markdown; null when there are none. */
export function nearbyRuns(path: string, value: number, earlier: readonly EarlierRun[]): string | null {
  if (!(value > 0)) return null;
  const groups = new Map<number, EarlierRun[]>();
  for (const run of earlier) {
    const rate = run.settings[path];
    if (typeof rate !== 'number' || !(rate > 0)) continue;
    // A hair more than the factor, so that 1e-3 and 3.16e-4 count as near.
    if (Math.abs(Math.log(rate / value)) > Math.log(factor) * 1.001) continue;
    groups.set(rate, [...(groups.get(rate) ?? []), run]);
  }
  if (!groups.size) return null;
  const nearest = [...groups].sort(
    ([a], [b]) => Math.abs(Math.log(a / value)) - Math.abs(Math.log(b / value)) || a - b,
  );
  const metric = earlier.find((run) => run.best !== null)?.metric ?? 'recall@1';
  const rows = nearest.slice(0, 6).map(([rate, runs]) => {
    const reached = runs.flatMap((run) => (run.best === null ? [] : [run.best]));
    const best = shortNumber(reached.length ? Math.max(...reached) : null);
    return `| ${code(numberText(rate))} | ${runs.length} | ${best} | ${runs.filter((run) => run.diverged).length} |`;
  });
  const total = [...groups.values()].reduce((sum, runs) => sum + runs.length, 0);
  return [
    t('Your earlier runs near {0} ({1}):', code(numberText(value)), total),
    [t('| rate | runs | best {0} | diverged |', metric), '|---|---|---|---|', ...rows].join('\n'),
  ].join('\n\n');
}
