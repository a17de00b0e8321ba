import type { VNode } from 'preact';
import { valueText } from '../../src/analysis/metric-words.ts';
import type { Series } from '../../src/protocol/series.ts';
import { t } from '../../src/text/say.ts';
import type { CardSpec } from '../../src/analysis/cards.ts';
import { IconButton } from '../controls/icon.tsx';
import { Menu } from '../controls/menu.tsx';
import type { MenuItem } from '../controls/menu.tsx';
import { Term } from '../controls/term.tsx';
import { toggled } from './arrangement.ts';
import type { PlotCurve } from './curves.ts';
import { changePlots, maximised, plotSettings, removePlot } from './plot-settings.ts';

interface CardHeadProps {
  card: CardSpec;
  /** What it is called where its group's name stands above it. */
  shortTitle?: string | undefined;
  curves: PlotCurve[];
  isLog: boolean;
  asTable: boolean;
  setAsTable: (asTable: boolean) => void;
  /** What else can be done, in its menu. */
  items: MenuItem[];
  /** Puts it one place earlier (-1) or later (1) among its neighbours; absent where plots have a fixed place. */
  move?: ((by: -1 | 1) => void) | undefined;
}

/** The title of a plot, and what can be done with it. */
export function CardHead(props: CardHeadProps): VNode {
  const { card, shortTitle, curves, isLog, asTable, setAsTable, items, move } = props;
  const { logs, collapsed } = plotSettings.value;
  const isCollapsed = collapsed.includes(card.id);
  const isMaximised = maximised.value === card.id;
  // The unit's word can be pointed at: what stands around it comes from the table.
  const [before, after] = t(', {0}', '\n').split('\n');
  return (
    <div
      class="card-head"
      draggable={move !== undefined}
      onDragStart={(event) => event.dataTransfer?.setData(cardType, card.id)}
    >
      {move && (
        <IconButton
          name={isCollapsed ? 'right' : 'down'}
          label={isCollapsed ? t('Unfold {0}', card.title) : t('Fold {0}', card.title)}
          expanded={!isCollapsed}
          onClick={() => changePlots({ collapsed: toggled(collapsed, card.id) })}
        />
      )}
      <h2 title={card.metrics.map((metric) => metric.name).join(', ')}>
        {shortTitle ?? card.title}
        {card.unit && (
          <span class="muted">
            {before}
            <Term of={termOf(card)}>{card.unit}</Term>
            {after}
          </span>
        )}
        {isCollapsed && <span class="muted card-summary">{lastValues(curves)}</span>}
      </h2>
      <span class="card-buttons">
        {!isCollapsed && (
          <>
            <button
              type="button"
              class="text-button"
              aria-pressed={isLog}
              title={t('Logarithmic y axis')}
              onClick={() => changePlots({ logs: { ...logs, [card.id]: !isLog } })}
            >
              {t('log')}
            </button>
            <IconButton
              name={asTable ? 'chart' : 'table'}
              label={asTable ? t('{0}: show the plot', card.title) : t('{0}: show as a table', card.title)}
              pressed={asTable}
              onClick={() => setAsTable(!asTable)}
            />
            <IconButton
              name={isMaximised ? 'restore' : 'maximise'}
              label={isMaximised ? t('{0}: back among the others', card.title) : t('Enlarge {0}', card.title)}
              pressed={isMaximised}
              onClick={() => (maximised.value = isMaximised ? null : card.id)}
            />
          </>
        )}
        <Menu
          label={t('More of {0}', card.title)}
          items={[...(move ? arrangeItems(card.id, move) : []), ...items]}
        />
      </span>
    </div>
  );
}

/** What a person can do with the place of a plot. */
export function arrangeItems(id: string, move: (by: -1 | 1) => void): MenuItem[] {
  const { pinned, added } = plotSettings.value;
  return [
    {
      label: pinned.includes(id) ? t('Unpin') : t('Pin to the Top'),
      onChoose: () => changePlots({ pinned: toggled(pinned, id) }),
    },
    { label: t('Move Earlier'), onChoose: () => move(-1) },
    { label: t('Move Later'), onChoose: () => move(1) },
    ...(added.some((plot) => plot.id === id)
      ? [{ label: t('Remove the Plot'), onChoose: () => removePlot(id) }]
      : []),
  ];
}

/** Of several runs each metric has a card of its own: `recall/@10`. */
const termOf = ({ id }: CardSpec): string => id.split('/')[0]!;

/** What a dragged plot is carried as. */
export const cardType = 'application/x-tandem-card';

const lastValues = (curves: PlotCurve[]): string =>
  curves
    .filter(({ isHidden }) => !isHidden)
    .slice(0, 6)
    .map(({ label, metric, track }) => `${label} ${valueText(metric, lastOf(track.series))}`)
    .join(' · ');

const lastOf = ({ values, length }: Series): number | undefined => (length ? values[length - 1] : undefined);
