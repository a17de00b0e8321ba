import Table from 'cli-table3';
import stringWidth from 'string-width';
import { printable } from './output.ts';

/**
 * Lines of a table for a terminal, numbers to the right. In a terminal that is too narrow the widest columns are cut with `…`: a line that
 * wraps is no row. Names, in the first column, are cut at their beginning: runs differ at their end. Elsewhere (a pipe, a file) nothing is cut.
 */
export function tableLines(
  header: string[],
  rows: string[][],
  columns: number | undefined = process.stdout.isTTY ? process.stdout.columns : undefined,
): string[] {
  const cells = rows.map((row) => row.map((cell) => printable(cell).replace(/\s*[\r\n]\s*/g, ' ')));
  const isNumeric = header.map((_, at) => cells.every((row) => /^[-−+\d.,%e×–∞NakM ]*$/.test(row[at] ?? '')));
  const widths = fitted(widthsOf([header, ...cells]), columns);
  const table = new Table({
    head: header,
    chars: { ...noBorders, mid: '-', 'mid-mid': gap, middle: gap },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    colAligns: isNumeric.map((is) => (is ? 'right' : 'left')),
    colWidths: widths,
  });
  table.push(...cells.map(([name = '', ...others]) => [endOf(name, widths[0]!), ...others]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

/** The text, or as much of its end as has room beside `…`. */
function endOf(text: string, width: number): string {
  const letters = [...text];
  if (stringWidth(text) <= width) return text;
  while (letters.length && stringWidth(letters.join('')) > width - 1) letters.shift();
  return `…${letters.join('')}`;
}

/** The text with spaces behind it until it is so wide. */
export const padded = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - stringWidth(text)));

const gap = '  ';
/** Too little to tell one cell from another. */
const narrowest = 6;

const noBorders = Object.fromEntries(
  ['top', 'bottom', 'left', 'right']
    .flatMap((side) => [side, `${side}-left`, `${side}-mid`, `${side}-right`])
    .concat('left-mid', 'right-mid', 'mid-mid')
    .map((name) => [name, '']),
);

const widthsOf = ([header = [], ...rows]: string[][]): number[] =>
  header.map((title, at) =>
    rows.reduce((most, row) => Math.max(most, stringWidth(row[at] ?? '')), stringWidth(title)),
  );

/** The widths, the widest made narrower until the table fits. */
function fitted(widths: number[], columns = Infinity): number[] {
  const result = [...widths];
  const wide = (): number => result.reduce((sum, width) => sum + width, gap.length * (result.length - 1));
  while (wide() > columns) {
    const widest = result.indexOf(Math.max(...result));
    if (result[widest]! <= narrowest) break;
    result[widest]!--;
  }
  return result;
}
