import type { VNode } from 'preact';
import { exactText } from '../../src/analysis/metric-words.ts';
import type { CardSpec } from '../../src/analysis/cards.ts';
import type { PlotCurve } from './curves.ts';
import type { PlacedMark } from './marks.ts';
import { recordedRows } from './recorded-rows.ts';
import { axisName, xWords } from './x-axis.ts';
import type { XAxisName } from './x-axis.ts';
import { t } from '../../src/text/say.ts';

/** Rows of one curve; more are saved as CSV. */
const most = 200;

interface ValueTableProps {
  card: CardSpec;
  curves: PlotCurve[];
  marks: PlacedMark[];
  axis: XAxisName;
  range: [number, number];
}

/** The plot in words and numbers: what was recorded in the visible range, and every mark. */
export function ValueTable({ card, curves, marks, axis, range }: ValueTableProps): VNode {
  const shown = curves.filter(({ isHidden }) => !isHidden).slice(0, 12);
  const { rows, isWhole } = recordedRows(shown, range, most);
  const inView = marks.filter(({ x }) => x >= range[0] && x <= range[1]);
  return (
    <div class="value-table" tabIndex={0} role="region" aria-label={t('{0} as a table', card.title)}>
      <table>
        <caption class="sr-only">
          {card.title} {card.unit}
        </caption>
        <thead>
          <tr>
            <th scope="col">{axisName(axis)}</th>
            {shown.map(({ key, label }) => (
              <th key={key} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ x, values }) => (
            <tr key={x}>
              <th scope="row">{xWords(axis, x)}</th>
              {shown.map(({ key, metric }, index) => (
                <td key={key}>{values[index] === undefined ? '' : exactText(metric, values[index])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {!isWhole && (
        <p class="muted">
          {t('An even choice of the recorded rows: zoom in to see more, or save all of them as CSV.')}
        </p>
      )}
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
