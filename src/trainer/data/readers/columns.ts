import { HumanError } from '../../../protocol/human-error.ts';

/** Index of a column; a HumanError with code `missing_<use>_column` names the columns that there are. */
export function findColumn(columns: string[], wanted: string, use: ColumnUse, file: string): number {
  const index = columns.indexOf(wanted);
  if (index < 0) throw missingColumn(columns, wanted, use, file);
  return index;
}

export type ColumnUse = 'image' | 'caption' | 'split';

/** The error carries the columns that there are, for who wants to offer them. */
export function missingColumn(
  columns: string[],
  wanted: string,
  use: ColumnUse,
  file: string,
): HumanError & { columns: string[] } {
  const setting = use === 'split' ? 'split_by' : `${use}_column`;
  const shown = columns.slice(0, 20).map((name) => `"${name}"`);
  const names =
    shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}` : (shown[0] ?? 'none');
  const error = new HumanError(
    `${file} has no column "${wanted}"; its columns are ${names}.`,
    `Set data.${setting} to one of them.`,
    `missing_${use}_column`,
  );
  return Object.assign(error, { columns });
}
