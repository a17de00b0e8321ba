import type { Experiment } from './schema/schema.ts';

/** One run of an experiment: a setting of its sweep with one seed. */
export interface Trial {
  /** Values by dotted key; empty without a sweep. The seed is beside it. */
  settings: Record<string, unknown>;
  seed: number;
  /** 0-based place among all runs of the sweep, and how many there are. */
  index: number;
  count: number;
}

/**
 * All runs that an experiment asks for: the product of its sweep's lists, in the file's order (the last list changes fastest), for the first
 * seed, then for the next, so that a comparison of all settings is there as early as possible. Without a sweep: one.
 */
export function expandSweep(experiment: Experiment): Trial[] {
  const { seeds, ...lists } = experiment.sweep ?? {};
  let combinations: Record<string, unknown>[] = [{}];
  for (const [path, values] of Object.entries(lists))
    combinations = combinations.flatMap((settings) =>
      values.map((value) => ({ ...settings, [path]: value })),
    );
  const all = (seeds ?? [experiment.seed]).flatMap((seed) =>
    combinations.map((settings) => ({ settings, seed: Number(seed) })),
  );
  return all.map((one, index) => ({ ...one, index, count: all.length }));
}

/** The experiment with some settings changed and without its sweep; a trial's values are valid, so nothing is checked again. */
export function applyTrial(experiment: Experiment, settings: Record<string, unknown>): Experiment {
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
  return changed;
}

/** The values that a setting has over all trials: its sweep list, else its one value. */
export function trialValues<Value>(experiment: Experiment, path: string, value: Value): Value[] {
  return (experiment.sweep?.[path] as Value[] | undefined) ?? [value];
}

/** A deep copy of plain data. */
function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copy(item)]));
}
