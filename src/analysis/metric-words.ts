import type { Chance } from '../protocol/chance.ts';
import {
  cpuUse,
  gpuMemory,
  gpuUtilisation,
  isEvaluated,
  residentMemory,
  shortMetric,
} from '../protocol/metrics.ts';
import type { RunStatus } from '../protocol/events.ts';
import type { MetricSummary } from '../protocol/run.ts';
import { byteSize, byteTick, counted, exactNumber, shortNumber } from '../text/numbers.ts';
import { t } from '../text/say.ts';
import type { NumberText } from './ticks.ts';
import { plural } from '../text/words.ts';

const bytes: NumberText = (value, step) => (step ? byteTick(value, step) : byteSize(value));
const percentage: NumberText = (value, step) => `${shortNumber(value, step)}%`;

/** How a metric's numbers are written whose unit belongs to each of them; null for all others. */
const unitText = (metric: string): NumberText | null =>
  metric === residentMemory || metric === gpuMemory
    ? bytes
    : metric === cpuUse || metric === gpuUtilisation
      ? percentage
      : null;

/** A metric's value in three significant digits, with its unit where that belongs to it: `0.384`, `4.5 GB`, `87%`. */
export const valueText = (metric: string, value: number | undefined): string =>
  value === undefined ? shortNumber(value) : (unitText(metric) ?? shortNumber)(value);

/** The same where it is looked up: all digits that were measured. */
export const exactText = (metric: string, value: number): string => (unitText(metric) ?? exactNumber)(value);

/** How the numbers along an axis are written that these metrics share. */
export function axisText(metrics: readonly string[]): NumberText {
  const texts = new Set(metrics.map(unitText));
  return (texts.size === 1 && [...texts][0]) || shortNumber;
}

/** A measured value beside what guessing gives: `0.276 (chance 0.263)`; without that where it is not known. */
export function withChance(text: string, chance: Chance | undefined): string {
  return chance ? t('{0} (chance {1})', text, shortNumber(chance.mean)) : text;
}

/** Evaluations of which the best one is partly luck: they vary by a few standard deviations of their own. */
const few = 10;

/** `best recall@10`, of few evaluations `best of 3 recall@10`: which of a metric's values is meant is always said. */
export function bestName(metric: string, value?: MetricSummary): string {
  const count = fewOf(metric, value);
  return count ? t('best of {0} {1}', count, shortMetric(metric)) : t('best {0}', shortMetric(metric));
}

/** How many evaluations there were, where they are few. */
function fewOf(metric: string, value?: MetricSummary): number | null {
  const count = value?.count ?? 0;
  return count > 1 && count < few && isEvaluated(metric) ? count : null;
}

/** `best recall@10 0.276 (chance 0.263)`. */
export const bestText = (metric: string, value: MetricSummary): string =>
  `${bestName(metric, value)} ${withChance(shortNumber(value.best), value.chance)}`;

/** `0.276 recall@10 (best of 3, chance 0.263)`: for rows that are cut at their end. */
export function bestFirst(metric: string, value: MetricSummary): string {
  const count = fewOf(metric, value);
  const best = count ? t('best of {0}', count) : t('best');
  const chance = value.chance && t('chance {0}', shortNumber(value.chance.mean));
  return `${shortNumber(value.best)} ${shortMetric(metric)} (${[best, chance].filter(Boolean).join(', ')})`;
}

/** `best of 3 evaluations`; null where nobody counted, or for what is measured each step. */
export function ofHowMany(metric: string, { count }: MetricSummary): string | null {
  if (count === undefined || !isEvaluated(metric)) return null;
  return count === 1
    ? t('the only evaluation')
    : t('best of {0}', plural(count, '{0} evaluation', '{0} evaluations'));
}

/** A status as a word: colour and icon are never the only sign. */
export function statusWord(status: RunStatus): string {
  switch (status) {
    case 'queued':
      return t('queued');
    case 'running':
      return t('running');
    case 'stopping':
      return t('stopping');
    case 'stopped':
      return t('stopped');
    case 'stopped_early':
      return t('stopped early');
    case 'finished':
      return t('finished');
    case 'failed':
      return t('failed');
    case 'diverged':
      return t('diverged');
    case 'interrupted':
      return t('interrupted');
    case 'log':
      return t('TensorBoard log');
  }
}

/** So many runs of a status: `3 queued`. */
export function countedStatus(count: number, status: RunStatus): string {
  const amount = counted(count);
  switch (status) {
    case 'queued':
      return t('{0} queued', amount);
    case 'running':
      return t('{0} running', amount);
    case 'stopping':
      return t('{0} stopping', amount);
    case 'stopped':
      return t('{0} stopped', amount);
    case 'stopped_early':
      return t('{0} stopped early', amount);
    case 'finished':
      return t('{0} finished', amount);
    case 'failed':
      return t('{0} failed', amount);
    case 'diverged':
      return t('{0} diverged', amount);
    case 'interrupted':
      return t('{0} interrupted', amount);
    case 'log':
      return plural(count, '{0} TensorBoard log', '{0} TensorBoard logs');
  }
}

/** A status in a word or two: `finished`, `finished at chance`. */
export const statusText = (status: RunStatus, isAtChance: boolean): string =>
  isAtChance ? t('{0} at chance', statusWord(status)) : statusWord(status);

/** Said of a run whose recalls are those of a model that has learnt nothing. */
export const atChanceText = (): string =>
  t('It ended at chance: its recalls are within two standard deviations of what guessing gives.');

/** How grave a problem or a note is, as a word. */
export function severityWord(severity: 'error' | 'warning' | 'info'): string {
  switch (severity) {
    case 'error':
      return t('error');
    case 'warning':
      return t('warning');
    case 'info':
      return t('info');
  }
}
