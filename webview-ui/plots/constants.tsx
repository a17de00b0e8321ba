import type { VNode } from 'preact';
import type { CardSpec } from '../../src/analysis/cards.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import type { Series } from '../../src/protocol/state.ts';
import { exactText } from '../../src/analysis/metric-words.ts';
import { plural } from '../../src/text/words.ts';
import { t } from '../../src/text/say.ts';
import { toggled } from './arrangement.ts';
import { changePlots, plotSettings } from './plot-settings.ts';
import { constancy } from './series-facts.ts';

/** Fewer values than this may still turn out to differ. */
const fewest = 10;

const isConstant = (series: Series): boolean =>
  series.length >= fewest && Number.isFinite(series.values[0]) && constancy(series).isConstant;

const seriesOf = ({ metrics }: CardSpec, runs: RunView[]): Series[] =>
  runs.flatMap((run) => metrics.flatMap(({ name }) => run.state?.series.get(name) ?? []));

/** Whether a plot would be nothing but level lines, such as that of a fixed temperature. */
export function isConstantCard(card: CardSpec, runs: RunView[]): boolean {
  const all = seriesOf(card, runs);
  return all.length > 0 && all.every(isConstant);
}

/** What does not change, in one line of text in place of plots. */
export const Constants = ({ cards, runs }: { cards: CardSpec[]; runs: RunView[] }): VNode | null =>
  cards.length === 0 ? null : (
    <p class="constants">
      <span class="muted">{t('Constant:')}</span>
      {cards.map((card) => (
        <button
          key={card.id}
          type="button"
          class="link"
          title={t('Pin {0} to see it as a plot', card.title)}
          onClick={() => changePlots({ pinned: toggled(plotSettings.value.pinned, card.id) })}
        >
          {`${card.title} ${valuesText(card, runs)}`}
        </button>
      ))}
    </p>
  );

/** `0.1`; where runs differ, each value with how many have it. */
function valuesText(card: CardSpec, runs: RunView[]): string {
  if (card.metrics.length > 1)
    return card.metrics
      .map(({ label, name }) => `${label} ${valuesText({ ...card, metrics: [{ label, name }] }, runs)}`)
      .join(t(', '));
  const counts = new Map<number, number>();
  for (const { values } of seriesOf(card, runs)) counts.set(values[0]!, (counts.get(values[0]!) ?? 0) + 1);
  const text = (value: number): string => exactText(card.metrics[0]!.name, value);
  if (counts.size < 2) return [...counts.keys()].map(text).join('');
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([value, count]) => `${text(value)} (${plural(count, '{0} run', '{0} runs')})`)
    .join(t(', '));
}
