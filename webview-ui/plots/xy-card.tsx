import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { CardSpec } from '../../src/analysis/cards.ts';
import { scatterFigure } from '../../src/analysis/figures/scatter-figure.ts';
import { metricPairs } from '../../src/analysis/metric-pairs.ts';
import { shortMetric } from '../../src/protocol/metrics.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { Figure } from '../compare/figure.tsx';
import { Menu } from '../controls/menu.tsx';
import type { MenuItem } from '../controls/menu.tsx';
import { useTab } from '../model/tab-view.ts';
import { runColour, runName } from '../model/run-colours.ts';
import { theme } from '../model/theme.ts';
import { changePlots, plotSettings } from './plot-settings.ts';
import { t } from '../../src/text/say.ts';

interface XyCardProps {
  card: CardSpec;
  against: string;
  runs: RunView[];
  items: MenuItem[];
}

/** A plot of one metric against another, each run a cloud in its own colour. */
export function XyCard({ card, against, runs, items }: XyCardProps): VNode {
  const version = useTab().changes.value;
  const { logs } = plotSettings.value;
  const look = theme.value;
  const isLog = logs[card.id] ?? card.isLog;
  const clouds = useMemo(
    () =>
      runs.flatMap((run) =>
        card.metrics.flatMap(({ name }) => {
          const [x, y] = [run.state?.series.get(against), run.state?.series.get(name)];
          if (!x || !y) return [];
          return [{ label: runName(run), colour: runColour(run), pairs: metricPairs(x, y) }];
        }),
      ),
    [card, against, runs, version, look],
  );
  const names = { x: shortMetric(against), y: card.metrics.map(({ label }) => label).join(t(', ')) };
  return (
    <Figure
      title={card.title}
      height={250}
      pictureKey={clouds.length > 1 ? clouds : []}
      draw={(width, height) => scatterFigure({ name: card.title, names, clouds, isLog, width, height })}
      foot={
        clouds.every(({ pairs }) => pairs.steps.length === 0) && (
          <p class="muted">{t('These two were never recorded at the same step.')}</p>
        )
      }
    >
      <button
        type="button"
        class="text-button"
        aria-pressed={isLog}
        title={t('Logarithmic y axis')}
        onClick={() => changePlots({ logs: { ...logs, [card.id]: !isLog } })}
      >
        {t('log')}
      </button>
      <Menu label={t('More of {0}', card.title)} items={items} />
    </Figure>
  );
}
