import type { Chart } from 'chart.js';
import { faded } from '../model/theme.ts';
import { across, down } from './bars.ts';
import type { Placing } from './bars.ts';
import type { Drawing } from './curve-controller.ts';

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The lines that curves are read against (chance, the clip norm), with their words where the fewest curves are and beside each other. */
export function drawReferences(chart: Chart, drawing: Drawing, place: Placing): void {
  const { ctx, chartArea: area } = chart;
  const { theme } = drawing;
  const inView = drawing.references
    .map(({ value, text }) => ({ y: down(place, value), text }))
    .filter(({ y }) => y >= area.top && y <= area.bottom);
  ctx.strokeStyle = faded(theme.foreground, 0.7);
  ctx.lineWidth = 1;
  ctx.setLineDash([2, 3]);
  for (const { y } of inView) {
    ctx.beginPath();
    ctx.moveTo(area.left, Math.round(y) + 0.5);
    ctx.lineTo(area.right, Math.round(y) + 0.5);
    ctx.stroke();
  }
  ctx.setLineDash([]);
  ctx.font = `${theme.fontSize - 2}px ${theme.font}`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  const taken: Box[] = [];
  for (const { y, text } of inView) {
    const width = ctx.measureText(text).width + 8;
    const { box, touched } = freest(drawing, place, area, y, width, theme.fontSize + 2, taken);
    if (touched || inView.length > 1) {
      ctx.fillStyle = faded(theme.background, 0.85);
      ctx.fillRect(box.left, box.top, box.right - box.left, box.bottom - box.top);
    }
    ctx.fillStyle = theme.foreground;
    ctx.fillText(text, box.left + 4, (box.top + box.bottom) / 2 + 0.5);
    taken.push(box);
  }
}

/** The free place nearest to the right end, above the line before below it; where none is free the least covered one. */
function freest(
  drawing: Drawing,
  place: Placing,
  area: Box,
  y: number,
  width: number,
  height: number,
  taken: Box[],
): { box: Box; touched: number } {
  let best: { box: Box; touched: number } | null = null;
  for (const part of [1, 0, 0.5])
    for (const top of [y - height - 1, y + 2]) {
      if (top < area.top || top + height > area.bottom) continue;
      const left = area.left + 4 + part * (area.right - area.left - width - 8);
      const box = { left, right: left + width, top, bottom: top + height };
      const touched = touches(drawing, place, box, area) + overlaps(box, taken);
      if (!best || touched < best.touched) best = { box, touched };
      if (!touched) return best;
    }
  return (
    best ?? { box: { left: area.right - width, right: area.right, top: y, bottom: y + height }, touched: 1 }
  );
}

/** Words over words cannot be read: any other place is better. */
const overlaps = (box: Box, taken: Box[]): number =>
  taken.some(
    ({ left, right, top, bottom }) =>
      box.left < right && left < box.right && box.top < bottom && top < box.bottom,
  )
    ? 1e6
    : 0;

/** How many points and stretches of curves, and crosses at the top edge, lie in the box. */
function touches({ curves }: Drawing, place: Placing, box: Box, area: Box): number {
  let count = 0;
  for (const { isHidden, raw, smooth, x: map } of curves) {
    if (isHidden) continue;
    const { x, y, count: length } = smooth ?? raw;
    let beforeX = NaN;
    let beforeY = NaN;
    for (let i = firstAt(x, length, map, place, box.left - 1); i < length; i++) {
      const px = across(place, x[i]! * map.scale + map.offset);
      const py = down(place, y[i]!);
      // The stretch to this point, by its middle part: exact enough for words.
      const isOver = Math.min(py, beforeY === beforeY ? beforeY : py) <= box.bottom;
      const isUnder = Math.max(py, beforeY === beforeY ? beforeY : py) >= box.top;
      if (px >= box.left && isOver && isUnder && !(beforeX > box.right)) count++;
      if (px > box.right) break;
      beforeX = px;
      beforeY = py;
    }
    if (box.top < area.top + 10)
      for (const bad of raw.bad) {
        const px = across(place, bad.x * map.scale + map.offset);
        if (px > box.left - 4 && px < box.right + 4) count++;
      }
  }
  return count;
}

/** The last point left of a pixel: the line from there may reach into what is right of it. */
function firstAt(
  x: Float64Array,
  length: number,
  map: { scale: number; offset: number },
  place: Placing,
  pixel: number,
): number {
  let [from, to] = [0, length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (across(place, x[middle]! * map.scale + map.offset) < pixel) from = middle + 1;
    else to = middle;
  }
  return Math.max(0, from - 1);
}
