import { compareValues } from '../../analysis/compared-settings.ts';
import { runLabel, type RunEntry } from '../runs/run-entry.ts';
import { compareByMetric, decidingMetric, lossOf } from './describe.ts';

/** `setting:` and `metric:` are followed by a dotted key or a metric's name. */
export type SortBy =
  'newest' | 'oldest' | 'best' | 'loss' | 'name' | 'starred' | `setting:${string}` | `metric:${string}`;

export const newestFirst = (runs: RunEntry[]): RunEntry[] => [...runs].sort(comparator('newest'));

/** How the runs of a group stand. */
export function comparator(sortBy: SortBy): (a: RunEntry, b: RunEntry) => number {
  const newest = (a: RunEntry, b: RunEntry) => b.file.created - a.file.created || (a.dir < b.dir ? 1 : -1);
  const number = (value: number | null) => (value === null || Number.isNaN(value) ? Infinity : value);
  if (sortBy.startsWith('setting:')) {
    const key = sortBy.slice('setting:'.length);
    return (a, b) => compareValues(a.file.settings[key], b.file.settings[key]) || newest(a, b);
  }
  if (sortBy.startsWith('metric:')) {
    const byMetric = compareByMetric(sortBy.slice('metric:'.length));
    return (a, b) => byMetric(a, b) || newest(a, b);
  }
  switch (sortBy) {
    default:
    case 'newest':
      return newest;
    case 'oldest':
      return (a, b) => -newest(a, b);
    case 'loss':
      return (a, b) => number(lossOf(a)) - number(lossOf(b)) || newest(a, b);
    case 'name':
      return byName(newest);
    case 'starred':
      return (a, b) => Number(b.file.starred) - Number(a.file.starred) || newest(a, b);
    case 'best':
      return bestFirst(newest);
  }
}

type Order = (a: RunEntry, b: RunEntry) => number;

function byName(otherwise: Order): Order {
  const { compare } = new Intl.Collator(undefined, { numeric: true });
  return (a, b) => compare(runLabel(a), runLabel(b)) || otherwise(a, b);
}

/** Each run is asked once which metric decides: a thousand runs are compared ten thousand times. */
function bestFirst(otherwise: Order): Order {
  const names = new Map<RunEntry, string | null>();
  const nameOf = (run: RunEntry): string | null => {
    let name = names.get(run);
    if (name === undefined) names.set(run, (name = decidingMetric(run)?.name ?? null));
    return name;
  };
  return (a, b) => {
    const name = nameOf(a) ?? nameOf(b);
    return (name === null ? 0 : compareByMetric(name)(a, b)) || otherwise(a, b);
  };
}
