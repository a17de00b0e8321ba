import { asLoaded } from './derived.ts';
import type { Experiment } from './schema/schema.ts';
import type { Sweep } from './schema/sweep-section.ts';

/** One run of an experiment: a setting of its sweep with one seed. */
export interface Trial {
  /** Values by dotted key; empty without a sweep. The seed is beside it. */
  settings: Settings;
  seed: number;
  /** 0-based place among all runs of the sweep, and how many there are. */
  index: number;
  count: number;
}

export type Settings = Record<string, unknown>;

/**
 * All runs that an experiment asks for: the settings of its sweep for the first seed, then for the next, so that a comparison of all
 * settings is there as early as possible. Without a sweep: one.
 */
export function expandSweep(experiment: Experiment): Trial[] {
  const settings = settingsOf(experiment.sweep);
  const all = (experiment.sweep?.seeds ?? [experiment.seed]).flatMap((seed) =>
    settings.map((one) => ({ settings: one, seed })),
  );
  return all.map((one, index) => ({ ...one, index, count: all.length }));
}

/** The settings of a sweep: the product of a grid's lists, in the file's order (the last changes fastest), or those that were drawn. */
export function settingsOf(sweep: Sweep | null): Settings[] {
  const lists = Object.entries(sweep?.values ?? {});
  if (sweep?.random)
    return Array.from({ length: settingCount(sweep) }, (_, at) =>
      Object.fromEntries(lists.map(([path, values]) => [path, values[at]])),
    );
  return lists.reduce<Settings[]>(
    (settings, [path, values]) =>
      settings.flatMap((one) => values.map((value) => ({ ...one, [path]: value }))),
    [{}],
  );
}

/** How many settings a sweep has, without making them. */
export function settingCount({ values, random }: Sweep): number {
  const lengths = Object.values(values).map((list) => list.length);
  if (random) return lengths.length ? Math.min(...lengths) : 1;
  return lengths.reduce((product, length) => product * length, 1);
}

/** How many runs an experiment asks for: each setting of its sweep with each seed. */
export const runCount = ({ sweep }: Pick<Experiment, 'sweep'>): number =>
  sweep ? settingCount(sweep) * (sweep.seeds?.length ?? 1) : 1;

/** The experiment with some settings changed and without its sweep; a trial's values are valid, so nothing is checked again. */
export function applyTrial(experiment: Experiment, settings: Settings): Experiment {
  const changed = copy({ ...experiment, sweep: null }) as Experiment;
  for (const [path, value] of Object.entries(settings)) {
    const parts = path.split('.');
    const name = parts.pop()!;
    let section = changed as unknown as Record<string, unknown>;
    for (const part of parts) section = section[part] as Record<string, unknown>;
    section[name] = copy(value);
    // A length is given in one way: a swept one wins over the written one.
    if (path === 'train.steps' && value !== null) changed.train.epochs = null;
    if (path === 'train.epochs' && value !== null) changed.train.steps = null;
  }
  return asLoaded(changed);
}

/** The values that a setting has over all trials: those of its sweep, else its one value. */
export function trialValues<Value>(experiment: Experiment, path: string, value: Value): Value[] {
  return (experiment.sweep?.values[path] as Value[] | undefined) ?? [value];
}

/** A deep copy of plain data. */
function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copy(item)]));
}
