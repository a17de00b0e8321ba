import { higherIsBetter, shortMetric } from '../protocol/metrics.ts';
import { isActive } from '../protocol/run-status.ts';
import { measured, shortNumber } from '../text/numbers.ts';
import { chanceOf, distinctSeeds, hasValue, valuesOf } from './setting-values.ts';
import { sampleOf, tellsApart } from './student.ts';
import type { Sample } from './student.ts';
import type { Setting } from './compared-settings.ts';
import { plural, sentences } from '../text/words.ts';
import { t } from '../text/say.ts';

/** What a comparison comes to. */
export interface Verdict {
  /**
   * `nothing`: fewer than two settings; `no_values`: none has the metric yet; `too_few_seeds`: the first two cannot be compared;
   * `equal`: the difference is within the seeds' spread; `better`: it is beyond; `in_order`: logs of other programs are among them.
   */
  kind: 'nothing' | 'no_values' | 'too_few_seeds' | 'equal' | 'better' | 'in_order';
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
 * `metric` is null when the runs have none in common.
 */
export function verdictOf(settings: Setting[], metric: string | null, pick: 'best' | 'last'): Verdict {
  const nothing = (kind: Verdict['kind'], text: string): Verdict => ({ kind, text, best: null, equals: [] });
  if (metric === null)
    return nothing('no_values', t('These runs have no metric in common: nothing to compare.'));
  const ranked = rank(settings, metric, pick);
  const name = shortMetric(metric);
  const first = ranked[0];
  if (settings.length === 0) return nothing('nothing', t('No runs are chosen: nothing to compare.'));
  if (settings.length === 1)
    return nothing(
      'nothing',
      sentences([
        t('There is one setting only: nothing to compare.'),
        first && t('Its {0} is {1}.', name, inWords(first)),
      ]),
    );
  if (!first) return nothing('no_values', withoutValues(settings, metric));
  if (settings.some(({ isLog }) => isLog)) return withLogs(ranked, name);
  const caveats = caveatsOf(settings, ranked, metric, pick);
  const best = first.setting;
  const next = ranked[1];
  if (!next) {
    const text = t('{0} is the only setting with a value of {1}: {2}.', best.label, name, inWords(first));
    return { kind: 'too_few_seeds', text: sentences([text, ...caveats]), best, equals: [] };
  }
  const equals = ranked.slice(1).filter((other) => !isApart(first, other));
  const gap = Math.abs(first.mean - next.mean);
  const isTie = gap === 0;
  const lead = isTie
    ? t('{0} and {1} have the same {2}:', best.label, next.setting.label, name)
    : t('{0} is best: {1} {2}.', best.label, name, inWords(first));
  const second = isTie
    ? t('{0} and {1}', inWords(first), inWords(next))
    : t('The next, {0}, has {1}', next.setting.label, inWords(next));
  const needed = tellsApart(first, next);
  const say = (kind: Verdict['kind'], end: string): Verdict => ({
    kind,
    text: sentences([lead, `${second}${end}`, ...caveats]),
    best,
    equals: equals.map(({ setting }) => setting),
  });
  const hasSeeds = first.count > 1 && next.count > 1;
  if (Number.isNaN(needed) && !(isTie && hasSeeds))
    return say(
      'too_few_seeds',
      isTie
        ? t('. With so few seeds that may be luck. Two or three seeds each would tell.')
        : hasSeeds
          ? t(
              ': no seed differs from another of its setting, and a spread of zero proves nothing. More seeds would tell.',
            )
          : t(': too few seeds to say whether that is more than luck. Two or three seeds each would tell.'),
    );
  if (isTie || gap <= needed)
    return say(
      'equal',
      isTie
        ? t('. Treat them as equal.')
        : t(": the difference is within the seeds' spread, so treat them as equal."),
    );
  const rest = equals.length
    ? t(
        ' Still not told apart from the best: {0}.',
        equals.map(({ setting, count }) => t('{0} ({1})', setting.label, seeds(count))).join('; '),
      )
    : '';
  return say(
    'better',
    t(
      ": the difference of {0} is beyond the seeds' spread ({1}).",
      measured(gap, needed),
      measured(needed, needed),
    ) + rest,
  );
}

/** In one line: logs of other programs know no seeds, so more than an order is not to be had. */
function withLogs([first, next]: Ranked[], name: string): Verdict {
  const text = next
    ? t(
        '{0} has the best {1}, {2}; the next, {3}, has {4}.',
        first!.setting.label,
        name,
        shortNumber(first!.mean),
        next.setting.label,
        shortNumber(next.mean),
      )
    : t('{0} is the only setting with a value of {1}: {2}.', first!.setting.label, name, inWords(first!));
  const best = first!.setting.isLog ? null : first!.setting;
  return { kind: 'in_order', text, best, equals: [] };
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
    ? t(
        'All {0} runs diverged: there is no best setting. Lower the learning rates, or lengthen the warmup.',
        runs.length,
      )
    : t('No run has a value of {0} yet.', metric);
}

/** How settings are told apart, for who asks. */
export const verdictRule = (): string =>
  t(
    'Welch’s t test for unequal variances (B. L. Welch, Biometrika 34, 1947): a setting is called better when the difference of the means over distinct seeds is larger than half the width of its 95% confidence interval. Runs with the same seed and settings count once; without any spread nothing is concluded. Looking at many settings at once makes a lucky winner likelier than the 5% of a single pair.',
  );

const isApart = (a: Sample, b: Sample): boolean => Math.abs(a.mean - b.mean) > tellsApart(a, b);

const inWords = ({ mean, spread, count }: Sample): string =>
  count > 1
    ? t('{0} ({1})', `${measured(mean, spread)} ± ${measured(spread, spread)}`, seeds(count))
    : t('{0} ({1})', measured(mean, null), seeds(count));

const seeds = (count: number): string => plural(count, '{0} seed', '{0} seeds');

function caveatsOf(settings: Setting[], ranked: Ranked[], metric: string, pick: 'best' | 'last'): string[] {
  const caveats: string[] = [];
  const runs = settings.flatMap((setting) => setting.runs);
  const seedsOfBest = distinctSeeds(ranked[0]!.setting, metric, pick);
  const diverged = seedsOfBest.filter((run) => run.status === 'diverged').length;
  if (diverged) caveats.push(t('{0} of its {1} diverged.', diverged, seeds(seedsOfBest.length)));
  const repeated =
    runs.length - settings.reduce((sum, each) => sum + distinctSeeds(each, metric, pick).length, 0);
  if (repeated)
    caveats.push(
      plural(
        repeated,
        '{0} of {1} runs repeats the seed and settings of another and is not counted.',
        '{0} of {1} runs repeat the seed and settings of another and are not counted.',
        runs.length,
      ),
    );
  const chance = chanceOf(settings, metric);
  if (chance) caveats.push(t('Guessing gives {0}.', shortNumber(chance.mean)));
  const open = runs.filter((run) => isActive(run.status)).length;
  if (open) caveats.push(t('{0} of {1} runs are not finished: this may change.', open, runs.length));
  const without = runs.filter((run) => run.status !== 'diverged' && !hasValue(run, metric, pick)).length;
  if (without && !open)
    caveats.push(
      plural(
        without,
        '{0} run has no {1} and is left out.',
        '{0} runs have no {1} and are left out.',
        metric,
      ),
    );
  return caveats;
}
