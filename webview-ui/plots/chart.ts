import { Chart, LinearScale, LogarithmicScale, PointElement } from 'chart.js';
import type { ChartOptions, Scale } from 'chart.js';
import zoomPlugin from 'chartjs-plugin-zoom';
import { linearTicks, logTicks } from '../../src/analysis/ticks.ts';
import type { NumberText, Tick } from '../../src/analysis/ticks.ts';
import { faded } from '../model/theme.ts';
import { CurveController } from './curve-controller.ts';
import type { Drawing } from './curve-controller.ts';
import { xTicks } from './x-axis.ts';
import type { XAxisName } from './x-axis.ts';

Chart.register(CurveController, LinearScale, LogarithmicScale, PointElement, zoomPlugin);

export interface PlotInput extends Drawing {
  axis: XAxisName;
  x: [number, number];
  y: [number, number];
  /** Zooming out and panning end here. */
  limits: [number, number];
  /** How the numbers of the y axis are written. */
  text: NumberText;
}

/** A plot on a canvas. */
export interface Plot {
  /** Whether it has a size: a new canvas gets one in the next frame. */
  isReady(): boolean;
  draw(input: PlotInput): void;
  /** Draws the same anew with other curves standing out. */
  point(group: string | null): void;
  /** Width of the plot inside its axes, in CSS pixels. */
  width(): number;
  /** Inside the axes, in CSS pixels of the canvas. */
  area(): { left: number; right: number; top: number; bottom: number };
  xAt(pixel: number): number;
  pixelOf(x: number): number;
  pixelOfY(y: number): number;
  dispose(): void;
}

/** Drag selects what to zoom to, shift and drag pans, ctrl or cmd and wheel zooms: the plain wheel goes on scrolling the panel. */
export function createPlot(canvas: HTMLCanvasElement, onRange: (range: [number, number]) => void): Plot {
  const tell = ({ chart: { scales } }: { chart: Chart }): void => {
    const { min, max } = scales['x']!;
    onRange([min, max]);
  };
  const frame = canvas.parentElement!;
  // Asked for when the page is laid out anyway: all plots of a tab are made at once, before any of them is drawn.
  let size = sizeOf(frame.getBoundingClientRect());
  let chart: Chart<'curves'> | null = null;
  let isLog: boolean | null = null;
  // Told by the browser after its own layout: a chart that asks for its size makes the browser lay out the whole page, once for each.
  const observer = new ResizeObserver(([entry]) => {
    const { width, height } = entry!.contentRect;
    if (width === size.width && height === size.height) return;
    size = { width, height };
    chart?.resize(width, height);
  });
  observer.observe(frame);
  return {
    isReady: () => size.width > 0,
    draw(input) {
      const options = chart?.options ?? optionsOf(tell);
      if (isLog !== input.isLog) {
        isLog = input.isLog;
        options.scales!['y'] = yScale(isLog);
      }
      style(options, input);
      if (chart) {
        chart.data.datasets[0]!.drawing = input;
        chart.update('none');
        return;
      }
      // Made with what it shows: an empty one would be laid out and drawn, too.
      Object.assign(canvas, size);
      const datasets = [{ data: [], drawing: input }];
      chart = new Chart(canvas, { type: 'curves', data: { datasets }, options });
    },
    point(group) {
      const drawing = chart?.data.datasets[0]!.drawing;
      if (!chart || !drawing) return;
      drawing.pointed = group;
      chart.draw();
    },
    width: () => chart?.chartArea.width || size.width,
    area: () => chart?.chartArea ?? { left: 0, right: size.width, top: 0, bottom: size.height },
    xAt: (pixel) => chart?.scales['x']!.getValueForPixel(pixel) ?? NaN,
    pixelOf: (x) => chart?.scales['x']!.getPixelForValue(x) ?? NaN,
    pixelOfY: (y) => chart?.scales['y']!.getPixelForValue(y) ?? NaN,
    dispose() {
      observer.disconnect();
      chart?.destroy();
    },
  };
}

const sizeOf = ({ width, height }: DOMRect): { width: number; height: number } => ({ width, height });

function optionsOf(tell: (context: { chart: Chart }) => void): ChartOptions<'curves'> {
  return {
    animation: false,
    parsing: false,
    normalized: true,
    responsive: false,
    maintainAspectRatio: false,
    events: [],
    layout: { padding: { top: 4, right: 10 } },
    scales: { x: { type: 'linear' } },
    plugins: {
      zoom: {
        zoom: {
          mode: 'x',
          wheel: { enabled: true, modifierKey: navigator.platform.startsWith('Mac') ? 'meta' : 'ctrl' },
          pinch: { enabled: true },
          drag: { enabled: true, threshold: 4 },
          onZoom: tell,
        },
        pan: { enabled: true, mode: 'x', modifierKey: 'shift', threshold: 2, onPan: tell },
      },
    },
  };
}

const yScale = (isLog: boolean): object => ({ type: isLog ? 'logarithmic' : 'linear' });

/** Ranges, ticks and the theme's colours: set anew before each drawing, for either may have changed. */
function style(options: ChartOptions<'curves'>, { axis, x, y, limits, isLog, theme, text }: PlotInput): void {
  const common = {
    display: true,
    grid: { color: theme.grid, tickLength: 4 },
    border: { color: theme.isHighContrast ? theme.foreground : faded(theme.foreground, 0.35) },
  };
  const ticks = (make: (scale: Scale) => Tick[]): object => ({
    afterBuildTicks: (scale: Scale) => {
      scale.ticks = make(scale);
    },
  });
  const font = { family: theme.font, size: theme.fontSize - 2 };
  const labels = {
    color: theme.muted,
    font,
    maxRotation: 0,
    autoSkip: false,
    padding: 3,
    callback: (_value: unknown, index: number, all: unknown[]) => (all[index] as Tick).label,
  };
  const scales = options.scales! as Record<string, object>;
  const wide = axis === 'wall' || axis === 'relative' ? 95 : 70;
  Object.assign(scales['x']!, common, {
    min: x[0],
    max: x[1],
    ticks: labels,
    ...ticks((scale) => xTicks(axis, scale.min, scale.max, Math.max(2, (scale.width || 300) / wide))),
  });
  Object.assign(scales['y']!, common, {
    min: y[0],
    max: y[1],
    ticks: labels,
    ...ticks((scale) =>
      (isLog ? logTicks : linearTicks)(scale.min, scale.max, Math.max(2, (scale.height || 150) / 34), text),
    ),
  });
  const zoom = options.plugins!.zoom!;
  zoom.limits = { x: { min: limits[0], max: limits[1], minRange: (limits[1] - limits[0]) * 1e-6 } };
  Object.assign(zoom.zoom!.drag!, {
    backgroundColor: faded(theme.foreground, 0.12),
    borderColor: theme.muted,
    borderWidth: 1,
  });
}
