import { HumanError } from '../../protocol/human-error.ts';

/** Index of a column; a HumanError with code `missing_<use>_column` names the columns that there are. */
export function findColumn(columns: string[], wanted: string, use: ColumnUse, file: string): number {
  const index = columns.indexOf(wanted);
  if (index < 0) throw missingColumn(columns, wanted, use, file);
  return index;
}

export type ColumnUse = 'image' | 'caption' | 'split';

/** The error carries the columns that there are, for who wants to offer them. */
/** A HumanError that also has the names of the columns that there are. */
export class MissingColumn extends HumanError {
  constructor(
    what: string,
    todo: string,
    code: string,
    readonly columns: string[],
  ) {
    super(what, todo, code);
  }
}

export function missingColumn(
  columns: string[],
  wanted: string,
  use: ColumnUse,
  file: string,
): MissingColumn {
  const setting = use === 'split' ? 'split_by' : `${use}_column`;
  const shown = columns.slice(0, 20).map((name) => `"${name}"`);
  const names =
    shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}` : (shown[0] ?? 'none');
  return new MissingColumn(
    `${file} has no column "${wanted}"; its columns are ${names}.`,
    `Set data.${setting} to one of them.`,
    `missing_${use}_column`,
    columns,
  );
}
