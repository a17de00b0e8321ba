import { parquetMetadataAsync, parquetSchema } from 'hyparquet';
import { HumanError } from '../../protocol/human-error.ts';
import { IntColumn } from '../columns/int-column.ts';
import type { ImageSource } from '../pair-set.ts';
import { beginningOf } from './beginning.ts';
import { captionsOf, textOf } from './captions.ts';
import { findColumns, type ColumnNames } from './columns.ts';
import type { ReadContext } from './context.ts';
import { byLibrary } from './file-errors.ts';
import { fileImages } from './file-images.ts';
import { parquetForm, pathOf } from './parquet-form.ts';
import { parquetImages, type ParquetPlaces } from './parquet-images.ts';
import { readRowGroup } from './parquet-rows.ts';
import { randomAccess } from './random-access.ts';
import { addRow } from './rows.ts';
import { shardNames } from './shard-names.ts';
import { said, t } from '../../text/say.ts';

/**
 * Reads Parquet, one file or several: the caption is a column of text (or of lists of them); the image is a column of bytes, a
 * struct of `bytes` and `path` as Hugging Face writes it, or a path. Only captions (and paths) are read here.
 */
export async function readParquet(context: ReadContext): Promise<ImageSource> {
  const places: ParquetPlaces = {
    files: context.files,
    groups: [],
    groupOf: new IntColumn(),
    rowOf: new IntColumn(),
  };
  const names = shardNames(context.files);
  let first: Shard | null = null;
  for (const [index, file] of context.files.entries()) {
    const shard = await readShard(context, { file, index, name: names[index]! }, places);
    first ??= shard;
    if (shard.form !== first.form || shard.image !== first.image)
      throw new HumanError(
        said(
          '{0} holds {1} of images in {2}, and {3} {4} in {5}.',
          names[0]!,
          first.form,
          first.image,
          names[index]!,
          shard.form,
          shard.image,
        ),
        said('Name files of one kind in data.pairs.'),
        'bad_file',
      );
  }
  return first!.form === 'paths' ? fileImages(context) : parquetImages(places, first!.image);
}

interface Shard {
  form: 'bytes' | 'paths';
  /** The image column. */
  image: string;
}

async function readShard(
  context: ReadContext,
  { file: path, index: fileIndex, name }: { file: string; index: number; name: string },
  places: ParquetPlaces,
): Promise<Shard> {
  await beginningOf(path);
  const file = await randomAccess(path);
  try {
    const metadata = await byLibrary(path, () => parquetMetadataAsync(file));
    const fields = await byLibrary(path, () => Promise.resolve(parquetSchema(metadata).children));
    const columns = fields.map((field) => field.element.name);
    context.builder.columns = columns;
    const { names, image } = findColumns(context, columns, name);
    const form = await parquetForm(fields[image]!, metadata, { file, path, name });
    const wanted = [
      names.caption,
      ...(names.split === null ? [] : [names.split]),
      ...(form === 'paths' ? [names.image] : []),
    ];

    let first = 0;
    for (const group of metadata.row_groups.keys()) {
      context.signal?.throwIfAborted();
      const rows = await readRowGroup({ file, path, metadata, group, columns: [...new Set(wanted)] });
      places.groups.push({ file: fileIndex, group });
      const take = form === 'paths' ? takePath : takeBytes;
      for (const [row, value] of rows.entries())
        take(context, { name, number: first + row, row, value, names }, places);
      first += rows.length;
    }
    return { form, image: names.image };
  } finally {
    await file.close();
  }
}

interface FoundRow {
  name: string;
  /** In the file, from 0. */
  number: number;
  /** In its row group. */
  row: number;
  value: Record<string, unknown>;
  names: ColumnNames;
}

function takePath(context: ReadContext, { name, number, value, names }: FoundRow): void {
  const { image, caption, split } = names;
  addRow(
    context,
    { name, line: null, row: t('row {0}', number + 1) },
    {
      image: pathOf(value[image]),
      caption: value[caption],
      split: split === null ? undefined : textOf(value[split]),
    },
  );
}

function takeBytes(
  { builder }: ReadContext,
  { name, number, row, value, names }: FoundRow,
  places: ParquetPlaces,
): void {
  builder.rows++;
  const { texts, faults } = captionsOf(value[names.caption]);
  for (const fault of faults) builder.bad(name, null, t('row {0}: {1}', number + 1, fault));
  if (texts.length === 0) return;
  for (const text of texts)
    builder.add(`${name}/${number}`, text, 0, names.split === null ? undefined : textOf(value[names.split]));
  places.groupOf.push(places.groups.length - 1);
  places.rowOf.push(row);
}
