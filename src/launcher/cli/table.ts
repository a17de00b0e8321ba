import { padded, widthOf } from './width.ts';

/** Lines of a table for a terminal: columns padded to their widest cell, numbers to the right. */
export function tableLines(header: string[], rows: string[][]): string[] {
  const widths = header.map((title, column) =>
    rows.reduce((most, row) => Math.max(most, widthOf(row[column] ?? '')), widthOf(title)),
  );
  const isNumeric = header.map((_, column) => rows.every((row) => /^[-+\d.,%e× ]*$/.test(row[column] ?? '')));
  const line = (cells: string[]): string =>
    cells
      .map((cell, column) => padded(cell, widths[column]!, isNumeric[column] ? 'left' : 'right'))
      .join('  ')
      .trimEnd();
  return [line(header), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)];
}
