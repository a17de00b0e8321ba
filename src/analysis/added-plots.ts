import { shortMetric } from '../protocol/metrics.ts';
import { t } from '../text/say.ts';
import type { CardSpec } from './cards.ts';

/** A plot that a person asked for: metrics over the x axis of all plots, or against another metric. */
export interface AddedPlot {
  id: string;
  metrics: string[];
  /** The metric along the x axis; null: steps or time, as in the other plots. */
  against: string | null;
}

export const addedPlot = (metrics: string[], against: string | null): AddedPlot => ({
  id: `added:${metrics.join(' ')}${against ? ` against ${against}` : ''}`,
  metrics,
  against,
});

/** The cards of those added plots that some of these metrics belong to. */
export function addedCards(added: AddedPlot[], names: ReadonlySet<string>): CardSpec[] {
  return added.flatMap(({ id, metrics, against }) => {
    const known = metrics.filter((name) => names.has(name));
    if (!known.length || (against !== null && !names.has(against))) return [];
    const title = known.map(shortMetric).join(', ');
    return [
      {
        id,
        title: against === null ? title : t('{0} against {1}', title, shortMetric(against)),
        group: '',
        unit: '',
        metrics: known.map((name) => ({ name, label: shortMetric(name) })),
        isLog: false,
        reference: null,
        against,
      },
    ];
  });
}

/** The names in a text that lists metrics: by commas, for a name may hold spaces. */
export const metricsIn = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
  ),
];
