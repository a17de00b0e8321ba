import { higherIsBetter, shortMetric } from '../../protocol/metrics.ts';
import { shortNumber } from '../../text/numbers.ts';
import { compareValues } from '../compared-settings.ts';
import { settingText } from '../../text/settings.ts';
import type { Setting } from '../compared-settings.ts';
import { sampleOf } from '../student.ts';
import { valuesOf } from '../setting-values.ts';
import { axisOver, pixelOn } from './axes.ts';
import { element, px } from './svg.ts';
import type { SvgNode } from './svg.ts';
import { t } from '../../text/say.ts';

export interface ParallelFigureInput {
  settings: Setting[];
  keys: { key: string; name: string }[];
  metric: string;
  pick: 'best' | 'last';
  width: number;
  height: number;
  /** Colour of a value's place between the worst (0) and the best (1). */
  colourOf: (part: number) => string;
}

/** Parallel coordinates: one upright axis a swept key and one for the metric, one line a setting, the best drawn last and widest. */
export function parallelFigure({
  settings,
  keys,
  metric,
  pick,
  width,
  height,
  colourOf,
}: ParallelFigureInput): SvgNode {
  const [top, bottom] = [40, height - 28];
  const axes = keys.map(({ key, name }) => {
    const sorted = settings.map((setting) => setting.values[key]).sort(compareValues);
    const values = [...new Set(sorted.map(settingText))];
    const place = (text: string): number =>
      values.length > 1
        ? bottom - (values.indexOf(text) / (values.length - 1)) * (bottom - top)
        : (top + bottom) / 2;
    return { key, name, values, place };
  });
  const means = new Map(settings.map((setting) => [setting, sampleOf(valuesOf(setting, metric, pick)).mean]));
  const finite = [...means.values()].filter(Number.isFinite);
  const axis = axisOver(finite, false);
  const toY = pixelOn(axis, bottom, top);
  const [low, high] = finite.length ? [Math.min(...finite), Math.max(...finite)] : [NaN, NaN];
  const goodness = (mean: number): number => {
    const part = high > low ? (mean - low) / (high - low) : 1;
    return higherIsBetter(metric) ? part : 1 - part;
  };
  const gap = (width - 130) / axes.length;
  const left = (index: number): number => px(60 + index * gap);
  // Without a value comes first: the best is drawn over all others.
  const rank = (setting: Setting): number => {
    const part = goodness(means.get(setting)!);
    return Number.isNaN(part) ? -1 : part;
  };
  const ordered = [...settings].sort((a, b) => rank(a) - rank(b));
  const lines = ordered.map((setting, index) => {
    const mean = means.get(setting)!;
    const points = axes.map(
      ({ key, place }, i) => `${left(i)} ${px(place(settingText(setting.values[key])))}`,
    );
    // A setting without a value ends at the top edge: it is never left out.
    points.push(`${left(axes.length)} ${px(Number.isFinite(mean) ? toY(mean) : top - 8)}`);
    const isBest = index === ordered.length - 1 && Number.isFinite(mean);
    return element(
      'path',
      {
        d: `M${points.join('L')}`,
        fill: 'none',
        stroke: Number.isFinite(mean) ? colourOf(goodness(mean)) : 'currentColor',
        'stroke-width': isBest ? 3 : 1.5,
        ...(Number.isFinite(mean) ? {} : { 'stroke-dasharray': '2 3' }),
      },
      element(
        'title',
        {},
        `${setting.label}: ${Number.isFinite(mean) ? shortNumber(mean) : t('diverged or no value')}`,
      ),
    );
  });
  const upright = (x: number): SvgNode =>
    element('line', { class: 'figure-axis', x1: x, x2: x, y1: top, y2: bottom });
  return element(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-label': t(
        '{0} settings of {1} against {2}',
        settings.length,
        keys.map(({ name }) => name).join(', '),
        metric,
      ),
    },
    ...lines,
    ...axes.flatMap(({ name, values, place }, i) => [
      upright(left(i)),
      element('text', { class: 'figure-name', x: left(i), y: 16, 'text-anchor': 'middle' }, name),
      ...values.map((text) =>
        element(
          'text',
          {
            class: 'figure-number figure-over',
            x: left(i) - 6,
            y: px(place(text) + 4),
            'text-anchor': 'end',
          },
          text,
        ),
      ),
    ]),
    upright(left(axes.length)),
    element(
      'text',
      { class: 'figure-name', x: left(axes.length), y: 16, 'text-anchor': 'middle' },
      shortMetric(metric),
    ),
    ...[...new Set([low, high])]
      .filter(Number.isFinite)
      .map((value) =>
        element(
          'text',
          { class: 'figure-number', x: left(axes.length) + 6, y: px(toY(value) + 4) },
          shortNumber(value),
        ),
      ),
  );
}
