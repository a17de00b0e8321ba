import { expect, test } from 'vitest';
import { addedCards, addedPlot, metricsIn } from '../../src/analysis/added-plots.ts';
import { metricPairs } from '../../src/analysis/metric-pairs.ts';
import type { Series } from '../../src/protocol/state.ts';
import { foldRun, emptyRunState } from '../../src/protocol/state.ts';

const seriesOf = (points: [step: number, value: number][]): Series =>
  foldRun(
    emptyRunState(),
    points.map(([step, value]) => ({ kind: 'step', time: step, step, metrics: { m: value } })),
  ).series.get('m')!;

test('two metrics are paired at the steps that both have, finite on both sides', () => {
  const x = seriesOf([
    [1, 10],
    [2, 20],
    [3, NaN],
    [4, 40],
    [6, 60],
  ]);
  const y = seriesOf([
    [2, 0.2],
    [3, 0.3],
    [4, 0.4],
    [5, 0.5],
    [6, Infinity],
  ]);
  expect(metricPairs(x, y)).toEqual({ steps: [2, 4], x: [20, 40], y: [0.2, 0.4] });
});

test('an added plot has those of its metrics that there are; against one that is missing it is none', () => {
  const added = [addedPlot(['val/recall@10', 'lost'], null), addedPlot(['train/loss'], 'lost')];
  const [card, ...others] = addedCards(added, new Set(['val/recall@10', 'train/loss']));
  expect(others).toEqual([]);
  expect(card).toMatchObject({ title: 'recall@10', metrics: [{ name: 'val/recall@10' }], against: null });
});

test('metrics are listed with commas, for a name may hold a space', () => {
  expect(metricsIn(' train/loss, my metric ,train/loss,')).toEqual(['train/loss', 'my metric']);
});
