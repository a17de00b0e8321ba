import { computed, effect, signal } from '@preact/signals';
import { parseFilter, unknownNames } from '../../src/analysis/run-filter.ts';
import { runColumns, sortedRuns } from '../../src/analysis/runs-table.ts';
import type { Beside, RunColumn } from '../../src/analysis/runs-table.ts';
import { askFor } from '../model/host.ts';
import { changes, keep, kept, runs } from '../model/panel-model.ts';

/** How the table is shown; kept over a reload. */
interface TableSettings {
  /** Columns that a person took in (true) or out. */
  columns: Record<string, boolean>;
  sort: { id: string; isDescending: boolean } | null;
  filter: string;
}

const usual: TableSettings = { columns: {}, sort: null, filter: '' };

export const tableSettings = signal<TableSettings>({
  ...usual,
  ...(kept('table') as Partial<TableSettings> | undefined),
});

effect(() => keep('table', tableSettings.value));

export function changeTable(change: Partial<TableSettings>): void {
  tableSettings.value = { ...tableSettings.value, ...change };
}

/** Bytes on the disk by run id, as far as they were asked for. */
const sizes = signal<ReadonlyMap<string, number>>(new Map());

/** Looks at the runs' folders; what they take is shown once all are counted. */
export async function readSizes(): Promise<void> {
  const { value } = await askFor({ kind: 'sizes', runs: runs.peek().map(({ id }) => id) });
  if (value) sizes.value = new Map(Object.entries(value as Record<string, number>));
}

/** Ids of the runs that the buttons above the table are about. */
export const selection = signal<ReadonlySet<string>>(new Set());

export const nameColumn: RunColumn = { id: 'name', title: '', hint: '', kind: 'run', isUsual: true };

/** All columns that there could be. */
export const columns = computed(() => runColumns(runs.value));

export const isColumnShown = ({ id, isUsual }: RunColumn): boolean =>
  tableSettings.value.columns[id] ?? isUsual;

export const beside = computed((): Beside => {
  void changes.value;
  return { sizes: sizes.value, now: Date.now() };
});

const filterText = computed(() => tableSettings.value.filter);
export const filter = computed(() => parseFilter(filterText.value));
export const unknown = computed(() => unknownNames(filter.value, runs.value));

/** What passes the filter, newest first. */
const found = computed(() => {
  void changes.value;
  return runs.value.filter(filter.value.passes);
});

/** The rows of the table, in its order. */
export const rows = computed(() => {
  const { sort } = tableSettings.value;
  const column = sort && [nameColumn, ...columns.value].find(({ id }) => id === sort.id);
  return column ? sortedRuns(found.value, column, sort.isDescending, beside.value) : found.value;
});

/** The selected runs that are still there, filtered out or not. */
export const selected = computed(() => runs.value.filter(({ id }) => selection.value.has(id)));
