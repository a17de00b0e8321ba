import type { ComponentChildren, VNode } from 'preact';
import { effect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { exactText, valueText } from '../../src/analysis/metric-words.ts';
import type { Plot } from './chart.ts';
import type { PlotCurve } from './curves.ts';
import { useTab } from '../model/tab-view.ts';
import { Swatch } from './legend.tsx';
import { placeOf } from './track.ts';
import type { PlacedMark } from './marks.ts';
import { cursorX, maximised, plotSettings, pointed, xRange } from './plot-settings.ts';
import { xWords } from './x-axis.ts';
import { t } from '../../src/text/say.ts';

interface CrosshairProps {
  plot: { readonly current: Plot | null };
  extent: [number, number];
  marks: PlacedMark[];
  curves: PlotCurve[];
  children: ComponentChildren;
}

/**
 * The pointer's place, shown in all plots at once; a line over the canvas, so that moving it draws nothing anew.
 * Keys: arrows move it, shift and arrows pan, + and - zoom, 0 shows all, Escape leaves.
 */
export function Crosshair({ plot: made, extent, marks, curves, children }: CrosshairProps): VNode {
  const line = useRef<HTMLDivElement>(null);
  const [markText, setMarkText] = useState('');
  const [near, setNear] = useState<Near | null>(null);
  const [spoken, setSpoken] = useState('');
  const { axis } = plotSettings.value;
  const { isSeen } = useTab();
  useEffect(() => {
    // Not a render: the signal moves one element's style.
    return effect(() => {
      const x = cursorX.value;
      const element = line.current;
      const plot = made.current;
      const area = isSeen.value ? plot?.area() : null;
      if (!element || !plot || !area) return;
      const left = x === null ? NaN : plot.pixelOf(x);
      const isShown = left >= area.left - 1 && left <= area.right + 1;
      element.hidden = !isShown;
      if (!isShown) return;
      element.style.transform = `translateX(${Math.round(left)}px)`;
      element.style.top = `${area.top}px`;
      element.style.height = `${area.bottom - area.top}px`;
    });
  }, []);

  const range = (): [number, number] => xRange.value ?? extent;
  const onMove = (event: MouseEvent): void => {
    const plot = made.current;
    const area = plot?.area();
    if (!plot || !area) return;
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const px = event.clientX - box.left;
    const isInside = px >= area.left && px <= area.right;
    moveCursor(isInside ? plot.xAt(px) : null);
    const found = isInside ? nearest(plot, curves, plot.xAt(px), event.clientY - box.top) : [];
    const [first] = found;
    const closest = first && first.distance <= reach ? first.curve.group : null;
    pointed.value = closest;
    const isOneRun = curves.every(({ run }) => run === curves[0]!.run);
    setNear(
      found.length && !isOneRun
        ? { words: xWords(axis, plot.xAt(px)), rows: found, isLeft: px > box.width / 2 }
        : null,
    );
    const isAtAxis = event.clientY - box.top > area.bottom - 12;
    setMarkText(isAtAxis ? textNear(marks, plot, px) : '');
  };
  const say = (x: number): void => {
    const values = curves
      .filter(({ isHidden }) => !isHidden)
      .slice(0, 6)
      .map(
        (curve) =>
          `${curve.label} ${exactText(curve.metric, curve.track.series.values[placeOf(curve, x)] ?? NaN)}`,
      );
    const near = marks.filter((mark) => Math.abs(mark.x - x) <= (range()[1] - range()[0]) / 200);
    setSpoken([xWords(axis, x), ...values, ...near.slice(0, 3).map(({ text }) => text)].join(t(', ')));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const [from, to] = range();
    const span = to - from;
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by && event.shiftKey) pan(extent, range(), by * span * 0.2);
    else if (by) {
      const x = Math.min(to, Math.max(from, (cursorX.value ?? (from + to) / 2) + (by * span) / 100));
      cursorX.value = x;
      say(x);
    } else if (event.key === '+' || event.key === '=') zoom(extent, range(), 0.7);
    else if (event.key === '-') zoom(extent, range(), 1 / 0.7);
    else if (event.key === '0') xRange.value = null;
    else if (event.key === 'Escape') {
      cursorX.value = null;
      maximised.value = null;
    } else return;
    event.preventDefault();
  };
  return (
    <div
      class="plot"
      tabIndex={0}
      role="group"
      aria-label={t('Plot. Arrow keys read values, shift and arrows pan, plus and minus zoom, 0 shows all.')}
      onMouseMove={onMove}
      onMouseLeave={() => {
        moveCursor(null);
        setMarkText('');
        setNear(null);
        pointed.value = null;
      }}
      onDblClick={() => (xRange.value = null)}
      onKeyDown={onKeyDown}
    >
      {children}
      <div class="crosshair" ref={line} hidden />
      {near && <NearValues {...near} />}
      {markText && <div class="mark-text">{markText}</div>}
      <div class="sr-only" aria-live="polite">
        {spoken}
      </div>
    </div>
  );
}

