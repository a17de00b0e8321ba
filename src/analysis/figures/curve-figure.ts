import type { Reference } from '../reference.ts';
import { decimate } from '../decimate.ts';
import { extendPyramid } from '../pyramid.ts';
import { createPyramid } from '../pyramid-levels.ts';
import { smooth } from '../smoothing.ts';
import type { Series } from '../../protocol/state.ts';
import { axisText } from '../metric-words.ts';
import type { Tick } from '../ticks.ts';
import { exactNumber } from '../../text/numbers.ts';
import { axesOf, axisOver, pixelOn } from './axes.ts';
import type { Area } from './axes.ts';
import { hoverStrips } from './hover-strips.ts';
import type { FigureColumn } from './hover-strips.ts';
import { element, px } from './svg.ts';
import type { SvgNode } from './svg.ts';
import { t } from '../../text/say.ts';

export interface CurveFigureInput {
  name: string;
  curves: {
    label: string;
    metric: string;
    colour: string;
    series: Series;
    dash?: string;
    /** Drawn as it is. */ isExact?: boolean;
    /** Where its points stand; by their steps when absent. */
    at?: FigureColumn;
  }[];
  /** What is along the x axis, and which part of it; all steps when absent. */
  x?: { name: string; range: [number, number]; ticks: Tick[]; text: (x: number) => string };
  /** What is drawn of the y axis; all values when absent. */
  y?: [min: number, max: number];
  /** Said at the top of the y axis. */
  yName: string;
  isLog: boolean;
  /** Weight of the past; 0: as measured. */
  smoothing: number;
  references: Reference[];
  /** Places on the x axis where something went wrong, in words. */
  marks: { x: number; text: string }[];
  width: number;
  height: number;
}

