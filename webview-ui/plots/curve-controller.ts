import { DatasetController } from 'chart.js';
import type {
  CartesianScaleTypeRegistry,
  Chart,
  ControllerDatasetOptions,
  CoreChartOptions,
  Scale,
} from 'chart.js';
import type { Reference } from '../../src/analysis/reference.ts';
import type { Decimated } from '../../src/analysis/decimate.ts';
import type { Theme } from '../model/theme.ts';
import { across, barsOf, down, isDense } from './bars.ts';
import type { Placing } from './bars.ts';
import type { PlotCurve } from './curves.ts';
import { markSigns } from './marks.ts';
import type { PlacedMark } from './marks.ts';
import { drawMany, many } from './many-curves.ts';
import { drawReferences } from './reference-line.ts';

/** All that a card draws inside its axes. */
export interface Drawing {
  curves: PlotCurve[];
  /** Group of the curves that stand out while the others fade; null: all are alike. */
  pointed: string | null;
  marks: PlacedMark[];
  references: Reference[];
  theme: Theme;
  isLog: boolean;
}

declare module 'chart.js' {
  interface ChartTypeRegistry {
    curves: {
      chartOptions: CoreChartOptions<'curves'>;
      datasetOptions: ControllerDatasetOptions & { drawing: Drawing };
      defaultDataPoint: never;
      metaExtensions: object;
      parsedDataType: never;
      scales: keyof CartesianScaleTypeRegistry;
    };
  }
}

/**
 * Draws thinned curves straight onto the canvas: Chart.js would make an element for each point, which is most of the cost of a frame
 * while zooming. Axes, layout and zooming stay Chart.js's.
 */
export class CurveController extends DatasetController<'curves'> {
  static id = 'curves';
  /** No points are ever made: the data stays empty. */
  static defaults = { datasetElementType: false, dataElementType: 'point' };

  override update(): void {
    // There are no elements to bring up to date.
  }

  override draw(): void {
    const { chart } = this;
    // All datasets of a chart of curves hold one.
    const { drawing } = this.getDataset() as unknown as { drawing: Drawing };
    const { ctx } = chart;
    const { left, top, width, height } = chart.chartArea;
    const place = placing(chart, drawing.isLog);
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    const visible = drawing.curves.filter(({ isHidden }) => !isHidden);
    const isPointed = ({ group }: PlotCurve): boolean => group === drawing.pointed;
    const standsOut = visible.some(isPointed);
    // Over the others, which fade.
    const shown = standsOut
      ? [...visible.filter((curve) => !isPointed(curve)), ...visible.filter(isPointed)]
      : visible;
    const strength = (curve: PlotCurve): number => (standsOut && !isPointed(curve) ? 0.2 : 1);
    for (const curve of shown) fillBand(ctx, curve, place, 0.18 * strength(curve));
    if (shown.length > many) drawMany(chart, shown, place, strength);
    else {
      for (const curve of shown)
        if (curve.smooth && !curve.band) draw(ctx, curve, curve.raw, place, 0.33 * strength(curve));
      for (const curve of shown) draw(ctx, curve, curve.smooth ?? curve.raw, place, strength(curve));
    }
    ctx.globalAlpha = 1;
    for (const curve of shown) drawNotFinite(ctx, curve, place, top);
    drawReferences(chart, drawing, place);
    ctx.restore();
    drawMarks(chart, drawing, place);
  }
}

function placing(chart: Chart, isLog: boolean): Placing {
  const { left, right, top, bottom } = chart.chartArea;
  const { x, y } = chart.scales as { x: Scale; y: Scale };
  const [low, high] = isLog ? [Math.log10(y.min), Math.log10(y.max)] : [y.min, y.max];
  const xScale = (right - left) / (x.max - x.min);
  const yScale = (top - bottom) / (high - low);
  return { xScale, xOffset: left - x.min * xScale, yScale, yOffset: bottom - low * yScale, isLog };
}

/** A line, or bars where a line would be nothing else. */
function draw(
  ctx: CanvasRenderingContext2D,
  curve: PlotCurve,
  points: Decimated,
  place: Placing,
  opacity: number,
): void {
  const lineWidth = opacity < 1 ? 1 : 1.6;
  if (!isDense(points, curve.x, place, false)) {
    stroke(ctx, curve, points, place, opacity);
    return;
  }
  ctx.globalAlpha = opacity;
  ctx.fillStyle = curve.colour;
  barsOf(points, curve.x, place, curve.dash, (column, high, low) =>
    ctx.fillRect(column, high, 1, Math.max(lineWidth, low - high)),
  );
  ctx.globalAlpha = 1;
}