/** How near the pointer must be to a line that stands out, in CSS pixels. */
const reach = 12;
const mostRows = 10;

interface NearCurve {
  curve: PlotCurve;
  value: number;
  /** To the pointer, up or down, in CSS pixels. */
  distance: number;
}

interface Near {
  words: string;
  rows: NearCurve[];
  /** The pointer is in the right half: the box stands in the left one. */
  isLeft: boolean;
}

/** The curves' values at `x`, those nearest to the pointer first. */
function nearest(plot: Plot, curves: PlotCurve[], x: number, py: number): NearCurve[] {
  return curves
    .filter(({ isHidden }) => !isHidden)
    .flatMap((curve) => {
      const place = placeOf(curve, x);
      const value = curve.track.series.values[place];
      if (value === undefined) return [];
      const drawn = curve.smooth ? curve.track.smoothedAt(place) : value;
      const distance = Math.abs(plot.pixelOfY(drawn) - py);
      return { curve, value, distance: Number.isNaN(distance) ? Infinity : distance };
    })
    .sort((a, b) => a.distance - b.distance || 0);
}

/** Step, and each run's value, nearest first. The legend and the spoken text say the same: a screen reader passes it over. */
const NearValues = ({ words, rows, isLeft }: Near): VNode => (
  <div class={`near-values ${isLeft ? 'left' : ''}`} aria-hidden="true">
    <span class="muted">{words}</span>
    {rows.slice(0, mostRows).map(({ curve, value }) => (
      <div key={curve.key}>
        <Swatch colour={curve.colour} dash={curve.dash} />
        <span class="legend-label">{curve.label}</span>
        <span class="number">{valueText(curve.metric, value)}</span>
      </div>
    ))}
    {rows.length > mostRows && <span class="muted">{t('and {0} more', rows.length - mostRows)}</span>}
  </div>
);

let wanted: number | null = null;
let isMoving = false;

/** Once a frame: a fast mouse moves more often. */
function moveCursor(x: number | null): void {
  wanted = x;
  if (isMoving) return;
  isMoving = true;
  requestAnimationFrame(() => {
    isMoving = false;
    cursorX.value = wanted;
  });
}

function textNear(marks: PlacedMark[], plot: Plot, px: number): string {
  const near = marks.filter(({ x }) => Math.abs(plot.pixelOf(x) - px) <= 6);
  const texts = [...new Set(near.map(({ text }) => text))];
  return texts.length > 3
    ? `${texts.slice(0, 3).join('\n')}\n${t('and {0} more', texts.length - 3)}`
    : texts.join('\n');
}

function pan([min, max]: [number, number], [from, to]: [number, number], by: number): void {
  const moved = Math.min(max - to, Math.max(min - from, by));
  xRange.value = [from + moved, to + moved];
}

function zoom([min, max]: [number, number], [from, to]: [number, number], factor: number): void {
  const middle = cursorX.value ?? (from + to) / 2;
  const next: [number, number] = [middle - (middle - from) * factor, middle + (to - middle) * factor];
  if (next[0] <= min && next[1] >= max) xRange.value = null;
  else xRange.value = [Math.max(min, next[0]), Math.min(max, next[1])];
}
