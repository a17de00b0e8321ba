import type { VNode } from 'preact';
import { exactNumber } from '../../src/text/numbers.ts';
import type { CardSpec } from '../../src/analysis/cards.ts';
import type { PlotCurve } from './curves.ts';
import { placeOf } from './legend.tsx';
import type { PlacedMark } from './marks.ts';
import { xWords } from './x-axis.ts';
import type { XAxisName } from './x-axis.ts';

const rows = 20;

interface ValueTableProps {
  card: CardSpec;
  curves: PlotCurve[];
  marks: PlacedMark[];
  axis: XAxisName;
  range: [number, number];
}

/** The plot in words and numbers: values at even places of the visible range, and every mark. */
export function ValueTable({ card, curves, marks, axis, range }: ValueTableProps): VNode {
  const shown = curves.filter(({ isHidden }) => !isHidden).slice(0, 12);
  const places = Array.from({ length: rows }, (_, i) => range[0] + ((range[1] - range[0]) * i) / (rows - 1));
  const inView = marks.filter(({ x }) => x >= range[0] && x <= range[1]);
  return (
    <div class="value-table" tabIndex={0} role="region" aria-label={`${card.title} as a table`}>
      <table>
        <caption class="sr-only">
          {card.title} {card.unit}
        </caption>
        <thead>
          <tr>
            <th scope="col">{axis}</th>
            {shown.map(({ key, label }) => (
              <th key={key} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {places.map((x) => (
            <tr key={x}>
              <th scope="row">{xWords(axis, x)}</th>
              {shown.map((curve) => (
                <td key={curve.key}>{exactNumber(curve.track.series.values[placeOf(curve, x)] ?? NaN)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {inView.length > 0 && (
        <ul>
          {inView.slice(0, 200).map(({ text }, index) => (
            <li key={index}>{text}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
