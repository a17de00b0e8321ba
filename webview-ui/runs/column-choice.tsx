import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../../src/text/say.ts';
import { DropDown } from '../controls/drop-down.tsx';
import { changeTable, columns, isColumnShown, tableSettings } from './table-state.ts';

/** Which columns the table has. */
export const ColumnChoice = (): VNode => (
  <DropDown name="column-choice" summary={t('columns')}>
    {() => <Columns />}
  </DropDown>
);

function Columns(): VNode {
  const [search, setSearch] = useState('');
  const found = columns.value.filter(({ title, hint }) =>
    `${title} ${hint}`.toLowerCase().includes(search.toLowerCase()),
  );
  const chosen = tableSettings.value.columns;
  return (
    <div class="drop-down-body">
      <div class="drop-down-head">
        <input
          type="search"
          placeholder={t('Search columns…')}
          aria-label={t('Search columns')}
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        <button type="button" class="link" onClick={() => changeTable({ columns: {} })}>
          {t('As usual')}
        </button>
      </div>
      <ul>
        {found.map((column) => (
          <li key={column.id}>
            <label title={column.hint}>
              <input
                type="checkbox"
                checked={isColumnShown(column)}
                onChange={() => changeTable({ columns: { ...chosen, [column.id]: !isColumnShown(column) } })}
              />
              <span class="run-name">{column.title}</span>
            </label>
          </li>
        ))}
      </ul>
    </div>
  );
}
