import type { AsyncBuffer, FileMetaData, SchemaTree } from 'hyparquet';
import { HumanError } from '../../protocol/human-error.ts';
import { listed, shortened } from '../../text/words.ts';
import { readRowGroup } from './parquet-rows.ts';
import { said, t } from '../../text/say.ts';

interface ParquetFile {
  file: AsyncBuffer;
  path: string;
  name: string;
}

/** Bytes a value: no image file is smaller. */
const smallestImage = 20;
/** Bytes a value of a column that may as well hold paths. */
const longestPath = 500;

/** Whether a column holds images' bytes or their paths. A HumanError (`bad_file`) says what else it holds. */
export async function parquetForm(
  { element, children }: SchemaTree,
  metadata: FileMetaData,
  { file, path, name }: ParquetFile,
): Promise<'bytes' | 'paths'> {
  const column = element.name;
  const refuse = (what: string): HumanError =>
    new HumanError(
      said('The column "{0}" of {1} holds {2}, not images.', shortened(column, 100), name, what),
      said('Set data.image_column to a column of bytes, of paths, or of both as Hugging Face writes them.'),
      'bad_file',
    );
  if (element.repetition_type === 'REPEATED' || element.converted_type === 'LIST') throw refuse('lists');
  if (children.length > 0) {
    const parts = children.map((child) => child.element.name);
    const hasBytes = parts.includes('bytes') && meanBytes(metadata, [column, 'bytes']) >= smallestImage;
    if (hasBytes) return 'bytes';
    if (parts.includes('path')) return 'paths';
    throw refuse(parts.includes('bytes') ? t('no bytes') : t('structs of {0}', listed(parts.slice(0, 5))));
  }
  if (element.converted_type === 'UTF8' || element.logical_type?.type === 'STRING') return 'paths';
  if (element.type !== 'BYTE_ARRAY') throw refuse(t('values of the type {0}', element.type ?? t('unknown')));
  if (meanBytes(metadata, [column]) > longestPath) return 'bytes';
  if (metadata.row_groups.length === 0) return 'bytes';
  const rows = await readRowGroup({ file, path, metadata, group: 0, columns: [column], utf8: false });
  const first: unknown = rows[0]?.[column];
  return first instanceof Uint8Array && isPath(first) ? 'paths' : 'bytes';
}

/** The path in a row's image: the text itself, or the `path` of a struct. */
export function pathOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'path' in value ? value.path : value;
}

/** Uncompressed, of the values of a column as they are stored. */
function meanBytes({ row_groups: groups }: FileMetaData, path: string[]): number {
  let bytes = 0;
  let values = 0;
  for (const { columns } of groups)
    for (const { meta_data: meta } of columns)
      if (meta?.path_in_schema.join('\n') === path.join('\n')) {
        bytes += Number(meta.total_uncompressed_size);
        values += Number(meta.num_values);
      }
  return values === 0 ? 0 : bytes / values;
}

/** Old writers do not say that bytes are text. */
function isPath(value: Uint8Array): boolean {
  return value.length > 0 && value.every((byte) => byte >= 32 && byte !== 127);
}
