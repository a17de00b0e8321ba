import Table from 'cli-table3';
import stringWidth from 'string-width';
import { printable } from './output.ts';

/**
 * Lines of a table for a terminal, numbers to the right. In a terminal that is too narrow the widest columns are cut with `…`: a line that
 * wraps is no row. Elsewhere (a pipe, a file) nothing is cut.
 */
export function tableLines(
  header: string[],
  rows: string[][],
  columns: number | undefined = process.stdout.isTTY ? process.stdout.columns : undefined,
): string[] {
  const cells = rows.map((row) => row.map((cell) => printable(cell).replace(/\s*[\r\n]\s*/g, ' ')));
  const isNumeric = header.map((_, at) => cells.every((row) => /^[-−+\d.,%e×–∞NakM ]*$/.test(row[at] ?? '')));
  const table = new Table({
    head: header,
    chars: { ...noBorders, mid: '-', 'mid-mid': gap, middle: gap },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    colAligns: isNumeric.map((is) => (is ? 'right' : 'left')),
    colWidths: fitted(widthsOf([header, ...cells]), columns),
  });
  table.push(...cells);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

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
