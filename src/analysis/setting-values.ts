import { commonChance, type Chance } from '../protocol/chance.ts';
import type { ComparedRun, Setting } from './compared-settings.ts';

/**
 * The setting's runs by seed: of those with the same seed one, the first that has a value. Runs of a setting differ in nothing else, so
 * a run with another's seed repeats it and says nothing new.
 */
export function distinctSeeds(setting: Setting, metric: string, pick: 'best' | 'last'): ComparedRun[] {
  const bySeed = new Map<string, ComparedRun>();
  for (const run of setting.runs) {
    const seed = JSON.stringify(run.seed);
    const known = bySeed.get(seed);
    if (!known || (!hasValue(known, metric, pick) && hasValue(run, metric, pick))) bySeed.set(seed, run);
  }
  return [...bySeed.values()];
}

/** The setting's finite values of a metric, one a seed; a run that diverged has none. */
export function valuesOf(setting: Setting, metric: string, pick: 'best' | 'last'): number[] {
  return distinctSeeds(setting, metric, pick)
    .filter((run) => hasValue(run, metric, pick))
    .map((run) => run.metrics[metric]![pick]);
}

export const hasValue = ({ status, metrics }: ComparedRun, metric: string, pick: 'best' | 'last'): boolean =>
  status !== 'diverged' && Number.isFinite(metrics[metric]?.[pick]);

/** What guessing gives of the metric, when all of the settings' runs that say so agree. */
export const chanceOf = (settings: Setting[], metric: string): Chance | undefined =>
  commonChance(settings.flatMap(({ runs }) => runs.flatMap((run) => run.metrics[metric]?.chance ?? [])));
