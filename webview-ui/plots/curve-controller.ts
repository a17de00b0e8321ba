import { DatasetController } from 'chart.js';
import type {
  CartesianScaleTypeRegistry,
  Chart,
  ControllerDatasetOptions,
  CoreChartOptions,
  Scale,
} from 'chart.js';
import type { Decimated } from '../../src/analysis/decimate.ts';
import { faded } from '../model/theme.ts';
import type { Theme } from '../model/theme.ts';
import type { PlotCurve } from './curves.ts';
import { markSigns } from './marks.ts';
import type { PlacedMark } from './marks.ts';

/** All that a card draws inside its axes. */
export interface Drawing {
  curves: PlotCurve[];
  marks: PlacedMark[];
  reference: { value: number; text: string } | null;
  theme: Theme;
  isLog: boolean;
}

declare module 'chart.js' {
  interface ChartTypeRegistry {
    curves: {
      chartOptions: CoreChartOptions<'curves'>;
      datasetOptions: ControllerDatasetOptions;
      defaultDataPoint: never;
      metaExtensions: object;
      parsedDataType: never;
      scales: keyof CartesianScaleTypeRegistry;
    };
  }
}

const drawings = new WeakMap<Chart, Drawing>();

/** What the chart's next `update` draws. */
export const setDrawing = (chart: Chart, drawing: Drawing): unknown => drawings.set(chart, drawing);

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
    const drawing = drawings.get(chart);
    if (!drawing) return;
    const { ctx } = chart;
    const { left, top, width, height } = chart.chartArea;
    const place = placing(chart, drawing.isLog);
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    // A third of the opacity, less where many lie over each other.
    const behind = drawing.curves.length > 10 ? 0.12 : 0.33;
    for (const curve of drawing.curves)
      if (!curve.isHidden && curve.smooth) stroke(ctx, curve, curve.raw, place, behind);
    for (const curve of drawing.curves)
      if (!curve.isHidden) stroke(ctx, curve, curve.smooth ?? curve.raw, place, 1);
    for (const curve of drawing.curves) if (!curve.isHidden) drawNotFinite(ctx, curve, place, top);
    drawReference(chart, drawing, place);
    ctx.restore();
    drawMarks(chart, drawing, place);
  }
}

/** Pixels of a value: `px = x * xScale + xOffset`, `py = f(y) * yScale + yOffset` with f the logarithm on a log axis. */
interface Placing {
  xScale: number;
  xOffset: number;
  yScale: number;
  yOffset: number;
  isLog: boolean;
}

function placing(chart: Chart, isLog: boolean): Placing {
  const { left, right, top, bottom } = chart.chartArea;
  const { x, y } = chart.scales as { x: Scale; y: Scale };
  const [low, high] = isLog ? [Math.log10(y.min), Math.log10(y.max)] : [y.min, y.max];
  const xScale = (right - left) / (x.max - x.min);
  const yScale = (top - bottom) / (high - low);
  return { xScale, xOffset: left - x.min * xScale, yScale, yOffset: bottom - low * yScale, isLog };
}

const across = (place: Placing, x: number): number => x * place.xScale + place.xOffset;
const down = (place: Placing, y: number): number =>
  (place.isLog ? Math.log10(y) : y) * place.yScale + place.yOffset;

function stroke(
  ctx: CanvasRenderingContext2D,
  curve: PlotCurve,
  points: Decimated,
  place: Placing,
  opacity: number,
): void {
  const { x: map } = curve;
  ctx.globalAlpha = opacity;
  if (drawAsBars(ctx, curve, points, place, opacity < 1 ? 1 : 1.6)) return;
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

/**
 * Draws a dense, noisy curve as one upright bar a pixel column, from its lowest to its highest point there: what the line would cover,
 * at a tenth of the cost of stroking it. False for curves that are neither (their line is drawn), and for dashed ones.
 */
function drawAsBars(
  ctx: CanvasRenderingContext2D,
  curve: PlotCurve,
  { x, y, count }: Decimated,
  place: Placing,
  lineWidth: number,
): boolean {
  if (curve.dash.length || count < 300) return false;
  const { scale, offset } = curve.x;
  let travel = 0;
  let columns = 1;
  const first = Math.floor(across(place, x[0]! * scale + offset));
  const last = Math.floor(across(place, x[count - 1]! * scale + offset));
  columns = Math.max(1, last - first);
  for (let i = 1; i < count; i++) {
    const step = Math.abs(down(place, y[i]!) - down(place, y[i - 1]!));
    if (step === step) travel += step;
  }
  if (count < 1.4 * columns || travel < 6 * columns) return false;
  ctx.fillStyle = curve.colour;
  let column = NaN;
  let low = 0;
  let high = 0;
  let before = NaN;
  const flush = (): void => {
    if (column === column) ctx.fillRect(column, high, 1, Math.max(lineWidth, low - high));
  };
  for (let i = 0; i < count; i++) {
    const value = y[i]!;
    if (value !== value) {
      before = NaN;
      continue;
    }
    const at = Math.floor(across(place, x[i]! * scale + offset));
    const py = down(place, value);
    if (at !== column) {
      flush();
      column = at;
      // Reaches to where the column before ended, so that the curve does not fall apart.
      low = before === before ? Math.max(py, before) : py;
      high = before === before ? Math.min(py, before) : py;
    } else {
      if (py > low) low = py;
      if (py < high) high = py;
    }
    before = py;
  }
  flush();
  ctx.globalAlpha = 1;
  return true;
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

function drawReference(chart: Chart, { reference, theme }: Drawing, place: Placing): void {
  if (!reference) return;
  const { ctx, chartArea } = chart;
  const y = down(place, reference.value);
  if (!(y >= chartArea.top && y <= chartArea.bottom)) return;
  ctx.strokeStyle = faded(theme.foreground, 0.7);
  ctx.lineWidth = 1;
  ctx.setLineDash([2, 3]);
  ctx.beginPath();
  ctx.moveTo(chartArea.left, y);
  ctx.lineTo(chartArea.right, y);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.font = `${theme.fontSize - 2}px ${theme.font}`;
  ctx.textAlign = 'right';
  const isHigh = y < chartArea.top + theme.fontSize + 4;
  ctx.textBaseline = isHigh ? 'top' : 'bottom';
  // A rim in the background's colour keeps the words legible over curves.
  ctx.strokeStyle = theme.background;
  ctx.lineWidth = 4;
  ctx.lineJoin = 'round';
  const at: [number, number] = [chartArea.right - 4, isHigh ? y + 3 : y - 3];
  ctx.strokeText(reference.text, ...at);
  ctx.fillStyle = theme.foreground;
  ctx.fillText(reference.text, ...at);
}

/** Signs on the axis itself: skipped steps, checkpoints, resumes, where it diverged. */
function drawMarks(chart: Chart, { marks, theme }: Drawing, place: Placing): void {
  const { ctx, chartArea } = chart;
  ctx.save();
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  for (const mark of marks) {
    const x = across(place, mark.x);
    if (x < chartArea.left - 1 || x > chartArea.right + 1) continue;
    const isBad = mark.kind === 'diverged' || mark.kind === 'failed';
    ctx.fillStyle = isBad ? theme.error : mark.kind === 'skipped' ? theme.warning : theme.muted;
    ctx.font = `${isBad ? 13 : mark.kind === 'resumed' ? 12 : 9}px ${theme.font}`;
    ctx.fillText(markSigns[mark.kind], x, chartArea.bottom);
  }
  ctx.restore();
}
