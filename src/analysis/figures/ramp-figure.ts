import { shortNumber } from '../../text/numbers.ts';
import { t } from '../../text/say.ts';
import type { RateCurve } from '../rate-finder.ts';
import { axesOf, axisOver, pixelOn, type Area } from './axes.ts';
import { element, px, type SvgNode } from './svg.ts';

/** The losses of a ramp against its rates, smoothed and as they are, with both suggestions and the range in which the curve says little. */
export function rampFigure(curve: RateCurve, width: number, height: number, colour: string): SvgNode {
  const { points, smoothed, steepest, tenth, quietUntil } = curve;
  const rates = points.map(({ rate }) => rate);
  const x = axisOver(rates, true, 0.02);
  // A loss that runs away would press the rest flat.
  const lowest = Math.min(...smoothed);
  const highest = Math.max(...smoothed.slice(0, Math.ceil(smoothed.length / 2)));
  const y = axisOver([lowest, highest + (highest - lowest) / 2], false);
  const area: Area = { left: 56, right: width - 12, top: 26, bottom: height - 40 };
  const toX = pixelOn(x, area.left, area.right);
  const toY = pixelOn(y, area.bottom, area.top);
  const inside = (loss: number): number => px(Math.max(area.top, Math.min(area.bottom, toY(loss))));
  const path = (losses: readonly number[]): string =>
    losses.map((loss, at) => `${at ? 'L' : 'M'}${px(toX(rates[at]!))} ${inside(loss)}`).join('');
  const mark = (rate: number, name: string, line: number): SvgNode =>
    element(
      'g',
      { stroke: colour },
      element('line', {
        x1: px(toX(rate)),
        x2: px(toX(rate)),
        y1: area.top,
        y2: area.bottom,
        'stroke-dasharray': '4 3',
      }),
      element(
        'text',
        { class: 'figure-number', x: px(toX(rate) + 4), y: area.top + 12 + 14 * line, stroke: 'none' },
        `${name} ${shortNumber(rate)}`,
      ),
    );
  return element(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-label': t('Loss against the learning rate'),
    },
    ...(quietUntil === null
      ? []
      : [
          element('rect', {
            x: area.left,
            y: area.top,
            width: px(Math.max(0, toX(quietUntil) - area.left)),
            height: area.bottom - area.top,
            fill: colour,
            opacity: 0.1,
          }),
        ]),
    axesOf(x, y, area, { x: t('learning rate'), y: t('loss') }),
    element('path', { d: path(points.map(({ loss }) => loss)), fill: 'none', stroke: colour, opacity: 0.35 }),
    element('path', { d: path(smoothed), fill: 'none', stroke: colour, 'stroke-width': 1.8 }),
    ...(steepest === null ? [] : [mark(steepest, t('steepest'), 0)]),
    ...(tenth === null ? [] : [mark(tenth, t('a tenth of the minimum'), 1)]),
  );
}