function stroke(
  ctx: CanvasRenderingContext2D,
  curve: PlotCurve,
  points: Decimated,
  place: Placing,
  opacity: number,
): void {
  const { x: map } = curve;
  ctx.globalAlpha = opacity;
  ctx.strokeStyle = ctx.fillStyle = curve.colour;
  ctx.lineWidth = opacity < 1 ? 1 : 1.6;
  ctx.lineJoin = 'bevel';
  ctx.setLineDash(curve.dash);
  ctx.beginPath();
  const alone: number[] = [];
  let isOpen = false;
  for (let i = 0; i < points.count; i++) {
    const y = points.y[i]!;
    if (y !== y) {
      isOpen = false;
      continue;
    }
    const px = across(place, points.x[i]! * map.scale + map.offset);
    const py = down(place, y);
    if (isOpen) ctx.lineTo(px, py);
    else ctx.moveTo(px, py);
    const next = i + 1 < points.count ? points.y[i + 1]! : NaN;
    if (!isOpen && next !== next) alone.push(px, py);
    isOpen = true;
  }
  ctx.stroke();
  ctx.setLineDash([]);
  for (let i = 0; i < alone.length; i += 2) dot(ctx, alone[i]!, alone[i + 1]!);
  ctx.globalAlpha = 1;
}

/** What lies between the lowest and the highest seed. */
function fillBand(
  ctx: CanvasRenderingContext2D,
  { band, x: map, colour }: PlotCurve,
  place: Placing,
  opacity: number,
): void {
  if (!band) return;
  const { low, high } = band.drawn;
  ctx.globalAlpha = opacity;
  ctx.fillStyle = colour;
  ctx.beginPath();
  const to = (points: Decimated, i: number): void => {
    const y = points.y[i]!;
    if (y === y) ctx.lineTo(across(place, points.x[i]! * map.scale + map.offset), down(place, y));
  };
  for (let i = 0; i < high.count; i++) to(high, i);
  for (let i = low.count - 1; i >= 0; i--) to(low, i);
  ctx.fill();
  ctx.globalAlpha = 1;
}

/** A point with a gap on both sides: no line reaches it. */
function dot(ctx: CanvasRenderingContext2D, x: number, y: number): void {
  ctx.beginPath();
  ctx.arc(x, y, 3, 0, 2 * Math.PI);
  ctx.fill();
}

/** Values that are not finite stand as small crosses at the top edge, never hidden. */
function drawNotFinite(ctx: CanvasRenderingContext2D, curve: PlotCurve, place: Placing, top: number): void {
  ctx.strokeStyle = curve.colour;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  let last = -Infinity;
  for (const { x } of curve.raw.bad) {
    const px = across(place, x * curve.x.scale + curve.x.offset);
    if (px - last < 3) continue;
    last = px;
    ctx.moveTo(px - 3, top + 2);
    ctx.lineTo(px + 3, top + 8);
    ctx.moveTo(px + 3, top + 2);
    ctx.lineTo(px - 3, top + 8);
  }
  ctx.stroke();
}

/** Signs on the axis itself: skipped steps, checkpoints, resumes, where it diverged, findings. */
function drawMarks(chart: Chart, { marks, theme }: Drawing, place: Placing): void {
  const { ctx, chartArea } = chart;
  ctx.save();
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  for (const mark of marks) {
    const x = across(place, mark.x);
    if (x < chartArea.left - 1 || x > chartArea.right + 1) continue;
    const isBad = mark.kind === 'diverged' || mark.kind === 'failed';
    const isError = isBad || mark.severity === 'error';
    const isWarning = mark.kind === 'skipped' || mark.severity === 'warning';
    ctx.fillStyle = isError ? theme.error : isWarning ? theme.warning : theme.muted;
    ctx.font = `${isBad ? 13 : mark.kind === 'resumed' ? 12 : 9}px ${theme.font}`;
    ctx.fillText(markSigns[mark.kind], x, chartArea.bottom);
  }
  ctx.restore();
}
