import { commonChance, lossByGuessing } from '../protocol/chance.ts';
import type { StartedEvent } from '../protocol/events.ts';
import { trainLoss } from '../protocol/metrics.ts';
import type { RunView } from '../protocol/panel.ts';
import { shortNumber } from '../text/numbers.ts';
import type { CardSpec } from './cards.ts';
import { t } from '../text/say.ts';

/** A line across a plot that its curves are read against. */
export interface Reference {
  value: number;
  text: string;
  /** In view however far the curves are from it. */
  isAlwaysShown: boolean;
}

/** The lines of a card: what guessing gives of each of its metrics, or the clip norm; only those on which all runs agree. */
export function referencesOf({ reference, metrics }: CardSpec, runs: RunView[]): Reference[] {
  const started = runs.flatMap((run) => run.state?.started ?? []);
  if (reference === 'clip') {
    const norm = agreed(started.map(({ clip_norm }) => clip_norm));
    return norm ? [{ value: norm, text: t('clip {0}', shortNumber(norm)), isAlwaysShown: false }] : [];
  }
  if (reference !== 'chance') return [];
  const byValue = new Map<number, CardSpec['metrics']>();
  for (const metric of metrics) {
    const value =
      metric.name === trainLoss
        ? trainChance(started)
        : commonChance(runs.flatMap((run) => run.state?.chance[metric.name] ?? []))?.mean;
    if (value) byValue.set(value, [...(byValue.get(value) ?? []), metric]);
  }
  return [...byValue].map(([value, own]) => {
    const isOfBatch = own.some(({ name }) => name === trainLoss);
    const isLogarithm = started.every(({ loss }) => loss !== 'sigmoid');
    const text = isOfBatch && isLogarithm ? t('chance ln {0}', Math.round(Math.exp(value))) : t('chance');
    const whose = own.length < metrics.length ? t(', {0}', own.map(({ label }) => label).join(t(', '))) : '';
    return { value, text: text + whose, isAlwaysShown: own.some(({ name }) => /recall/.test(name)) };
  });
}

/** Guessing among the batch: every caption as likely as any other. */
function trainChance(started: StartedEvent[]): number | null {
  const size = agreed(started.map(({ batch_size }) => batch_size));
  const kind = agreed(started.map(({ loss }) => loss ?? 'info_nce'));
  return size && kind && size > 1 ? lossByGuessing(kind, size) : null;
}

/** The one value of all; null when there are none, or others. */
function agreed<T>(values: T[]): T | null {
  return values.length && values.every((value) => value === values[0]) ? values[0]! : null;
}
