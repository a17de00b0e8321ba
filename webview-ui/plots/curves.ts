import { categoryColour, categoryOf, neutralColour } from '../../src/analysis/colours.ts';
import { decimate, emptyDecimated } from '../../src/analysis/decimate.ts';
import type { Decimated } from '../../src/analysis/decimate.ts';
import { isEvaluated, learningRate } from '../../src/protocol/metrics.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import type { Series } from '../../src/protocol/state.ts';
import type { Colouring } from '../model/colouring.ts';
import { runColour, runName } from '../model/run-colours.ts';
import type { CardSpec } from '../../src/analysis/cards.ts';
import { bandOf } from './seed-groups.ts';
import { trackOf } from './track.ts';
import type { Track } from './track.ts';
import { xMap } from './x-axis.ts';
import type { XAxisName, XMap } from './x-axis.ts';

/** One line of a plot. */
export interface PlotCurve {
  key: string;
  run: RunView;
  metric: string;
  label: string;
  colour: string;
  /** Canvas line dash; empty: solid. */
  dash: number[];
  track: Track;
  x: XMap;
  isHidden: boolean;
  /** What stands out together when one of its lines is pointed at: a run in all plots, or one of its metrics. */
  group: string;
  /** Filled for the visible range by `thinCurves`. */
  raw: Decimated;
  smooth: Decimated | null;
  /** From the lowest seed to the highest, where the curve is a mean. */
  band: Band | null;
}

/** The two edges of a band, and what is drawn of them. */
export interface Band {
  low: Track;
  high: Track;
  drawn: { low: Decimated; high: Decimated };
}

function bandTracks(series: Series): Band | null {
  const band = bandOf(series);
  return band
    ? {
        low: trackOf(band.low),
        high: trackOf(band.high),
        drawn: { low: emptyDecimated(), high: emptyDecimated() },
      }
    : null;
}

const dashes = [[], [6, 3], [2, 2.5], [9, 3, 2, 3], [1, 4]];
/**
 * The lines of a card. With one run each metric has a colour, the same for a branch in all cards; with several each run has its own and
 * metrics in one card differ by their dashes. `colours` sets a run's colour by something else (the rate that it was trained with).
 */
export function curvesOf(
  card: CardSpec,
  runs: RunView[],
  axis: XAxisName,
  hidden: string[],
  background: string,
  colours: Colouring | null,
): PlotCurve[] {
  const withCurves = runs.filter(
    (run) => run.state && card.metrics.some(({ name }) => run.state!.series.has(name)),
  );
  const isSingle = runs.length === 1 && !colours;
  return withCurves.flatMap((run) => {
    const map = xMap(axis, run.state!);
    if (!map) return [];
    return card.metrics.flatMap(({ name, label }, index) => {
      const series = run.state!.series.get(name);
      if (!series?.length) return [];
      return {
        key: `${run.id}|${name}`,
        run,
        metric: name,
        label: isSingle ? label : card.metrics.length > 1 ? `${runName(run)} ${label}` : runName(run),
        colour: isSingle ? metricColour(label, index, background) : (colours?.ofRun(run) ?? runColour(run)),
        dash: isSingle ? dashOver(covered(card, run, index)) : dashes[index % dashes.length]!,
        group: isSingle ? name : run.id,
        track: trackOf(series),
        x: map,
        isHidden: hidden.includes(`${card.id}/${isSingle ? label : `${run.id} ${label}`}`),
        raw: emptyDecimated(),
        band: bandTracks(series),
        smooth: null,
      };
    });
  });
}

function metricColour(label: string, index: number, background: string): string {
  const category = categoryOf(label, index);
  return category === null ? neutralColour(background) : categoryColour(category, background);
}

/** How many earlier metrics of its card a metric is drawn exactly over: branches with one learning rate. */
function covered(card: CardSpec, run: RunView, index: number): number {
  const seriesOf = (place: number) => run.state!.series.get(card.metrics[place]!.name);
  const own = seriesOf(index);
  if (!own?.length) return 0;
  return card.metrics.slice(0, index).filter((_, place) => {
    const other = seriesOf(place);
    return (
      other?.length === own.length &&
      [0, own.length >> 1, own.length - 1].every((at) => other.values[at] === own.values[at])
    );
  }).length;
}

/** Dashes that let what lies under show through, each in its own third. */
const dashOver = (below: number): number[] => (below === 0 ? [] : below === 1 ? [7, 14] : [0, 7, 7, 7]);

/** The name under which a curve is switched off, see `curvesOf`. */
export function hiddenKey(card: CardSpec, curve: PlotCurve, isSingle: boolean): string {
  const label = card.metrics.find(({ name }) => name === curve.metric)!.label;
  return `${card.id}/${isSingle ? label : `${curve.run.id} ${label}`}`;
}

/**
 * Whether smoothing helps: evaluations are means over the whole validation set already, learning rates are set, not measured.
 * Two points are never smoothed either: it would only move the second one.
 */
export const isNoisy = (metric: string): boolean =>
  !isEvaluated(metric) && !metric.startsWith(learningRate(''));

/** Thins the shown curves to what a picture of this width can show. */
export function thinCurves(curves: PlotCurve[], range: [number, number], width: number): void {
  const buckets = Math.max(50, Math.round(width));
  for (const curve of curves) {
    if (curve.isHidden) continue;
    const { track, x, band } = curve;
    const thin = (of: Track, isSmooth: boolean, into: Decimated): Decimated =>
      thinTrack(of, isSmooth, x, range, buckets, into);
    thin(track, false, curve.raw);
    curve.smooth = track.isSmooth ? thin(track, true, curve.smooth ?? emptyDecimated()) : null;
    // The band's edges are smoothed as the mean is.
    if (band)
      for (const edge of ['low', 'high'] as const)
        thin(band[edge], track.isSmooth && band[edge].isSmooth, band.drawn[edge]);
  }
}

function thinTrack(
  track: Track,
  isSmooth: boolean,
  { column, scale, offset }: XMap,
  [from, to]: [number, number],
  buckets: number,
  into: Decimated,
): Decimated {
  const { series, smoothed, smooth, raw, length } = track;
  const y = isSmooth ? smoothed : series.values;
  const pyramid = isSmooth && smooth ? smooth : raw;
  const curve = { x: track.x(column), y, length, pyramid };
  decimate(curve, (from - offset) / scale, (to - offset) / scale, buckets, into);
  if (isSmooth && track.isLog) for (let i = 0; i < into.count; i++) into.y[i] = Math.exp(into.y[i]!);
  return into;
}
