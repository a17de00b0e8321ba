import type { VNode } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { runCell } from '../../src/analysis/runs-table.ts';
import type { Beside, RunColumn } from '../../src/analysis/runs-table.ts';
import type { RunView } from '../../src/protocol/panel.ts';
import { t } from '../../src/text/say.ts';
import { shown, runs as allRuns } from '../model/panel-model.ts';
import { RunRow } from './run-row.tsx';
import { changeTable, nameColumn, rows, selection, tableSettings } from './table-state.ts';
import { useVirtualRows } from './virtual-rows.ts';

/** As in runs.css: rows that are not drawn are told by their number alone. */
const rowHeight = 26;

interface RunsTableProps {
  columns: RunColumn[];
  beside: Beside;
}

/** The runs, one a row; of very many, those in view are drawn. */
export function RunsTable({ columns, beside }: RunsTableProps): VNode {
  const box = useRef<HTMLDivElement>(null);
  const list = rows.value;
  const { first, end } = useVirtualRows(box, list.length, rowHeight);
  const looks = useMemo(() => looksOf(columns, allRuns.value, beside), [columns, allRuns.value]);
  const numeric = looks.slice(1).map(({ isNumeric }) => isNumeric);
  const selected = selection.value;
  const drawn = new Set(shown.value);
  const anchor = useRef<string | null>(null);
  const select = (run: RunView, isRange: boolean): void => {
    const next = new Set(selected);
    const from = isRange ? list.findIndex(({ id }) => id === anchor.current) : -1;
    const to = list.indexOf(run);
    if (from >= 0) for (const { id } of list.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(id);
    else if (!next.delete(run.id)) next.add(run.id);
    anchor.current = run.id;
    selection.value = next;
  };
  const areAll = list.length > 0 && list.every(({ id }) => selected.has(id));
  return (
    <div
      class="table-scroll runs-scroll"
      ref={box}
      tabIndex={0}
      role="region"
      aria-label={t('Table of the runs')}
      onKeyDown={moveFocus}
    >
      <table class="runs-table" aria-rowcount={list.length + 1}>
        <colgroup>
          <col style={{ width: '58px' }} />
          {looks.map(({ width }, index) => (
            <col key={index} style={{ width: `${width}ch` }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">
              <input
                type="checkbox"
                aria-label={areAll ? t('Select none') : t('Select all that are listed')}
                checked={areAll}
                indeterminate={!areAll && list.some(({ id }) => selected.has(id))}
                onChange={() => (selection.value = new Set(areAll ? [] : list.map(({ id }) => id)))}
              />
            </th>
            {[{ ...nameColumn, title: t('run') }, ...columns].map((column, index) => (
              <Heading key={column.id} column={column} isNumeric={looks[index]!.isNumeric} />
            ))}
          </tr>
        </thead>
        <tbody>
          {first > 0 && <tr style={{ height: `${first * rowHeight}px` }} aria-hidden="true" />}
          {list.slice(first, end).map((run, index) => (
            <RunRow
              key={run.id}
              run={run}
              index={first + index + 2}
              columns={columns}
              numeric={numeric}
              beside={beside}
              isSelected={selected.has(run.id)}
              isDrawn={drawn.has(run.id)}
              onSelect={select}
            />
          ))}
          {end < list.length && (
            <tr style={{ height: `${(list.length - end) * rowHeight}px` }} aria-hidden="true" />
          )}
        </tbody>
      </table>
    </div>
  );
}

function Heading({ column, isNumeric }: { column: RunColumn; isNumeric: boolean }): VNode {
  const { id, title, hint, kind } = column;
  const { sort } = tableSettings.value;
  const isSorted = sort?.id === id;
  const next = (): void => {
    // Of results the best come first, of words and settings the first: then the other way, then as they were.
    const isDownFirst = kind === 'metric' && !/loss|rank/.test(id);
    const isDescending = isSorted ? !sort.isDescending : isDownFirst;
    changeTable({ sort: isSorted && sort.isDescending !== isDownFirst ? null : { id, isDescending } });
  };
  return (
    <th
      scope="col"
      class={isNumeric ? 'number' : ''}
      aria-sort={!isSorted ? 'none' : sort.isDescending ? 'descending' : 'ascending'}
    >
      <button type="button" class="sort" title={hint} onClick={next}>
        {title}
        <span aria-hidden="true">{isSorted ? (sort.isDescending ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </th>
  );
}

/** Rows whose longest text decides how wide a column is; of all it would take longer than drawing them. */
const measured = 200;

interface ColumnLook {
  /** In `ch`: that of the texts, so that scrolling and filtering move no column. */
  width: number;
  /** Numbers stand at the right. */
  isNumeric: boolean;
}

function looksOf(columns: RunColumn[], runs: RunView[], beside: Beside): ColumnLook[] {
  const some = runs.slice(0, measured);
  return [nameColumn, ...columns].map((column) => {
    const cells = some.map((run) => runCell(run, column, beside));
    const longest = cells.reduce((most, { text }) => Math.max(most, text.length), column.title.length + 2);
    const width = Math.min(column.id === 'name' ? 44 : 32, Math.max(7, longest + 2));
    return {
      width: width + (column.id === 'status' ? 3 : 0),
      isNumeric: cells.some(({ value }) => typeof value === 'number'),
    };
  });
}

/** Arrow keys go from row to row; the box scrolls after the focus. */
function moveFocus(event: KeyboardEvent): void {
  const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  const boxes = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('tbody input')];
  const at = boxes.indexOf(document.activeElement as HTMLElement);
  if (!by || at < 0) return;
  boxes[at + by]?.focus();
  event.preventDefault();
}
