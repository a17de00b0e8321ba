import type { Reference } from '../reference.ts';
import { decimate } from '../decimate.ts';
import { createPyramid, extendPyramid } from '../pyramid.ts';
import { smooth } from '../smoothing.ts';
import type { Series } from '../../protocol/state.ts';
import { axesOf, axisOver, pixelOn } from './axes.ts';
import { element, px } from './svg.ts';
import type { SvgNode } from './svg.ts';
import { t } from '../../text/say.ts';

export interface CurveFigureInput {
  name: string;
  curves: {
    label: string;
    colour: string;
    series: Series;
    dash?: string;
    /** Drawn as it is. */ isExact?: boolean;
  }[];
  isLog: boolean;
  /** Weight of the past; 0: as measured. */
  smoothing: number;
  references: Reference[];
  /** Steps at which something went wrong, in words. */
  marks: { step: number; text: string }[];
  width: number;
  height: number;
}

/** Curves over steps as a still picture: the smoothed line over the measured one, values that are not finite as crosses at the top. */
export function curveFigure(input: CurveFigureInput): SvgNode {
  const { name, curves, isLog, smoothing, references, marks, width, height } = input;
  const area = { left: 52, right: width - 12, top: 26, bottom: height - 40 };
  const filled = curves.filter(({ series }) => series.length > 0);
  const from = Math.min(...filled.map(({ series }) => series.steps[0]!));
  const to = Math.max(...filled.map(({ series }) => series.steps[series.length - 1]!));
  const x = { min: from, max: to > from ? to : from + 1, isLog: false };
  const thinned = filled.map((curve) => {
    const { series } = curve;
    const raw = series.values.subarray(0, series.length);
    const thin = (values: Float64Array): ReturnType<typeof decimate> => {
      const pyramid = createPyramid(isLog);
      extendPyramid(pyramid, values, values.length);
      const buckets = Math.round((area.right - area.left) / 2);
      return decimate({ x: series.steps, y: values, length: series.length, pyramid }, x.min, x.max, buckets);
    };
    const isSmoothed = smoothing > 0 && series.length > 2 && !curve.isExact;
    return { curve, raw: thin(raw), smooth: isSmoothed ? thin(smooth(raw, smoothing, isLog)) : null };
  });
  const values = thinned.flatMap(({ raw }) => [...raw.y.subarray(0, raw.count)]);
  const y = axisOver([...values, ...references.map(({ value }) => value)], isLog);
  const toX = pixelOn(x, area.left, area.right);
  const toY = pixelOn(y, area.bottom, area.top);
  type Thin = (typeof thinned)[number]['raw'];
  const line = ({ curve }: (typeof thinned)[number], points: Thin, opacity: number): SvgNode =>
    element('path', {
      d: pathOf(points, toX, toY),
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
    axesOf(x, y, area, { x: 'step', y: '' }),
    ...thinned.flatMap((each) => (each.smooth ? [line(each, each.raw, 0.33)] : [])),
    ...thinned.map((each) => line(each, each.smooth ?? each.raw, 1)),
    ...thinned.flatMap(({ curve, raw }) =>
      raw.bad
        .slice(0, 100)
        .map(({ x: at, value }) =>
          sign(
            '✕',
            px(toX(at)),
            area.top + 6,
            curve.colour,
            t('{0} is {1} at step {2}', curve.label, value, at),
          ),
        ),
    ),
    ...references.flatMap((reference, index) => [
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
    ...marks.map(({ step, text }) => sign('✖', px(toX(step)), area.bottom + 4, 'currentColor', text)),
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
