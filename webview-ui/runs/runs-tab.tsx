import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { runsCsv } from '../../src/analysis/runs-csv.ts';
import { counted } from '../../src/text/numbers.ts';
import { listed } from '../../src/text/words.ts';
import { t } from '../../src/text/say.ts';
import { Button } from '../controls/controls.tsx';
import { ask } from '../model/host.ts';
import { runs } from '../model/panel-model.ts';
import { ColumnChoice } from './column-choice.tsx';
import { Difference } from './difference.tsx';
import { RunsTable } from './runs-table.tsx';
import { SelectionBar } from './selection-bar.tsx';
import {
  beside,
  changeTable,
  columns,
  filter,
  isColumnShown,
  readSizes,
  rows,
  selected,
  tableSettings,
  unknown,
} from './table-state.ts';

/** All runs as a table: where they are found, selected, tagged, compared and thrown away. */
export function RunsTab(): VNode {
  const [pair, setPair] = useState<[string, string] | null>(null);
  const { columns: chosen } = tableSettings.value;
  const drawn = useMemo(() => columns.value.filter(isColumnShown), [columns.value, chosen]);
  const hasSizes = drawn.some(({ id }) => id === 'size');
  useEffect(() => {
    // Counting takes its time: once for each opening of the table.
    if (hasSizes) void readSizes();
  }, [hasSizes]);
  if (!runs.value.length)
    return (
      <div class="empty">
        <p>{t('There are no runs of this experiment yet.')}</p>
      </div>
    );
  const [a, b] = (pair ?? []).map((id) => runs.value.find((run) => run.id === id));
  if (a && b) return <Difference a={a} b={b} onClose={() => setPair(null)} />;
  const list = selected.value;
  return (
    <div class="runs-tab">
      <div class="toolbar">
        <input
          class="runs-filter"
          type="search"
          placeholder={t('Filter: words, recall@10 > 0.4, status:failed, tag:paper, -without')}
          aria-label={t('Filter runs')}
          aria-describedby="filter-says"
          value={tableSettings.value.filter}
          onInput={(event) => changeTable({ filter: event.currentTarget.value })}
        />
        <span class="muted" id="filter-says" role="status">
          {filterSays()}
        </span>
        <ColumnChoice />
        <Button
          secondary
          title={t('The listed runs with the columns that are shown; numbers with all their digits')}
          onClick={() =>
            void ask(
              {
                kind: 'save',
                name: 'runs.csv',
                content: runsCsv(rows.value, drawn, beside.value),
                base64: false,
              },
              t('save the table'),
            )
          }
        >
          {t('Save as CSV')}
        </Button>
      </div>
      {list.length > 0 && (
        <SelectionBar runs={list} onDifference={() => setPair([list[0]!.id, list[1]!.id])} />
      )}
      <RunsTable columns={drawn} beside={beside.value} />
    </div>
  );
}

/** What is wrong with the filter, else how many runs it leaves. */
function filterSays(): string {
  const [problem, names] = [filter.value.problem, unknown.value];
  if (problem) return problem;
  if (names.length) return t('No run has {0}.', listed(names));
  return t('{0} of {1} runs', counted(rows.value.length), counted(runs.value.length));
}
