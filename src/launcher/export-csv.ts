import { csvLine } from '../text/csv.ts';
import type { ShowDocument } from './show.ts';

/** A run's metrics as a table: one row per step, one column per metric, empty where a metric has no value. RFC 4180 with line feeds. */
function* csvLines(document: Pick<ShowDocument, 'series'>): Generator<string> {
  const names = Object.keys(document.series).sort(byName);
  const columns = names.map((name) => new Map(document.series[name]));
  const steps = [...new Set(columns.flatMap((column) => [...column.keys()]))].sort((a, b) => a - b);
  yield csvLine(['step', ...names]);
  for (const step of steps) yield csvLine([step, ...columns.map((column) => column.get(step) ?? '')]);
}

/** The same with line ends, in pieces that are worth a write: a long run's table is larger than one text may be. */
export function* csvPieces(document: Pick<ShowDocument, 'series'>): Generator<string> {
  let piece = '';
  for (const line of csvLines(document)) {
    piece += `${line}\n`;
    if (piece.length < 1 << 16) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

/** recall@5 stands before recall@10. */
const byName = new Intl.Collator('en', { numeric: true }).compare;
