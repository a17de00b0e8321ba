import { parquetReadObjects, type AsyncBuffer, type FileMetaData } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { compressors } from 'hyparquet-compressors';
import { byLibrary } from './file-errors.ts';
import { t } from '../../text/say.ts';

/** Which rows of an open file, and which of their columns. */
export interface RowsWanted {
  file: AsyncBuffer;
  /** Its path, for messages. */
  path: string;
  metadata: FileMetaData;
  /** A row group's, whole. */
  group: number;
  columns: readonly string[];
  /** false: bytes stay bytes, also those of text. */
  utf8?: boolean;
}

/** The rows of a row group as objects. A HumanError (`bad_file`) says that the file is damaged. */
export async function readRowGroup({
  file,
  path,
  metadata,
  group,
  columns,
  utf8 = true,
}: RowsWanted): Promise<Record<string, unknown>[]> {
  const rowCounts = metadata.row_groups.map(({ num_rows: rows }) => Number(rows));
  const rowStart = rowCounts.slice(0, group).reduce((sum, rows) => sum + rows, 0);
  const rowEnd = rowStart + rowCounts[group]!;
  return byLibrary(path, async () => {
    await checkPages(file, metadata, group, columns);
    return parquetReadObjects({ file, metadata, columns: [...columns], rowStart, rowEnd, compressors, utf8 });
  });
}

/** Looks at the headers of all pages: on some that are damaged hyparquet 1.33 never ends. */
async function checkPages(
  file: AsyncBuffer,
  metadata: FileMetaData,
  group: number,
  columns: readonly string[],
): Promise<void> {
  for (const { meta_data: chunk } of metadata.row_groups[group]!.columns) {
    if (!chunk || !columns.includes(chunk.path_in_schema[0]!)) continue;
    // Zero stands for no dictionary where a writer says it at all.
    const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
    const bytes = await file.slice(start, start + Number(chunk.total_compressed_size));
    const reader = { view: new DataView(bytes), offset: 0 };
    while (reader.offset < bytes.byteLength - 1) {
      const header = parquetHeader(reader);
      const size = header.compressed_page_size;
      const { data_page_header: v1, data_page_header_v2: v2, dictionary_page_header: dictionary } = header;
      const counts = v2
        ? [
            v2.num_values,
            v2.num_nulls,
            v2.num_rows,
            v2.definition_levels_byte_length,
            v2.repetition_levels_byte_length,
          ]
        : [(v1 ?? dictionary)?.num_values];
      const isWhole = [size, header.uncompressed_page_size, ...counts].every((value) => isCount(value));
      if (!isWhole || reader.offset + size > bytes.byteLength)
        throw new Error(t('a page of {0} has no valid header', chunk.path_in_schema.join('.')));
      reader.offset += size;
    }
  }
}

/** Of the format's own 32 bits. */
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
