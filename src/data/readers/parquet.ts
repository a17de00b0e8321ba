import { basename } from 'node:path';
import {
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type FileMetaData,
  type SchemaTree,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { HumanError } from '../../protocol/human-error.ts';
import { IntColumn } from '../columns/int-column.ts';
import type { ImageSource } from '../pair-set.ts';
import { findColumn } from './columns.ts';
import type { ReadContext } from './context.ts';
import { fileImages, imageKey } from './file-images.ts';
import { textOf } from './jsonl.ts';
import { parquetImages, type ParquetPlaces } from './parquet-images.ts';
import { randomAccess } from './random-access.ts';

/**
 * Reads Parquet, one file or several: the caption is a column of text (or of lists of them); the image is a column of bytes, a
 * struct of `bytes` and `path` as Hugging Face writes it, or a path. Only captions (and paths) are read here.
 */
export async function readParquet(context: ReadContext): Promise<ImageSource> {
  const { builder, config } = context;
  const places: ParquetPlaces = {
    files: context.files,
    groups: [],
    groupOf: new IntColumn(),
    rowOf: new IntColumn(),
  };
  let hasPaths = false;
  const isOwnColumn = config.split_by !== 'image' && config.split_by !== 'caption';

  for (const [fileIndex, path] of context.files.entries()) {
    const name = basename(path);
    const file = await randomAccess(path);
    try {
      const metadata = await metadataOf(file, name);
      const fields = parquetSchema(metadata).children;
      builder.columns = fields.map((field) => field.element.name);
      const image = fields[findColumn(builder.columns, config.image_column, 'image', name)]!;
      findColumn(builder.columns, config.caption_column, 'caption', name);
      if (isOwnColumn) findColumn(builder.columns, config.split_by, 'split', name);
      hasPaths = isText(image);
      const columns = [config.caption_column];
      if (isOwnColumn) columns.push(config.split_by);
      if (hasPaths) columns.push(config.image_column);

      let rowStart = 0;
      for (const { num_rows: groupRows } of metadata.row_groups) {
        context.signal?.throwIfAborted();
        const rowEnd = rowStart + Number(groupRows);
        const rows = await parquetReadObjects({ file, metadata, columns, rowStart, rowEnd, compressors });
        places.groups.push({ file: fileIndex, rowStart, rowEnd });
        for (const [index, row] of rows.entries()) {
          const number = rowStart + index;
          builder.rows++;
          const where = `row ${number + 1}: `;
          const value: unknown = row[config.caption_column];
          const captions = (Array.isArray(value) ? value : [value]).map(textOf).filter((text) => text !== '');
          const written = hasPaths ? textOf(row[config.image_column]) : '';
          if (captions.length === 0) builder.bad(name, null, `${where}no caption`);
          else if (hasPaths && written === '') builder.bad(name, null, `${where}no image named`);
          else {
            const before = builder.images.count;
            const key = hasPaths ? imageKey(written, context) : `${name}/${number}`;
            const split = isOwnColumn ? textOf(row[config.split_by]) : undefined;
            for (const caption of captions) builder.add(key, caption, 0, split);
            if (builder.images.count > before) {
              places.groupOf.push(places.groups.length - 1);
              places.rowOf.push(index);
            }
          }
        }
        rowStart = rowEnd;
      }
    } finally {
      await file.close();
    }
  }
  return hasPaths ? fileImages(context) : parquetImages(places, config.image_column);
}

async function metadataOf(
  file: Awaited<ReturnType<typeof randomAccess>>,
  name: string,
): Promise<FileMetaData> {
  try {
    return await parquetMetadataAsync(file);
  } catch (error) {
    throw new HumanError(
      `${name} is not a whole Parquet file: ${(error as Error).message}.`,
      'Write or copy it anew.',
      'bad_file',
    );
  }
}

function isText({ element, children }: SchemaTree): boolean {
  return (
    children.length === 0 && (element.converted_type === 'UTF8' || element.logical_type?.type === 'STRING')
  );
}
