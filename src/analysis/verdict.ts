import { higherIsBetter, shortMetric } from '../protocol/metrics.ts';
import { isActive } from '../protocol/run-status.ts';
import { measured, shortNumber } from '../text/numbers.ts';
import { chanceOf, distinctSeeds, hasValue, valuesOf } from './setting-values.ts';
import { sampleOf, tellsApart } from './student.ts';
import type { Sample } from './student.ts';
import type { Setting } from './compared-settings.ts';
import { plural } from '../text/words.ts';
import { t } from '../text/say.ts';

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
  const caveats = caveatsOf(settings, ranked, metric, pick);
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
  const hasSeeds = first.count > 1 && next.count > 1;
  if (Number.isNaN(needed) && !(isTie && hasSeeds))
    return say(
      'too_few_seeds',
      isTie
        ? `. With so few seeds that may be chance. Two or three seeds each would tell.`
        : hasSeeds
          ? `: no seed differs from another of its setting, and a spread of zero proves nothing. More seeds would tell.`
          : `: too few seeds to say whether that is more than chance. Two or three seeds each would tell.`,
    );
  if (isTie || gap <= needed)
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
function rank(settings: Setting[], metric: string, pick: 'best' | 'last'): Ranked[] {
  const sign = higherIsBetter(metric) ? -1 : 1;
  return settings
    .map((setting) => ({ setting, values: valuesOf(setting, metric, pick) }))
    .filter(({ values }) => values.length > 0)
    .map(({ setting, values }) => ({ setting, ...sampleOf(values) }))
    .sort((a, b) => sign * (a.mean - b.mean));
}

function withoutValues(settings: Setting[], metric: string): string {
  const runs = settings.flatMap((setting) => setting.runs);
  return runs.every(({ status }) => status === 'diverged')
    ? `All ${runs.length} runs diverged: there is no best setting. Lower the learning rates, or lengthen the warmup.`
    : `No run has a value of ${metric} yet.`;
}

/** How settings are told apart, for who asks. */
export const verdictRule = (): string =>
  t(
    'Welch’s t test for unequal variances (B. L. Welch, Biometrika 34, 1947): a setting is called better when the difference of the means over distinct seeds is larger than half the width of its 95% confidence interval. Runs with the same seed and settings count once; without any spread nothing is concluded. Looking at many settings at once makes a chance winner likelier than the 5% of a single pair.',
  );

const isApart = (a: Sample, b: Sample): boolean => Math.abs(a.mean - b.mean) > tellsApart(a, b);

const inWords = ({ mean, spread, count }: Sample): string =>
  count > 1
    ? `${measured(mean, spread)} ± ${measured(spread, spread)} (${seeds(count)})`
    : `${measured(mean, null)} (${seeds(count)})`;

const seeds = (count: number): string => plural(count, '{0} seed', '{0} seeds');

function caveatsOf(settings: Setting[], ranked: Ranked[], metric: string, pick: 'best' | 'last'): string[] {
  const caveats: string[] = [];
  const runs = settings.flatMap((setting) => setting.runs);
  const seedsOfBest = distinctSeeds(ranked[0]!.setting, metric, pick);
  const diverged = seedsOfBest.filter((run) => run.status === 'diverged').length;
  if (diverged) caveats.push(`${diverged} of its ${seeds(seedsOfBest.length)} diverged.`);
  const repeated =
    runs.length - settings.reduce((sum, each) => sum + distinctSeeds(each, metric, pick).length, 0);
  if (repeated)
    caveats.push(
      `${repeated} of ${runs.length} runs ${repeated === 1 ? 'repeats' : 'repeat'} the seed and settings of another and ${repeated === 1 ? 'is' : 'are'} not counted.`,
    );
  const chance = chanceOf(settings, metric);
  if (chance) caveats.push(`Guessing gives ${shortNumber(chance.mean)}.`);
  const open = runs.filter((run) => isActive(run.status)).length;
  if (open) caveats.push(`${open} of ${runs.length} runs are not finished: this may change.`);
  const without = runs.filter((run) => run.status !== 'diverged' && !hasValue(run, metric, pick)).length;
  if (without && !open)
    caveats.push(
      `${without} ${without === 1 ? 'run has' : 'runs have'} no ${metric} and ${without === 1 ? 'is' : 'are'} left out.`,
    );
  return caveats;
}
