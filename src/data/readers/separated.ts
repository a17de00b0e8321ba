import { basename } from 'node:path';
import { HumanError } from '../../protocol/human-error.ts';
import type { ReadContext } from './context.ts';
import { findColumns } from './columns.ts';
import { fileImages } from './file-images.ts';
import { addRow } from './rows.ts';
import type { ImageSource } from '../pair-set.ts';
import { textChunks } from './text-file.ts';
import { SeparatedRecords, type SeparatedRecord } from './separated-records.ts';
import { plural } from '../../text/words.ts';
import { said, t } from '../../text/say.ts';

/** UTF-16 units. */
const longestHeader = 1 << 20;

const commonSeparators = ['\t', ',', ';', '|'];

/** Reads csv, tsv and the like: a header line, then a row for each pair. */
export async function readSeparated(context: ReadContext): Promise<ImageSource> {
  const file = context.files[0]!;
  const name = basename(file);
  let reader: RowReader | null = null;
  let records: SeparatedRecords | null = null;
  let start = '';

  const take = (chunk: string, isLast: boolean): void => {
    if (!records) {
      start += chunk;
      const header = /^[^\r\n]*[\r\n]/.exec(start.replace(/^[\r\n]+/, ''))?.[0] ?? (isLast ? start : null);
      if (header === null && start.length > longestHeader)
        throw new HumanError(
          said('The first line of {0} is longer than a million letters.', name),
          said('It should name the columns, such as image,caption.'),
          'bad_file',
        );
      if (header === null) return;
      records = new SeparatedRecords(separatorOf(header, context));
      chunk = start;
    }
    for (const record of records.take(chunk, isLast)) {
      if (!reader) reader = new RowReader(record, context, name);
      else reader.take(record);
    }
  };
  for await (const chunk of textChunks(file, context.signal)) take(chunk, false);
  take('', true);
  if (!reader)
    throw new HumanError(said('{0} is empty.', name), said('Its first line names the columns.'), 'no_pairs');
  return fileImages(context);
}

/** The separator asked for, or the one under which the header names both columns, or the most frequent. */
function separatorOf(header: string, { config }: ReadContext): string {
  if (config.delimiter) return config.delimiter;
  const namesBoth = (separator: string): boolean => {
    const names =
      new SeparatedRecords(separator).take(header, true)[0]?.fields.map((field) => field.trim()) ?? [];
    return names.includes(config.image_column) && names.includes(config.caption_column);
  };
  const named = commonSeparators.find(namesBoth);
  if (named) return named;
  const counts = commonSeparators.map((separator) => header.split(separator).length);
  return commonSeparators[counts.indexOf(Math.max(...counts))]!;
}

const faults = () => ({
  quote: t('the quote that opens here is never closed'),
  length: t('the line is longer than 4 million letters'),
});

/** Takes rows under a header. */
class RowReader {
  private readonly columns: string[];
  private readonly at: ReturnType<typeof findColumns>;

  constructor(
    header: SeparatedRecord,
    private readonly context: ReadContext,
    private readonly name: string,
  ) {
    this.columns = header.fields.map((field) => field.trim());
    context.builder.columns = this.columns;
    this.at = findColumns(context, this.columns, name);
  }

  take({ fields, line, fault }: SeparatedRecord): void {
    const { builder } = this.context;
    const reason = fault ? faults()[fault] : this.wrongCount(fields);
    if (reason) {
      builder.rows++;
      return builder.bad(this.name, line, reason);
    }
    const { image, caption, split } = this.at;
    addRow(
      this.context,
      { name: this.name, line },
      {
        image: fields[image],
        caption: fields[caption],
        split: split < 0 ? undefined : fields[split]!.trim(),
      },
    );
  }

  private wrongCount(fields: string[]): string | null {
    let count = fields.length;
    while (count > this.columns.length && fields[count - 1]!.trim() === '') count--;
    if (count === this.columns.length) return null;
    return t('{0} where the header has {1}', plural(count, '{0} field', '{0} fields'), this.columns.length);
  }
}
