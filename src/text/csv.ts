/** One line of a table as RFC 4180 writes it, without its end. */
export const csvLine = (cells: readonly (string | number)[]): string => cells.map(csvCell).join(',');

function csvCell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
