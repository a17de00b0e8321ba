import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { trainLoss, valLoss } from '../../src/protocol/metrics.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { useTab } from '../model/tab-view.ts';
import { Card } from '../plots/card.tsx';
import { byMetric, cardsOf } from '../../src/analysis/cards.ts';
import type { CardSpec } from '../../src/analysis/cards.ts';
import { extentOfRuns } from '../plots/extent.ts';
import { ColourKey } from '../plots/colour-choice.tsx';
import { plotSettings } from '../plots/plot-settings.ts';
import type { Colouring } from '../model/colouring.ts';

interface CurvesByRateProps {
  runs: RunView[];
  metric: string;
  colours: Colouring | null;
}

/** One plot a metric (a branch's gradient norm is one): with many runs, dashes could not be told apart. */
function cardsFor(runs: RunView[], metric: string): CardSpec[] {
  const hasLogs = runs.some(({ foreign }) => foreign);
  const isShared = ({ metrics: [each] }: CardSpec): boolean =>
    !hasLogs || runs.every((run) => run.state?.series.has(each!.name));
  const all = byMetric(cardsOf(runs))
    .map((card) => ({ ...card, id: `compare:${card.metrics[0]!.name}` }))
    .filter(isShared);
  const wanted = all.filter(
    ({ metrics: [each] }) =>
      [metric, trainLoss, valLoss].includes(each!.name) || /grad_norm/.test(each!.name),
  );
  return wanted.length ? wanted : all.slice(0, 4);
}

/** The curves of the compared runs over each other, each in its colour or by the setting that was chosen. */
export function CurvesByRate({ runs, metric, colours }: CurvesByRateProps): VNode | null {
  const version = useTab().changes.value;
  const { axis } = plotSettings.value;
  const drawable = useMemo(() => runs.filter((run) => run.state?.series.size), [runs, version]);
  const cards = useMemo(() => cardsFor(drawable, metric), [drawable, metric]);
  const extent = extentOfRuns(drawable, axis);
  if (!extent || !cards.length) return null;
  return (
    <>
      {colours && <ColourKey colours={colours} />}
      <div class="cards">
        {cards.map((card) => (
          <Card key={card.id} card={card} runs={drawable} extent={extent} colours={colours} />
        ))}
      </div>
    </>
  );
}
