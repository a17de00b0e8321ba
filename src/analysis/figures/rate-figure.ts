import { shortMetric } from '../../protocol/metrics.ts';
import { exactNumber, shortNumber } from '../../text/numbers.ts';
import { settingText, settingsText } from '../../text/settings.ts';
import type { Setting } from '../compared-settings.ts';
import { sampleOf } from '../student.ts';
import { chanceOf, valuesOf } from '../setting-values.ts';
import { axesOf, axisOver, pixelOn } from './axes.ts';
import type { Area, FigureAxis } from './axes.ts';
import { element, px } from './svg.ts';
import type { SvgNode } from './svg.ts';
import { t } from '../../text/say.ts';

export interface RateFigureInput {
  settings: Setting[];
  /** The swept key along the x axis. */
  key: string;
  /** Its name for people. */
  keyName: string;
  metric: string;
  pick: 'best' | 'last';
  width: number;
  height: number;
  /** Colour of the line that joins settings alike in all other keys; `place` counts them from 0. */
  colourOf: (place: number, count: number) => string;
}

/** The other keys' values that a line is for, in the order of the colours. */
export function linesOf(settings: Setting[], key: string): { name: string; settings: Setting[] }[] {
  const lines = new Map<string, Setting[]>();
  for (const setting of settings) {
    const name = settingsText(
      setting.values,
      Object.keys(setting.values).filter((other) => other !== key),
    );
    lines.set(name, [...(lines.get(name) ?? []), setting]);
  }
  return [...lines].map(([name, members]) => ({ name, settings: members }));
}

/**
 * A metric against one swept key: a dot a seed, a line through the means, a bar from the lowest to the highest seed; runs that
 * diverged stand at the top edge. Positive numbers more than tenfold apart get a log axis.
 */
export function rateFigure(input: RateFigureInput): SvgNode {
  const { settings, key, keyName, metric, pick, width, height, colourOf } = input;
  const area = { left: 52, right: width - 12, top: 34, bottom: height - 40 };
  const xOf = placesOf(settings, key);
  const x = xOf.axis;
  const values = settings.flatMap((setting) => valuesOf(setting, metric, pick));
  const chance = chanceOf(settings, metric)?.mean;
  const y = axisOver(chance === undefined ? values : [...values, chance], false, 0.1);
  const toX = pixelOn(x, area.left, area.right);
  const toY = pixelOn(y, area.bottom, area.top);
  const lines = linesOf(settings, key);
  const dots = settings.flatMap((setting) =>
    valuesOf(setting, metric, pick).map((value) => ({
      x: toX(xOf.place(setting.values[key])),
      y: toY(value),
    })),
  );
  // Crosses of lines that diverged at one place stand under each other.
  const crosses = new Map<unknown, number>();
  const drawn = lines.map((line, place) => {
    const colour = colourOf(place, lines.length);
    // Lines of other settings stand a little apart, so that equal values do not cover each other.
    const shift = lines.length > 1 ? ((place - (lines.length - 1) / 2) * 14) / lines.length : 0;
    const at = (setting: Setting): number => px(toX(xOf.place(setting.values[key])) + shift);
    const means = line.settings
      .map((setting) => ({ setting, own: valuesOf(setting, metric, pick) }))
      .filter(({ own }) => own.length);
    const path = means.map(
      ({ setting, own }, i) => `${i ? 'L' : 'M'}${at(setting)} ${px(toY(sampleOf(own).mean))}`,
    );
    return element(
      'g',
      { stroke: colour, fill: colour },
      element('path', { d: path.join(''), fill: 'none', 'stroke-width': 1.8 }),
      ...means.flatMap(({ setting, own }) => [
        element('line', {
          x1: at(setting),
          x2: at(setting),
          y1: px(toY(Math.min(...own))),
          y2: px(toY(Math.max(...own))),
          'stroke-width': 1.2,
        }),
        ...own.map((value) =>
          element(
            'circle',
            { cx: at(setting), cy: px(toY(value)), r: 3, stroke: 'none' },
            element('title', {}, `${setting.label}: ${exactNumber(value)}`),
          ),
        ),
      ]),
      ...line.settings.flatMap((setting) => {
        const diverged = setting.runs.filter((run) => run.status === 'diverged').length;
        if (!diverged) return [];
        const before = crosses.get(setting.values[key]) ?? 0;
        crosses.set(setting.values[key], before + 1);
        return [
          cross(at(setting), area.top + 2 + 12 * before, t('{0}: {1} diverged', setting.label, diverged)),
        ];
      }),
    );
  });
  const name = pick === 'best' ? t('{0} (best)', shortMetric(metric)) : t('{0} (last)', shortMetric(metric));
  return element(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-label': t(
        '{0} against {1}, {2} lines, from {3} to {4}',
        name,
        keyName,
        lines.length,
        shortNumber(y.min),
        shortNumber(y.max),
      ),
    },
    axesOf(x, y, area, { x: keyName, y: name }),
    ...(chance === undefined ? [] : chanceLine(px(toY(chance)), area, dots)),
    ...drawn,
  );
}

/** What guessing gives of the metric. Its name stands at the right end, or at the left one where a dot is in its way. */
function chanceLine(y: number, { left, right }: Area, dots: { x: number; y: number }[]): SvgNode[] {
  const isTaken = dots.some((dot) => dot.x > right - 56 && dot.y > y - 18 && dot.y < y + 4);
  const label = isTaken ? { x: left + 4 } : { x: right - 4, 'text-anchor': 'end' };
  return [
    element('line', {
      class: 'figure-axis',
      x1: left,
      x2: right,
      y1: y,
      y2: y,
      'stroke-dasharray': '2 3',
    }),
    element('text', { class: 'figure-number', ...label, y: y - 4 }, t('chance')),
  ];
}

function cross(x: number, y: number, title: string): SvgNode {
  return element(
    'text',
    { class: 'figure-cross', x, y: y + 4, 'text-anchor': 'middle', stroke: 'none' },
    '✖',
    element('title', {}, title),
  );
}

interface Places {
  axis: FigureAxis;
  place: (value: unknown) => number;
}

/** Numbers stand where they are, on a log axis when far apart; words stand side by side. */
function placesOf(settings: Setting[], key: string): Places {
  const values = settings.map((setting) => setting.values[key]);
  const numbers = values.filter((value): value is number => typeof value === 'number');
  if (numbers.length === values.length) {
    const min = Math.min(...numbers);
    const isLog = min > 0 && Math.max(...numbers) / min >= 8;
    const axis = axisOver(numbers, isLog, 0.12);
    const ticks = [...new Set(numbers)].map((value) => ({ value, label: settingText(value) }));
    return { axis: ticks.length <= 6 ? { ...axis, ticks } : axis, place: (value) => value as number };
  }
  const words = [...new Set(values.map(settingText))];
  const ticks = words.map((label, value) => ({ value, label }));
  return {
    axis: { min: -0.5, max: words.length - 0.5, isLog: false, ticks },
    place: (value) => words.indexOf(settingText(value)),
  };
}
