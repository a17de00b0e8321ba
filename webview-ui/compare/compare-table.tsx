import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { differenceText, filtered, sorted } from '../../src/analysis/comparison-table.ts';
import type { Setting } from '../../src/analysis/compared-settings.ts';
import type { ComparisonTable } from '../../src/analysis/comparison-table.ts';
import { IconButton } from '../controls/icon.tsx';
import { Term } from '../controls/term.tsx';
import { t } from '../../src/text/say.ts';

interface CompareTableProps {
  table: ComparisonTable;
  /** Key of the best setting. */
  best: string | null;
  /** Colour of a setting in the curves; null where each run has its own. */
  colourOf: (setting: Setting) => string | null;
}

/** What differs and what came of it: a heading sorts, words filter, a pinned row is what the others are measured by. */
export function CompareTable({ table, best, colourOf }: CompareTableProps): VNode {
  const metricColumn = table.columns.findIndex(({ id }) => id === 'metric');
  const [sort, setSort] = useState<{ id: string; isDescending: boolean } | null>(null);
  const [search, setSearch] = useState('');
  const [pinnedKey, setPinned] = useState<string | null>(null);
  const at = table.columns.findIndex(({ id }) => id === sort?.id);
  const found = filtered(table.rows, search);
  const rows = sort && at >= 0 ? sorted(found, at, sort.isDescending) : found;
  const pinned = table.rows.find(({ setting }) => setting.key === pinnedKey) ?? null;
  const direction = (id: string) =>
    sort?.id !== id ? 'none' : sort.isDescending ? 'descending' : 'ascending';
  return (
    <section class="card" aria-label={t('Settings and what came of them')}>
      <div class="card-head">
        <h2>{t('Settings')}</h2>
        <input
          class="filter"
          type="search"
          placeholder={t('Filter rows…')}
          aria-label={t('Filter rows')}
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </div>
      <div class="table-scroll" tabIndex={0} role="region" aria-label={t('Table of the settings')}>
        <table>
          <thead>
            <tr>
              <th scope="col">
                <span class="sr-only">{t('Pin')}</span>
              </th>
              {table.columns.map(({ id, title, term }) => (
                <th key={id} scope="col" aria-sort={direction(id)}>
                  <button
                    type="button"
                    class="sort"
                    onClick={() =>
                      setSort({ id, isDescending: sort?.id === id ? !sort.isDescending : id === 'metric' })
                    }
                  >
                    {term ? <Term of={term}>{title}</Term> : title}
                    <span aria-hidden="true">{sort?.id === id ? (sort.isDescending ? ' ↓' : ' ↑') : ''}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ setting, cells }) => {
              const isPinned = setting.key === pinnedKey;
              const colour = colourOf(setting);
              return (
                <tr
                  key={setting.key}
                  class={`${isPinned ? 'pinned' : ''} ${setting.key === best ? 'best' : ''}`}
                >
                  <td>
                    <IconButton
                      name="pin"
                      label={
                        isPinned
                          ? t('Unpin {0}', setting.label)
                          : t('Measure the others by {0}', setting.label)
                      }
                      pressed={isPinned}
                      onClick={() => setPinned(isPinned ? null : setting.key)}
                    />
                  </td>
                  {cells.map((cell, index) => {
                    const column = table.columns[index]!;
                    const change =
                      pinned && !isPinned && column.isMeasured
                        ? differenceText(cell.value, pinned.cells[index]!.value)
                        : null;
                    return (
                      <td key={column.id}>
                        {index === 0 && colour && (
                          <svg class="swatch" viewBox="0 0 8 8" width="8" height="8" aria-hidden="true">
                            <rect width="8" height="8" fill={colour} />
                          </svg>
                        )}{' '}
                        {cell.text}
                        {index === metricColumn && setting.key === best && (
                          <span class="muted"> {t('best')}</span>
                        )}
                        {change && <span class="muted"> {change}</span>}
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
        {rows.length === 0 && <p class="muted">{t('No row has all of these words.')}</p>}
      </div>
    </section>
  );
}
