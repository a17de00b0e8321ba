import type { RunView } from '../protocol/panel.ts';
import { csvLine } from '../text/csv.ts';
import { settingText } from '../text/settings.ts';
import { runCell } from './runs-table.ts';
import type { Beside, RunColumn } from './runs-table.ts';

/** Runs and columns as CSV: numbers with all their digits, times as ISO 8601, spans in seconds. */
export function runsCsv(runs: readonly RunView[], columns: readonly RunColumn[], beside: Beside): string {
  const titles = columns.map(({ id, hint, kind }) =>
    kind === 'run' ? (units[id] ?? id) : id.startsWith('setting:') ? hint : id.replace(':', ' '),
  );
  const lines = [csvLine(['run', 'name', ...titles])];
  for (const run of runs) {
    const cells = columns.map((column) => written(column.id, runCell(run, column, beside).value));
    lines.push(csvLine([run.file?.id ?? run.id, run.file?.title ?? run.label, ...cells]));
  }
  return `${lines.join('\r\n')}\r\n`;
}

const units: Readonly<Record<string, string>> = { duration: 'duration_s', size: 'size_bytes' };

function written(id: string, value: unknown): string | number {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'number') return settingText(value);
  if (id === 'started') return new Date(value).toISOString();
  return id === 'duration' ? value / 1000 : value;
}
