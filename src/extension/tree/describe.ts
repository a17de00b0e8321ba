import type { RunStatus } from '../../protocol/events.ts';
import {
  decidingMetric as decidingOf,
  higherIsBetter,
  shortMetric,
  trainLoss,
} from '../../protocol/metrics.ts';
import { livePace } from '../../protocol/pace.ts';
import { isTraining, shortValue, type RunEntry } from '../runs/run-entry.ts';
import { t } from '../../text/say.ts';
import { counted, shortNumber } from '../../text/numbers.ts';
import { duration, timeLeft } from '../../text/durations.ts';

/** What stands behind a run's label in the explorer. `now` is Unix ms. */
export function describeRun(run: RunEntry, now: number): string {
  if (run.problem) return t('cannot be read');
  const parts: string[] = [];
  if (run.foreign) {
    if (run.file.step > 0) parts.push(t('step {0}', counted(run.file.step)));
  } else if (isTraining(run)) {
    const { step, steps } = progressOf(run);
    if (run.status === 'stopping') parts.push(statusWord('stopping'));
    parts.push(`${counted(step)}/${counted(steps)}`);
  } else if (run.status !== 'finished') {
    parts.push(statusWord(run.status));
    if (run.status !== 'queued') parts.push(t('at step {0}', counted(run.file.step)));
  }
  const best = decidingMetric(run);
  if (best) parts.push(`${shortMetric(best.name)} ${shortNumber(best.value)}`);
  const loss = lossOf(run);
  if (loss !== null) parts.push(`${t('loss')} ${shortNumber(loss)}`);
  const left = isTraining(run) ? remainingMs(run) : null;
  if (left !== null) parts.push(timeLeft(left));
  else if (run.status === 'finished' && !run.foreign) parts.push(duration(durationMs(run, now)));
  return parts.join(' · ');
}

/** The tooltip as Markdown source lines; values are escaped by the caller's `escape`. */
export function tooltipLines(run: RunEntry, now: number, escape: (text: string) => string): string[] {
  const { file } = run;
  const lines = [`**${escape(file.title ?? file.id)}** ${statusWord(run.status)}`];
  const row = (name: string, value: string) => lines.push(`${escape(name)}: ${escape(value)}`);
  if (run.problem) lines.push(escape(run.problem));
  if (file.reason) lines.push(escape(file.reason));
  if (file.note) lines.push(`*${escape(file.note)}*`);
  if (!run.foreign) {
    const { step, steps } = progressOf(run);
    row(t('Step'), `${counted(step)} / ${counted(steps)}`);
    row(t('Duration'), duration(durationMs(run, now)));
    row(t('Started'), new Date(file.created).toLocaleString());
  } else row(t('Folder'), run.dir);
  if (file.engine) {
    const { name, provider, device, threads, why } = file.engine;
    row(t('Engine'), `${name}${provider ? ` (${provider})` : ''}, ${device}, ${t('{0} threads', threads)}`);
    if (why) row(t('Chosen because'), why);
  }
  const best = decidingMetric(run);
  if (best)
    row(t('Best {0}', best.name), `${shortNumber(best.value)} (${t('step {0}', counted(best.step))})`);
  for (const [path, value] of Object.entries(file.settings)) row(path, shortValue(value));
  return lines;
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
    case 'finished':
      return t('finished');
    case 'failed':
      return t('failed');
    case 'diverged':
      return t('diverged');
    case 'interrupted':
      return t('interrupted');
  }
}

export function progressOf(run: RunEntry): { step: number; steps: number } {
  const { live, file } = run;
  return { step: live?.step ?? file.step, steps: live?.steps || file.steps };
}

/** Last training loss; null before the first step. */
export function lossOf(run: RunEntry): number | null {
  return run.live?.loss ?? run.file.summary[trainLoss]?.last ?? null;
}

/** Milliseconds to the last step at the present pace; null before it is known. */
export function remainingMs(run: RunEntry): number | null {
  return run.live ? livePace(run.live).leftMs : null;
}

/** From creation to the last sign of life (to `now` while it trains). */
export function durationMs(run: RunEntry, now: number): number {
  const { created, heartbeat } = run.file;
  return (isTraining(run) ? now : Math.max(heartbeat ?? created, run.live?.time ?? 0)) - created;
}

/** The metric that tells runs apart, at its best; null before the first evaluation. */
export function decidingMetric(run: RunEntry): { name: string; value: number; step: number } | null {
  const { summary } = run.file;
  const name = decidingOf(Object.keys(summary));
  const metric = name && summary[name];
  return metric ? { name: name, value: metric.best, step: metric.best_step } : null;
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
