import type { VNode } from 'preact';
import { isAtChance } from '../../src/analysis/metric-values.ts';
import { runCell } from '../../src/analysis/runs-table.ts';
import type { Beside, RunColumn } from '../../src/analysis/runs-table.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { t } from '../../src/text/say.ts';
import { Status } from '../controls/status.tsx';
import { chooseTab, showRuns, shown } from '../model/panel-model.ts';
import { runColour, runName } from '../model/run-colours.ts';
import { Swatch } from '../plots/legend.tsx';

interface RunRowProps {
  run: RunView;
  /** Of the row in the table, from 1 on. */
  index: number;
  columns: RunColumn[];
  /** Whether a column holds numbers, in the columns' order. */
  numeric: boolean[];
  beside: Beside;
  isSelected: boolean;
  /** Its curves are in the plots. */
  isDrawn: boolean;
  onSelect: (run: RunView, isRange: boolean) => void;
}

export function RunRow(props: RunRowProps): VNode {
  const { run, index, columns, numeric, beside, isSelected, isDrawn, onSelect } = props;
  const name = runName(run);
  const draw = (): void =>
    showRuns(isDrawn ? shown.value.filter((id) => id !== run.id) : [...shown.value, run.id]);
  const open = (): void => {
    showRuns([run.id]);
    chooseTab('plots');
  };
  const label = isDrawn ? t('Take {0} out of the plots', name) : t('Draw {0} in the plots', name);
  return (
    <tr class={isSelected ? 'selected' : ''} aria-rowindex={index}>
      <td>
        <input
          type="checkbox"
          aria-label={t('Select {0}', name)}
          checked={isSelected}
          onClick={(event) => onSelect(run, event.shiftKey)}
        />
        <button
          type="button"
          class="draw"
          aria-pressed={isDrawn}
          aria-label={label}
          title={label}
          onClick={draw}
        >
          <Swatch colour={runColour(run)} />
        </button>
      </td>
      <th scope="row">
        <button
          type="button"
          class="run-open"
          title={t('{0}: show it alone in the plots', name)}
          onClick={open}
        >
          {run.file?.starred && (
            <span role="img" aria-label={t('starred')}>
              {'★ '}
            </span>
          )}
          {name}
        </button>
      </th>
      {columns.map((column, place) => {
        const { text } = runCell(run, column, beside);
        return (
          <td
            key={column.id}
            class={numeric[place] ? 'number' : ''}
            title={text.length > 20 ? text : undefined}
          >
            {column.id === 'status' && !run.problem ? (
              <Status status={run.status} isAtChance={isAtChance(run)} />
            ) : (
              text
            )}
          </td>
        );
      })}
    </tr>
  );
}
