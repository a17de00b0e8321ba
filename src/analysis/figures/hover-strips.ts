import type { Series } from '../../protocol/state.ts';
import { t } from '../../text/say.ts';
import { firstAtOrAbove } from '../decimate.ts';
import { exactText } from '../metric-words.ts';
import type { Area } from './axes.ts';
import { element, px } from './svg.ts';
import type { SvgNode } from './svg.ts';

/** A column that a curve's points stand at, and how it becomes what the axis shows: `shown = column * scale + offset`. */
export interface FigureColumn {
  column: Float64Array;
  scale: number;
  offset: number;
}

export interface HoveredCurve {
  label: string;
  metric: string;
  series: Series;
  at: FigureColumn;
}

/** Pixels that share their values: finer is no more than a hand can point at, and larger files. */
const stripWidth = 6;
const mostCurves = 10;

/**
 * Strips over a figure's whole height, unseen, each with the recorded values nearest to its middle: whoever points at the picture reads
 * them, without a script.
 */
export function hoverStrips(
  curves: HoveredCurve[],
  [from, to]: [number, number],
  area: Area,
  xText: (x: number) => string,
): SvgNode {
  const count = Math.max(1, Math.floor((area.right - area.left) / stripWidth));
  const width = (area.right - area.left) / count;
  const strips: SvgNode[] = [];
  let before = '';
  for (let i = 0; i < count; i++) {
    const x = from + ((i + 0.5) / count) * (to - from);
    const near = curves.slice(0, mostCurves).map((curve) => ({ curve, place: nearest(curve, x) }));
    const key = near.map(({ place }) => place).join();
    // Where points are rare, one strip reaches over all that they are nearest to.
    if (key === before) {
      const last = strips.at(-1)!.attributes;
      last['width'] = px(Number(last['width']) + width);
      continue;
    }
    before = key;
    const values = near.map(
      ({ curve, place }) => `${curve.label} ${exactText(curve.metric, curve.series.values[place]!)}`,
    );
    const { at } = near[0]!.curve;
    const where = at.column[near[0]!.place]! * at.scale + at.offset;
    const more = curves.length > mostCurves ? [t('and {0} more', curves.length - mostCurves)] : [];
    strips.push(
      element(
        'rect',
        {
          x: px(area.left + i * width),
          y: area.top,
          width: px(width),
          height: area.bottom - area.top,
        },
        element('title', {}, [xText(where), ...values, ...more].join('\n')),
      ),
    );
  }
  return element('g', { class: 'figure-strips', fill: 'none', 'pointer-events': 'all' }, ...strips);
}

function nearest({ series, at }: HoveredCurve, x: number): number {
  const wanted = (x - at.offset) / at.scale;
  const after = firstAtOrAbove(at.column, wanted, 0, series.length);
  if (after === 0) return 0;
  if (after === series.length) return series.length - 1;
  return at.column[after]! - wanted < wanted - at.column[after - 1]! ? after : after - 1;
}
