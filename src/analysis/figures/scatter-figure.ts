import { exactNumber } from '../../text/numbers.ts';
import { t } from '../../text/say.ts';
import type { MetricPairs } from '../metric-pairs.ts';
import { axesOf, axisOver, pixelOn } from './axes.ts';
import { element, px } from './svg.ts';
import type { SvgNode } from './svg.ts';

export interface ScatterInput {
  name: string;
  /** Of the metrics along the axes. */
  names: { x: string; y: string };
  clouds: { label: string; colour: string; pairs: MetricPairs }[];
  isLog: boolean;
  width: number;
  height: number;
}

/** One metric against another: a dot a step, the last one larger. Of dots in one pixel the latest is drawn. */
export function scatterFigure({ name, names, clouds, isLog, width, height }: ScatterInput): SvgNode {
  const area = { left: 52, right: width - 12, top: 26, bottom: height - 40 };
  const x = axisOver(
    clouds.flatMap(({ pairs }) => pairs.x),
    false,
  );
  const y = axisOver(
    clouds.flatMap(({ pairs }) => pairs.y),
    isLog,
  );
  const toX = pixelOn(x, area.left, area.right);
  const toY = pixelOn(y, area.bottom, area.top);
  const dots = clouds.map(({ label, colour, pairs }) => {
    const latest = new Map<number, number>();
    for (let i = 0; i < pairs.steps.length; i++) {
      if (isLog && pairs.y[i]! <= 0) continue;
      latest.set(Math.round(toX(pairs.x[i]!)) * 10_000 + Math.round(toY(pairs.y[i]!)), i);
    }
    const last = pairs.steps.length - 1;
    return element(
      'g',
      { fill: colour },
      ...[...latest.values()].map((i) =>
        element(
          'circle',
          {
            cx: px(toX(pairs.x[i]!)),
            cy: px(toY(pairs.y[i]!)),
            r: i === last ? 4 : 1.8,
            'fill-opacity': i === last ? 1 : 0.6,
          },
          element(
            'title',
            {},
            t(
              '{0}, step {1}: {2} {3}, {4} {5}',
              label,
              pairs.steps[i]!,
              names.x,
              exactNumber(pairs.x[i]!),
              names.y,
              exactNumber(pairs.y[i]!),
            ),
          ),
        ),
      ),
    );
  });
  return element(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': name },
    axesOf(x, y, area, names),
    ...dots,
  );
}
