import { higherIsBetter, shortMetric } from '../protocol/metrics.ts';
import { isActive } from '../protocol/run-status.ts';
import { measured } from '../text/numbers.ts';
import { sampleOf, tellsApart } from './student.ts';
import type { Sample } from './student.ts';
import type { Setting } from './settings.ts';

/** What a comparison comes to. */
export interface Verdict {
  /**
   * `nothing`: fewer than two settings; `no_values`: none has the metric yet; `too_few_seeds`: the first two cannot be compared;
   * `equal`: the difference is within the seeds' spread; `better`: it is beyond.
   */
  kind: 'nothing' | 'no_values' | 'too_few_seeds' | 'equal' | 'better';
  /** Whole sentences. */
  text: string;
  /** The best setting; null when there is none. */
  best: Setting | null;
  /** Settings that cannot be told from the best. */
  equals: Setting[];
}

export interface Ranked extends Sample {
  setting: Setting;
}

/**
 * The best of the settings by the mean over their seeds, and whether it beats the next by more than the seeds' spread explains
 * (Welch's 95% interval of the difference). Settings are never called better for one seed each, or while runs that diverged hide.
 */
export function verdictOf(settings: Setting[], metric: string, pick: 'best' | 'last'): Verdict {
  const ranked = rank(settings, metric, pick);
  const name = shortMetric(metric);
  const first = ranked[0];
  const nothing = (kind: Verdict['kind'], text: string): Verdict => ({ kind, text, best: null, equals: [] });
  if (settings.length === 0) return nothing('nothing', 'No runs are chosen: nothing to compare.');
  if (settings.length === 1)
    return nothing(
      'nothing',
      `There is one setting only: nothing to compare.${first ? ` Its ${name} is ${inWords(first)}.` : ''}`,
    );
  if (!first) return nothing('no_values', withoutValues(settings, metric));
  const caveats = caveatsOf(settings, ranked, metric);
  const best = first.setting;
  const next = ranked[1];
  if (!next) {
    const text = `${best.label} is the only setting with a value of ${name}: ${inWords(first)}.`;
    return { kind: 'too_few_seeds', text: [text, ...caveats].join(' '), best, equals: [] };
  }
  const equals = ranked.slice(1).filter((other) => !isApart(first, other));
  const gap = Math.abs(first.mean - next.mean);
  const isTie = gap === 0;
  const lead = isTie
    ? `${best.label} and ${next.setting.label} have the same ${name}:`
    : `${best.label} is best: ${name} ${inWords(first)}.`;
  const second = isTie
    ? `${inWords(first)} and ${inWords(next)}`
    : `The next, ${next.setting.label}, has ${inWords(next)}`;
  const needed = tellsApart(first, next);
  const say = (kind: Verdict['kind'], end: string): Verdict => ({
    kind,
    text: [lead, `${second}${end}`, ...caveats].join(' '),
    best,
    equals: equals.map(({ setting }) => setting),
  });
  if (Number.isNaN(needed))
    return say(
      'too_few_seeds',
      isTie
        ? `. With so few seeds that may be chance. Two or three seeds each would tell.`
        : `: too few seeds to say whether that is more than chance. Two or three seeds each would tell.`,
    );
  if (gap <= needed)
    return say(
      'equal',
      isTie
        ? '. Treat them as equal.'
        : `: the difference is within the seeds' spread, so treat them as equal.`,
    );
  const rest = equals.length
    ? ` Still not told apart from the best: ${equals.map(({ setting, count }) => `${setting.label} (${seeds(count)})`).join('; ')}.`
    : '';
  return say(
    'better',
    `: the difference of ${measured(gap, needed)} is beyond the seeds' spread (${measured(needed, needed)}).${rest}`,
  );
}

/** Settings with a value, best first. */
export function rank(settings: Setting[], metric: string, pick: 'best' | 'last'): Ranked[] {
  const sign = higherIsBetter(metric) ? -1 : 1;
  return settings
    .map((setting) => ({ setting, values: valuesOf(setting, metric, pick) }))
    .filter(({ values }) => values.length > 0)
    .map(({ setting, values }) => ({ setting, ...sampleOf(values) }))
    .sort((a, b) => sign * (a.mean - b.mean));
}

/** The setting's finite values of a metric, one a seed; a run that diverged has none. */
export function valuesOf(setting: Setting, metric: string, pick: 'best' | 'last'): number[] {
  return setting.runs
    .filter((run) => run.status !== 'diverged')
    .map((run) => run.metrics[metric]?.[pick] ?? NaN)
    .filter(Number.isFinite);
}

function withoutValues(settings: Setting[], metric: string): string {
  const runs = settings.flatMap((setting) => setting.runs);
  return runs.every(({ status }) => status === 'diverged')
    ? `All ${runs.length} runs diverged: there is no best setting. Lower the learning rates, or lengthen the warmup.`
    : `No run has a value of ${metric} yet.`;
}

const isApart = (a: Sample, b: Sample): boolean => Math.abs(a.mean - b.mean) > tellsApart(a, b);

const inWords = ({ mean, spread, count }: Sample): string =>
  count > 1
    ? `${measured(mean, spread)} ± ${measured(spread, spread)} (${seeds(count)})`
    : `${measured(mean, null)} (${seeds(count)})`;

const seeds = (count: number): string => `${count} ${count === 1 ? 'seed' : 'seeds'}`;

function caveatsOf(settings: Setting[], ranked: Ranked[], metric: string): string[] {
  const caveats: string[] = [];
  const runs = settings.flatMap((setting) => setting.runs);
  const diverged = ranked[0]!.setting.runs.filter((run) => run.status === 'diverged').length;
  if (diverged) caveats.push(`${diverged} of its ${ranked[0]!.setting.runs.length} seeds diverged.`);
  const open = runs.filter((run) => isActive(run.status)).length;
  if (open) caveats.push(`${open} of ${runs.length} runs are not finished: this may change.`);
  const without = runs.filter((run) => run.status !== 'diverged' && !run.metrics[metric]).length;
  if (without && !open)
    caveats.push(
      `${without} ${without === 1 ? 'run has' : 'runs have'} no ${metric} and ${without === 1 ? 'is' : 'are'} left out.`,
    );
  return caveats;
}