/** Curves over steps as a still picture: the smoothed line over the measured one, values that are not finite as crosses at the top. */
export function curveFigure(input: CurveFigureInput): SvgNode {
  const { name, yName, curves, isLog, smoothing, references, marks, width, height } = input;
  const area = { left: 52, right: width - 12, top: 26, bottom: height - 40 };
  const filled = curves
    .filter(({ series }) => series.length > 0)
    .map((curve) => ({ ...curve, at: curve.at ?? { column: curve.series.steps, scale: 1, offset: 0 } }));
  const [from, to] = input.x?.range ?? [
    Math.min(...filled.map(({ series }) => series.steps[0]!)),
    Math.max(...filled.map(({ series }) => series.steps[series.length - 1]!)),
  ];
  const x = {
    min: from,
    max: to > from ? to : from + 1,
    isLog: false,
    ...(input.x ? { ticks: input.x.ticks } : {}),
  };
  const thinned = filled.map((curve) => {
    const { series, at } = curve;
    const [start, end] = [x.min, x.max].map((place) => (place - at.offset) / at.scale) as [number, number];
    const raw = series.values.subarray(0, series.length);
    const thin = (values: Float64Array): ReturnType<typeof decimate> => {
      const pyramid = createPyramid(isLog);
      extendPyramid(pyramid, values, values.length);
      const buckets = Math.round((area.right - area.left) / 2);
      return decimate({ x: at.column, y: values, length: series.length, pyramid }, start, end, buckets);
    };
    const isSmoothed = smoothing > 0 && series.length > 2 && !curve.isExact;
    return { curve, raw: thin(raw), smooth: isSmoothed ? thin(smooth(raw, smoothing, isLog)) : null };
  });
  const values = thinned.flatMap(({ raw }) => [...raw.y.subarray(0, raw.count)]);
  const y = {
    ...(input.y
      ? { min: input.y[0], max: input.y[1], isLog }
      : axisOver([...values, ...references.map(({ value }) => value)], isLog)),
    text: axisText(curves.map(({ metric }) => metric)),
  };
  const toX = pixelOn(x, area.left, area.right);
  const inView = ({ value }: Reference): boolean => value >= y.min && value <= y.max;
  const toY = pixelOn(y, area.bottom, area.top);
  type Thin = (typeof thinned)[number]['raw'];
  const line = ({ curve }: (typeof thinned)[number], points: Thin, opacity: number): SvgNode =>
    element('path', {
      d: pathOf(points, (place) => toX(place * curve.at.scale + curve.at.offset), toY),
      fill: 'none',
      stroke: curve.colour,
      'stroke-width': opacity < 1 ? 1 : 1.6,
      'stroke-linecap': 'round',
      'stroke-linejoin': 'round',
      'stroke-opacity': opacity,
      ...(curve.dash ? { 'stroke-dasharray': curve.dash } : {}),
    });
  return element(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-label': t(
        '{0} of {1}, steps {2} to {3}',
        name,
        filled.map(({ label }) => label).join(t(', ')),
        x.min,
        x.max,
      ),
    },
    axesOf(x, y, area, { x: input.x?.name ?? t('step'), y: yName }),
    clipTo(area, [
      ...thinned.flatMap((each) => (each.smooth ? [line(each, each.raw, 0.33)] : [])),
      ...thinned.map((each) => line(each, each.smooth ?? each.raw, 1)),
    ]),
    hoverStrips(filled, [x.min, x.max], area, input.x?.text ?? ((step) => t('step {0}', exactNumber(step)))),
    ...thinned.flatMap(({ curve, raw }) =>
      raw.bad
        .slice(0, 100)
        .map(({ x: at, value }) =>
          sign(
            '✕',
            px(toX(at * curve.at.scale + curve.at.offset)),
            area.top + 6,
            curve.colour,
            t('{0} is {1} at step {2}', curve.label, value, at),
          ),
        ),
    ),
    ...references.filter(inView).flatMap((reference, index) => [
      element('line', {
        class: 'figure-reference',
        x1: area.left,
        x2: area.right,
        y1: px(toY(reference.value)),
        y2: px(toY(reference.value)),
      }),
      // Side by side from the right: lines that are near each other would have words over words.
      element(
        'text',
        {
          class: 'figure-name',
          x: px(area.right - 4 - ((area.right - area.left) * (index % 3)) / 3),
          y: px(toY(reference.value) - 4),
          'text-anchor': 'end',
        },
        reference.text,
      ),
    ]),
    ...marks
      .filter(({ x: place }) => place >= x.min && place <= x.max)
      .map(({ x: place, text }) => sign('✖', px(toX(place)), area.bottom + 4, 'currentColor', text)),
  );
}

/** What lies outside the axes is not drawn: a picture of a part of the curves. */
function clipTo({ left, right, top, bottom }: Area, drawn: SvgNode[]): SvgNode {
  return element(
    'svg',
    {
      x: left,
      y: top,
      width: px(right - left),
      height: px(bottom - top),
      viewBox: `${left} ${top} ${px(right - left)} ${px(bottom - top)}`,
    },
    ...drawn,
  );
}

function pathOf(
  points: { x: Float64Array; y: Float64Array; count: number },
  toX: (value: number) => number,
  toY: (value: number) => number,
): string {
  let path = '';
  let isOpen = false;
  for (let i = 0; i < points.count; i++) {
    const value = points.y[i]!;
    if (Number.isNaN(value)) {
      isOpen = false;
      continue;
    }
    // A line of no length has round ends: a point between two gaps is a dot.
    path += `${isOpen ? 'L' : 'M'}${px(toX(points.x[i]!))} ${px(toY(value))}${isOpen ? '' : 'h0'}`;
    isOpen = true;
  }
  return path;
}

const sign = (text: string, x: number, y: number, colour: string, title: string): SvgNode =>
  element(
    'text',
    { class: 'figure-cross', x, y, 'text-anchor': 'middle', fill: colour },
    text,
    element('title', {}, title),
  );
