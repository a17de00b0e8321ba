import {
  decidingMetric as decidingOf,
  higherIsBetter,
  shortMetric,
  trainLoss,
} from '../../protocol/metrics.ts';
import { engineText } from '../../text/engine-words.ts';
import { endedAtChance } from '../../protocol/chance.ts';
import { standingText } from '../../text/job-words.ts';
import { stepOf } from '../../protocol/summary.ts';
import type { MetricSummary } from '../../protocol/run.ts';
import { livePace } from '../../protocol/pace.ts';
import { isTraining, type RunEntry } from '../runs/run-entry.ts';
import { counted, shortNumber } from '../../text/numbers.ts';
import { duration, timeLeft } from '../../text/durations.ts';
import { trainedMs } from '../../analysis/runs-table.ts';
import { settingText } from '../../text/settings.ts';
import { t, language } from '../../text/say.ts';
import {
  atChanceText,
  bestFirst,
  bestName,
  ofHowMany,
  withChance,
  statusWord,
} from '../../analysis/metric-words.ts';

/** What stands behind a run's label in the explorer. `now` is Unix ms. */
export function describeRun(run: RunEntry, now: number): string {
  if (run.problem) return t('cannot be read');
  // The value first: a narrow sidebar cuts rows at their end.
  const best = decidingMetric(run);
  const loss = lossOf(run);
  const lossText = loss === null ? [] : [`${t('loss')} ${shortNumber(loss)}`];
  // Before the first evaluation a run that trains has its loss alone.
  const isLossFirst = isTraining(run) && !best;
  const parts = best ? [bestFirst(best.name, best)] : isLossFirst ? lossText : [];
  if (endedAtChance(run.status, run.file.summary)) parts.push(t('at chance'));
  if (run.foreign) {
    if (run.file.step > 0) parts.push(t('step {0}', counted(run.file.step)));
  } else if (isTraining(run)) {
    const { step, steps } = progressOf(run);
    if (run.status === 'stopping') parts.push(statusWord('stopping'));
    parts.push(`${counted(step)}/${counted(steps)}`);
  } else if (run.status !== 'finished') {
    parts.push(statusWord(run.status));
    if (run.status === 'queued' && run.standing) parts.push(standingText(run.standing));
    if (run.status === 'stopped_early') parts.push(t('at rung {0}', run.file.rungs.length));
    if (run.status !== 'queued') parts.push(t('at step {0}', counted(progressOf(run).step)));
  }
  if (!isLossFirst) parts.push(...lossText);
  const left = isTraining(run) ? remainingMs(run) : null;
  if (left !== null) parts.push(timeLeft(left));
  const trained = run.status === 'finished' ? trainedMs(run, now) : null;
  if (trained !== null) parts.push(duration(trained));
  return parts.join(' · ');
}

/** The tooltip as Markdown source lines; values are escaped by the caller's `escape`. */
export function tooltipLines(run: RunEntry, now: number, escape: (text: string) => string): string[] {
  const { file } = run;
  const lines = [`**${escape(file.title ?? file.id)}** ${statusWord(run.status)}`];
  const row = (name: string, value: string) => lines.push(`${escape(name)}: ${escape(value)}`);
  if (run.problem) lines.push(escape(run.problem));
  if (file.reason) lines.push(escape(file.reason));
  if (run.standing) lines.push(escape(standingText(run.standing)));
  if (file.note) lines.push(`*${escape(file.note)}*`);
  if (!run.foreign) {
    const { step, steps } = progressOf(run);
    row(t('Step'), `${counted(step)} / ${counted(steps)}`);
    const trained = trainedMs(run, now);
    if (trained !== null) row(t('Duration'), duration(trained));
    row(t('Started'), new Date(file.created).toLocaleString(language()));
  } else row(t('Folder'), run.dir);
  if (file.remote?.host) row(t('Machine'), file.remote.host);
  if (file.engine) row(t('Engine'), engineText(file.engine));
  if (endedAtChance(run.status, file.summary)) lines.push(escape(atChanceText()));
  const best = decidingMetric(run);
  if (best) {
    const { name, chance, last, best_step: step } = best;
    const parts = [
      withChance(shortNumber(best.best), chance),
      ofHowMany(name, best),
      t('step {0}', counted(step)),
    ];
    row(bestName(name), parts.filter(Boolean).join(', '));
    row(t('last {0}', shortMetric(name)), withChance(shortNumber(last), chance));
  }
  for (const [path, value] of Object.entries(file.settings)) row(path, settingText(value));
  return lines;
}

export function progressOf(run: RunEntry): { step: number; steps: number } {
  const { live, file } = run;
  return { step: stepOf(live, file), steps: live?.steps || file.steps };
}

/** Last training loss; null before the first step. */
export function lossOf(run: RunEntry): number | null {
  return run.live?.loss ?? run.file.summary[trainLoss]?.last ?? null;
}

/** Milliseconds to the last step at the present pace; null before it is known. */
export function remainingMs(run: RunEntry): number | null {
  return run.live ? livePace(run.live).leftMs : null;
}

/** The metric that tells runs apart, at its best; null before the first evaluation. */
export function decidingMetric(run: RunEntry): (MetricSummary & { name: string }) | null {
  const { summary } = run.file;
  const name = decidingOf(Object.keys(summary));
  const metric = name && summary[name];
  return metric ? { ...metric, name } : null;
}

/** The deciding metric of several runs, as the best of them has it; null before any was evaluated. */
export function bestAmong(runs: readonly RunEntry[]): (MetricSummary & { name: string }) | null {
  const name = runs.map(decidingMetric).find(Boolean)?.name;
  const best = name && runs.toSorted(compareByMetric(name))[0]?.file.summary[name];
  return best ? { ...best, name } : null;
}

/** Orders best first by a metric; runs without it come last. */
export function compareByMetric(name: string): (a: RunEntry, b: RunEntry) => number {
  const sign = higherIsBetter(name) ? -1 : 1;
  const value = (run: RunEntry) => run.file.summary[name]?.best ?? NaN;
  return (a, b) => {
    const [left, right] = [value(a), value(b)];
    if (Number.isNaN(left)) return Number.isNaN(right) ? 0 : 1;
    return Number.isNaN(right) ? -1 : sign * (left - right);
  };
}
