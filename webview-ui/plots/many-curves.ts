import type { Chart } from 'chart.js';
import type { Decimated } from '../../src/analysis/decimate.ts';
import { across, barsOf, columnsOf, down, isDense } from './bars.ts';
import type { Placing } from './bars.ts';
import { openCurveLayer, paintOf } from './curve-layer.ts';
import type { CurveLayer } from './curve-layer.ts';
import type { PlotCurve } from './curves.ts';
import { coverLine } from './line-coverage.ts';

/** From here on curves hide each other: what lies behind them is fainter, and all are drawn together. */
export const many = 10;

/** Opacity of what was measured behind its smoothed curve. */
const behind = 0.12;

/** Draws the curves, the later ones over the earlier ones, each with its own strength; the canvas itself draws one picture. */
export function drawMany(
  chart: Chart,
  curves: PlotCurve[],
  place: Placing,
  strength: (curve: PlotCurve) => number,
): void {
  const layer = openCurveLayer(chart.ctx, chart.chartArea, chart.currentDevicePixelRatio);
  const topmostFirst = [...curves].reverse();
  for (const curve of topmostFirst) lay(layer, curve, curve.smooth ?? curve.raw, place, strength(curve));
  for (const curve of topmostFirst)
    if (curve.smooth && !curve.band) lay(layer, curve, curve.raw, place, behind * strength(curve));
  layer.put();
}

function lay(layer: CurveLayer, curve: PlotCurve, points: Decimated, place: Placing, opacity: number): void {
  const lineWidth = opacity < 1 ? 1 : 1.6;
  const paint = paintOf(curve.colour, opacity);
  if (isDense(points, curve.x, place, true)) {
    const least = Math.ceil(lineWidth);
    barsOf(points, curve.x, place, curve.dash, (column, high, low) =>
      layer.bar(column, high, Math.max(low, high + least), paint),
    );
    return;
  }
  coverCurve(layer, curve, points, place, lineWidth);
  layer.cover(paint, columnsOf(curve.dash));
}

/** Radius of a point with a gap on both sides, which no line reaches. */
const dotRadius = 3;

function coverCurve(
  { coverage, left, top, ratio }: CurveLayer,
  { x: map }: PlotCurve,
  { x, y, count }: Decimated,
  place: Placing,
  lineWidth: number,
): void {
  let beforeX = NaN;
  let before = NaN;
  for (let i = 0; i < count; i++) {
    const value = y[i]!;
    const px = across(place, x[i]! * map.scale + map.offset) * ratio - left;
    const py = down(place, value) * ratio - top;
    if (before === before && py === py) coverLine(coverage, beforeX, before, px, py, lineWidth * ratio);
    else if (py === py && !(i + 1 < count && y[i + 1] === y[i + 1]))
      coverLine(coverage, px, py, px, py, 2 * dotRadius * ratio);
    beforeX = px;
    before = py;
  }
}
