import { columnNames, missingColumn, type ColumnNames } from './columns.ts';
import { textOf } from './captions.ts';
import type { ReadContext } from './context.ts';
import { addRow, badRow, type Place } from './rows.ts';
import { t } from '../../text/say.ts';

/** Takes rows that are objects, whose keys are the columns. */
export class ObjectRows {
  private readonly keys = new Set<string>();
  private names: ColumnNames | null = null;

  constructor(
    private readonly context: ReadContext,
    private readonly name: string,
  ) {}

  take(record: unknown, place: Place): void {
    const { context } = this;
    if (typeof record !== 'object' || record === null || Array.isArray(record)) {
      context.builder.rows++;
      return badRow(context, place, t('not a JSON object'));
    }
    const row = record as Record<string, unknown>;
    for (const key in row) if (this.keys.size < 1000) this.keys.add(key);
    this.names ??= columnNames(context, Object.keys(row), this.name);
    const { image, caption, split } = this.names;
    addRow(context, place, {
      image: row[image],
      caption: row[caption],
      split: split === null ? undefined : textOf(row[split]),
    });
  }

  /** After the last row. Throws MissingColumn when no row had a column that is needed. */
  finish(): void {
    const columns = [...this.keys];
    this.context.builder.columns = columns;
    if (columns.length === 0) return;
    const { image, caption, split } = this.names!;
    if (!this.keys.has(image)) throw missingColumn(columns, image, 'image', this.name);
    if (!this.keys.has(caption)) throw missingColumn(columns, caption, 'caption', this.name);
    if (split !== null && !this.keys.has(split)) throw missingColumn(columns, split, 'split', this.name);
  }
}
