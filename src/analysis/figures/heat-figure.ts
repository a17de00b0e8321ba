import { contrastOf, scaleColour } from '../colours.ts';
import { higherIsBetter, shortMetric } from '../../protocol/metrics.ts';
import { measured } from '../../text/numbers.ts';
import { compareValues } from '../compared-settings.ts';
import { settingText } from '../../text/settings.ts';
import type { Setting } from '../compared-settings.ts';
import { sampleOf } from '../student.ts';
import { valuesOf } from '../setting-values.ts';
import { element, px } from './svg.ts';
import type { SvgNode } from './svg.ts';
import { t } from '../../text/say.ts';
import { plural } from '../../text/words.ts';

export interface HeatFigureInput {
  settings: Setting[];
  /** Swept keys across and up, and their names for people. */
  x: { key: string; name: string };
  y: { key: string; name: string };
  metric: string;
  pick: 'best' | 'last';
  width: number;
  height: number;
}

/** Mean of a metric by two swept keys: brighter is better; the number stands in the cell, the best cell is framed, ✖ is diverged, dashes were not tried. */
export function heatFigure({ settings, x, y, metric, pick, width, height }: HeatFigureInput): SvgNode {
  const columns = distinct(settings, x.key);
  const rows = distinct(settings, y.key).reverse();
  const cells = settings.map((setting) => ({ setting, sample: sampleOf(valuesOf(setting, metric, pick)) }));
  const means = cells.map(({ sample }) => sample.mean).filter(Number.isFinite);
  const [low, high] = means.length ? [Math.min(...means), Math.max(...means)] : [NaN, NaN];
  const higher = higherIsBetter(metric);
  const best = higher ? high : low;
  const area = { left: 64, right: width - 8, top: 34, bottom: height - 40 };
  const cellWidth = (area.right - area.left) / columns.length;
  const cellHeight = (area.bottom - area.top) / rows.length;
  const find = (column: string, row: string): (typeof cells)[number] | undefined =>
    cells.find(
      ({ setting }) =>
        settingText(setting.values[x.key]) === column && settingText(setting.values[y.key]) === row,
    );
  const drawn = rows.flatMap((row, j) =>
    columns.flatMap((column, i) => {
      const cell = find(column, row);
      const left = px(area.left + i * cellWidth);
      const top = px(area.top + j * cellHeight);
      const box = {
        x: left + 2,
        y: top + 2,
        width: px(cellWidth - 4),
        height: px(cellHeight - 4),
        rx: 2,
      };
      const middle = {
        x: px(left + cellWidth / 2),
        y: px(top + cellHeight / 2 + 4),
        'text-anchor': 'middle',
      };
      if (!cell)
        return [
          element('rect', { class: 'figure-cell', ...box, fill: 'none', 'stroke-dasharray': '3 3' }),
          element('text', { class: 'figure-number', ...middle }, t('not tried')),
        ];
      const { mean, spread, count } = cell.sample;
      const part = high > low ? (mean - low) / (high - low) : 1;
      const fill = count ? scaleColour(0.1 + 0.85 * (higher ? part : 1 - part)) : 'none';
      const diverged = cell.setting.runs.filter((run) => run.status === 'diverged').length;
      const text = count
        ? measured(mean, count > 1 ? spread : null) + (diverged ? ' ✖' : '')
        : diverged
          ? `✖ ${t('diverged')}`
          : t('no value');
      const ink = count
        ? contrastOf(fill, '#000000') > contrastOf(fill, '#ffffff')
          ? '#000000'
          : '#ffffff'
        : null;
      const isBest = count > 0 && mean === best;
      return [
        element(
          'rect',
          {
            class: isBest ? 'figure-best' : 'figure-cell',
            ...box,
            fill,
          },
          element(
            'title',
            {},
            t('{0}: {1}, {2}', cell.setting.label, text, plural(count, '{0} seed', '{0} seeds')),
          ),
        ),
        element(
          'text',
          {
            class: ink ? 'figure-value' : 'figure-name',
            ...middle,
            ...(ink ? { fill: ink } : {}),
          },
          text,
        ),
      ];
    }),
  );
  const name =
    pick === 'best' ? t('{0} (best, mean)', shortMetric(metric)) : t('{0} (last, mean)', shortMetric(metric));
  return element(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-label': means.length
        ? t(
            '{0} by {1} and {2}, from {3} to {4}',
            name,
            x.name,
            y.name,
            measured(low, null),
            measured(high, null),
          )
        : t('{0} by {1} and {2}', name, x.name, y.name),
    },
    ...drawn,
    ...columns.map((label, i) =>
      element(
        'text',
        {
          class: 'figure-number',
          x: px(area.left + (i + 0.5) * cellWidth),
          y: area.bottom + 16,
          'text-anchor': 'middle',
        },
        label,
      ),
    ),
    ...rows.map((label, j) =>
      element(
        'text',
        {
          class: 'figure-number',
          x: area.left - 6,
          y: px(area.top + (j + 0.5) * cellHeight + 4),
          'text-anchor': 'end',
        },
        label,
      ),
    ),
    element(
      'text',
      { class: 'figure-name', x: area.right, y: area.bottom + 32, 'text-anchor': 'end' },
      x.name,
    ),
    element('text', { class: 'figure-name', x: 4, y: area.top - 8 }, y.name),
    element('text', { class: 'figure-name', x: area.right, y: area.top - 8, 'text-anchor': 'end' }, name),
  );
}

const distinct = (settings: Setting[], key: string): string[] => [
  ...new Set(
    settings
      .map((setting) => setting.values[key])
      .sort(compareValues)
      .map(settingText),
  ),
];
