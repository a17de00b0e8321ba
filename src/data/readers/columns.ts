import { HumanError } from '../../protocol/human-error.ts';
import { shortened, saidList } from '../../text/words.ts';
import type { ReadContext } from './context.ts';
import { imageName } from './image-name.ts';
import { said, t, type Said } from '../../text/say.ts';

/** The columns that pairs are read from. */
export interface ColumnNames {
  image: string;
  caption: string;
  /** null: the split is by image or caption. */
  split: string | null;
}

/**
 * The columns that are asked for. In the metadata file of a Hugging Face image folder they have names of their own, which are taken
 * where those asked for are not there.
 */
export function columnNames({ config, builder }: ReadContext, columns: string[], file: string): ColumnNames {
  const split = config.split_by === 'image' || config.split_by === 'caption' ? null : config.split_by;
  const names: ColumnNames = { image: config.image_column, caption: config.caption_column, split };
  if (!metadataName.test(file)) return names;
  if (!columns.includes(names.image) && columns.includes('file_name')) names.image = 'file_name';
  const rest = columns.filter((column) => column !== names.image && column !== split);
  const text = rest.includes('text') ? 'text' : rest.length === 1 ? rest[0] : undefined;
  if (!columns.includes(names.caption) && text !== undefined) names.caption = text;
  if (names.image !== config.image_column || names.caption !== config.caption_column) {
    builder.hasOwnNames = true;
    builder.note(
      t(
        '{0} is read as the list of an image folder: images from {1}, captions from {2}.',
        file,
        names.image,
        names.caption,
      ),
    );
  }
  return names;
}

/** The list that a Hugging Face image folder may hold. */
export const metadataName = /^metadata\.(?:csv|jsonl|parquet)$/;

/** Where the columns stand; -1 for no split column. A HumanError with code `missing_<use>_column` names the columns that there are. */
export function findColumns(
  context: ReadContext,
  columns: string[],
  file: string,
): { names: ColumnNames; image: number; caption: number; split: number } {
  const names = columnNames(context, columns, file);
  const find = (wanted: string, use: ColumnUse): number => {
    const index = columns.indexOf(wanted);
    if (index < 0) throw noHeader(columns, names, file) ?? missingColumn(columns, wanted, use, file);
    const again = columns.indexOf(wanted, index + 1);
    if (again >= 0) throw columnTwice(wanted, index, again, file);
    return index;
  };
  return {
    names,
    image: find(names.image, 'image'),
    caption: find(names.caption, 'caption'),
    split: names.split === null ? -1 : find(names.split, 'split'),
  };
}

export type ColumnUse = 'image' | 'caption' | 'split';

/** A HumanError that also has the names of the columns that there are, for who wants to offer them. */
export class MissingColumn extends HumanError {
  constructor(
    what: Said,
    todo: Said,
    code: string,
    readonly columns: string[],
  ) {
    super(what, todo, code);
  }
}

export function missingColumn(
  columns: string[],
  wanted: string,
  use: ColumnUse,
  file: string,
): MissingColumn {
  const setting = use === 'split' ? 'split_by' : `${use}_column`;
  const shown = columns.slice(0, 20).map((name) => `"${shortened(name, 100)}"`);
  return new MissingColumn(
    said(
      '{0} has no column "{1}"; its columns are {2}.',
      file,
      shortened(wanted, 100),
      shown.length ? saidList(shown.map((name) => said('{0}', name))) : said('none'),
    ),
    said('Set {0} to one of them.', `data.${setting}`),
    `missing_${use}_column`,
    columns.map((name) => shortened(name, 100)),
  );
}

/** Refuses to split pairs by a column where there are none. */
export function refuseSplitColumn({ config }: ReadContext, file: string): void {
  if (config.split_by !== 'image' && config.split_by !== 'caption')
    throw new HumanError(
      said('{0} has no columns, so no "{1}" to split by.', file, shortened(config.split_by, 100)),
      said('Set data.split_by to image or caption.'),
      'missing_split_column',
    );
}

/** What is wrong with a first line that names no column that is asked for: it is a pair already, or spaces part it. */
function noHeader(columns: string[], { image, caption }: ColumnNames, file: string): HumanError | null {
  const pair = columns.find((column) => imageName.test(column));
  if (pair !== undefined && columns.length > 1)
    return new HumanError(
      said('{0} has no header: its first line is a pair already ({1}).', file, shortened(pair, 100)),
      said(
        'Write a line above it that names the columns, such as {0},{1} with the separator of the file.',
        image,
        caption,
      ),
      'no_header',
    );
  const words = columns.length === 1 ? columns[0]!.split(/ +/) : [];
  if (words.length > 1 && words.includes(image) && words.includes(caption))
    return new HumanError(
      said('The columns of {0} are parted by spaces, which captions hold too.', file),
      said('Save it with tabs or commas between the columns.'),
      'parted_by_spaces',
    );
  return null;
}

function columnTwice(name: string, first: number, second: number, file: string): HumanError {
  return new HumanError(
    said(
      '{0} has two columns "{1}" (columns {2} and {3}).',
      file,
      shortened(name, 100),
      first + 1,
      second + 1,
    ),
    said('Give one of them another name.'),
    'column_twice',
  );
}
