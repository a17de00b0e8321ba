import type { RunStatus } from '../protocol/events.ts';
import type { RunView } from '../protocol/panel.ts';
import type { MetricSummary } from '../protocol/run.ts';
import { settingText, settingsText } from '../text/settings.ts';
import { bestAndLast } from './metric-values.ts';
import { clippedShare, largestNorm } from './norms.ts';

/** Runs that have all settings but the seed in common. */
export interface Setting {
  /** Stands for the setting, also in sorted lists and colours. */
  key: string;
  /** Values of the keys that differ, by dotted key. */
  values: Record<string, unknown>;
  /** In words: `image 1e-3, text 2e-5`. */
  label: string;
  /** A log that another program wrote: nothing is known of its settings. */
  isLog: boolean;
  runs: ComparedRun[];
}

export interface ComparedRun {
  id: string;
  label: string;
  status: RunStatus;
  seed: unknown;
  /** Best and last value by metric. */
  metrics: Record<string, MetricSummary>;
  /** Largest gradient norm by branch; empty until its curves are read. */
  largestNorm: Record<string, number>;
  /** Share of steps whose gradient was clipped; null when not known. */
  clipped: number | null;
}

/** Never compared: they follow from the rest, or say where something lies. */
const leftOut = /^(name|seed|reasons\b.*|data\.cache_dir|train\.(threads|steps_per_epoch))$/;

/**
 * Dotted keys that were set otherwise in some of the runs, in the config's order. Logs of other programs have no settings: they differ in
 * none.
 */
export function differingKeys(all: RunView[], { withSeed = false } = {}): string[] {
  const runs = all.filter(({ foreign }) => !foreign);
  const keys = new Set(runs.flatMap((run) => Object.keys(run.settings)));
  const isCompared = (key: string): boolean => !leftOut.test(key) || (withSeed && key === 'seed');
  return [...keys].filter((key) => isCompared(key) && differs(runs, key) && !followsFromLength(runs, key));
}

function differs(runs: RunView[], key: string): boolean {
  const first = runs[0]!.settings[key];
  const text = JSON.stringify(first);
  // Text is only made of what is not the same number or word anyway.
  return runs.some(({ settings }) => settings[key] !== first && JSON.stringify(settings[key]) !== text);
}

const durations = /^(train\.steps|optimizer\.schedule\.warmup|eval\.every|checkpoint\.every)$/;

/**
 * Whether a duration differs only because it is counted in steps and the runs are of different lengths: with another batch size
 * `warmup: 5%` and `every: 1 epoch` are other numbers of steps, though nobody set them otherwise.
 */
function followsFromLength(runs: RunView[], key: string): boolean {
  if (!durations.test(key) || runs.some((run) => run.file?.settings && key in run.file.settings))
    return false;
  const number = (run: RunView, name: string): number => Number(run.settings[name] ?? NaN);
  if (key === 'train.steps')
    return runs.every((run) => {
      const steps = number(run, 'train.epochs') * number(run, 'train.steps_per_epoch');
      return Math.abs(number(run, key) - steps) <= 1;
    });
  return ['train.steps', 'train.steps_per_epoch'].some((unit) => {
    const isOtherLength = new Set(runs.map((run) => number(run, unit))).size > 1;
    const shares = runs.map((run) =>
      [number(run, key) - 1, number(run, key) + 1].map((n) => n / number(run, unit)),
    );
    // Durations are whole steps: one step more or less is rounding.
    return (
      isOtherLength &&
      Math.max(...shares.map(([low]) => low!)) <= Math.min(...shares.map(([, high]) => high!))
    );
  });
}

/** The runs by setting, in the order of their values: numbers by size, words by letter. */
export const settingsOf = (runs: RunView[], keys: string[]): Setting[] =>
  groupedBySetting(runs, keys).map((group) => ({ ...group, runs: group.runs.map(comparedRun) }));

/** The same with the runs as they are. */
export function groupedBySetting(
  runs: RunView[],
  keys: string[],
): (Omit<Setting, 'runs'> & { runs: RunView[] })[] {
  const settings = new Map<string, Omit<Setting, 'runs'> & { runs: RunView[] }>();
  for (const run of runs) {
    const values = run.foreign ? {} : Object.fromEntries(keys.map((key) => [key, run.settings[key]]));
    const key = run.foreign ? run.id : JSON.stringify(values);
    const setting = settings.get(key) ?? {
      key,
      values,
      label: (run.foreign ? '' : settingsText(values, keys)) || run.label,
      isLog: run.foreign,
      runs: [],
    };
    // Several runs of one setting beside logs: the first one's name would speak of its seed.
    if (!keys.length && setting.runs.length === 1) setting.label = run.file?.experiment ?? setting.label;
    setting.runs.push(run);
    settings.set(key, setting);
  }
  return [...settings.values()].sort((a, b) => {
    for (const key of keys) {
      const order = compareValues(a.values[key], b.values[key]);
      if (order) return order;
    }
    return 0;
  });
}

function comparedRun(run: RunView): ComparedRun {
  return {
    id: run.id,
    label: run.label,
    status: run.status,
    seed: run.settings['seed'] ?? null,
    metrics: bestAndLast(run),
    largestNorm: run.state ? largestNorm(run.state) : {},
    clipped: run.state ? clippedShare(run.state) : null,
  };
}

/** Numbers by size before words by letter; what is not there comes last. */
export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b || 0;
  if (a === undefined || a === null) return b === undefined || b === null ? 0 : 1;
  if (b === undefined || b === null) return -1;
  collator ??= new Intl.Collator('en', { numeric: true });
  return collator.compare(settingText(a), settingText(b));
}

/** One for all, made when it is needed: `localeCompare` makes its own at every call, and the first of a process takes milliseconds. */
let collator: Intl.Collator | undefined;
