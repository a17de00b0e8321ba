import { linearTicks, logTicks } from '../ticks.ts';
import type { NumberText, Tick } from '../ticks.ts';
import { shortened } from '../../text/words.ts';
import { element, px } from './svg.ts';
import type { SvgNode } from './svg.ts';

/** A figure's place inside its axes, in its own pixels. */
export interface Area {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface FigureAxis {
  min: number;
  max: number;
  isLog: boolean;
  /** Instead of round numbers. */
  ticks?: Tick[];
  /** How its numbers are written; `shortNumber` when absent. */
  text?: NumberText;
}

/** Pixel of a value on an axis that runs from pixel `from` to pixel `to`. */
export function pixelOn(
  { min, max, isLog }: FigureAxis,
  from: number,
  to: number,
): (value: number) => number {
  const place = isLog ? Math.log : (value: number): number => value;
  const [low, high] = [place(min), place(max)];
  return (value) => from + ((place(value) - low) / (high - low || 1)) * (to - from);
}

/** Grid, numbers and names of both axes. */
export function axesOf(x: FigureAxis, y: FigureAxis, area: Area, names: { x: string; y: string }): SvgNode {
  const { left, right, top, bottom } = area;
  const toX = pixelOn(x, left, right);
  const toY = pixelOn(y, bottom, top);
  const xTicks = x.ticks ?? ticksOf(x, (right - left) / 70);
  const yTicks = y.ticks ?? ticksOf(y, (bottom - top) / 36);
  const line = (x1: number, y1: number, x2: number, y2: number, kind: string): SvgNode =>
    element('line', { class: `figure-${kind}`, x1: px(x1), y1: px(y1), x2: px(x2), y2: px(y2) });
  return element(
    'g',
    {},
    ...yTicks.map(({ value }) => line(left, toY(value), right, toY(value), 'grid')),
    ...xTicks.map(({ value }) => line(toX(value), top, toX(value), bottom, 'grid')),
    line(left, bottom, right, bottom, 'axis'),
    line(left, top, left, bottom, 'axis'),
    ...yTicks.map(({ value, label }) =>
      element(
        'text',
        { class: 'figure-number', x: left - 6, y: px(toY(value) + 4), 'text-anchor': 'end' },
        label,
      ),
    ),
    ...spaced(xTicks.map(({ value, label }) => ({ x: toX(value), label }))).map(({ x: at, label, whole }) =>
      element(
        'text',
        { class: 'figure-number', x: px(at), y: bottom + 16, 'text-anchor': 'middle' },
        label,
        ...(whole === label ? [] : [element('title', {}, whole)]),
      ),
    ),
    element('text', { class: 'figure-name', x: right, y: bottom + 32, 'text-anchor': 'end' }, names.x),
    element('text', { class: 'figure-name', x: 4, y: top - 8 }, names.y),
  );
}

/** Of a figure's numbers, at 11 px; a little more than most letters take. */
const letterWidth = 6.3;
const gap = 6;

/** Labels that do not touch: words are shortened to the room between them, and what still has none is left out. */
function spaced(ticks: { x: number; label: string }[]): { x: number; label: string; whole: string }[] {
  const inOrder = [...ticks].sort((a, b) => a.x - b.x);
  const room = Math.min(...inOrder.slice(1).map(({ x }, i) => x - inOrder[i]!.x));
  const letters = Math.max(4, Math.floor((room - gap) / letterWidth));
  let end = -Infinity;
  return inOrder.flatMap(({ x, label: whole }) => {
    // A number that is cut is another number.
    const label = /^[-−\d.]/.test(whole) ? whole : shortened(whole, letters);
    const half = (label.length * letterWidth) / 2;
    if (x - half < end + gap) return [];
    end = x + half;
    return [{ x, label, whole }];
  });
}

const ticksOf = ({ min, max, isLog, text }: FigureAxis, target: number): Tick[] =>
  (isLog ? logTicks : linearTicks)(min, max, Math.max(2, Math.floor(target)), text);

/** The axis over some values with a little room at both ends; a single value gets room around it. */
export function axisOver(values: number[], isLog: boolean, room = 0.06): FigureAxis {
  const fit = values.filter((value) => Number.isFinite(value) && !(isLog && value <= 0));
  if (!fit.length) return { min: isLog ? 0.1 : 0, max: isLog ? 10 : 1, isLog };
  const min = fit.reduce((a, b) => Math.min(a, b));
  const max = fit.reduce((a, b) => Math.max(a, b));
  if (isLog) {
    const factor = max > min ? (max / min) ** room : 2;
    return { min: min / factor, max: max * factor, isLog };
  }
  const span = max > min ? (max - min) * room : Math.abs(max) * 0.1 || 0.5;
  return { min: min >= 0 && min - span < 0 ? 0 : min - span, max: max + span, isLog };
}
