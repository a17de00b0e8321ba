import { basename } from 'node:path';
import { HumanError } from '../../protocol/human-error.ts';
import { listed, shortened } from '../../text/words.ts';
import type { ImageSource } from '../pair-set.ts';
import type { ReadContext } from './context.ts';
import { addCoco, isCoco } from './coco.ts';
import { fileImages } from './file-images.ts';
import { JsonFault, parseJson } from './json-text.ts';
import { readJsonLines } from './jsonl.ts';
import { addKarpathy, isKarpathy } from './karpathy.ts';
import { ObjectRows } from './object-rows.ts';
import { textChunks } from './text-file.ts';
import { said, t } from '../../text/say.ts';

/**
 * Reads a file that is one JSON value: COCO's captions, Karpathy's split of them, or rows, which are a list of objects (ALBEF, BLIP,
 * LAVIS), that list under one key, columns as pandas writes them, or captions by the name of their image.
 */
export async function readJsonDocument(context: ReadContext): Promise<ImageSource> {
  const { builder, config } = context;
  const name = basename(context.files[0]!);
  const text = await wholeText(context, name);
  if (text.trim() === '')
    throw new HumanError(said('{0} is empty.', name), said('Write images and captions into it.'), 'no_pairs');
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    if (/\}[ \t\r]*\n\s*\{/.test(text.slice(0, 1 << 20))) return readJsonLines(context);
    throw new HumanError(
      said('{0} is {1}.', name, error.message),
      error.isCut ? said('Copy or write it anew.') : said('Look at that place in an editor.'),
      'bad_file',
    );
  }
  if (isCoco(value)) addCoco(context, value, name);
  else if (isKarpathy(value)) addKarpathy(context, value, name);
  else {
    const rows = rowsOf(value, config.image_column, config.caption_column);
    if (rows === null) throw noRows(value, name);
    const taken = new ObjectRows(context, name);
    for (const [index, row] of rows.entries())
      taken.take(row, { name, line: null, row: t('entry {0}', index + 1) });
    taken.finish();
    if (builder.rows === 0)
      throw new HumanError(said('{0} is an empty list.', name), said('Write pairs into it.'), 'no_pairs');
  }
  return fileImages(context);
}

async function wholeText({ files, signal }: ReadContext, name: string): Promise<string> {
  const chunks: string[] = [];
  for await (const chunk of textChunks(files[0]!, signal)) chunks.push(chunk);
  try {
    return chunks.join('');
  } catch {
    throw new HumanError(
      said('{0} is larger than the 500 MB that a JSON file may have here.', name),
      said('Write one object a line (.jsonl), which may be of any size.'),
      'bad_file',
    );
  }
}

type JsonObject = Record<string, unknown>;

/** The rows of a value; null when it is made in another way. */
function rowsOf(value: unknown, image: string, caption: string): unknown[] | null {
  if (Array.isArray(value)) return value.length === 0 || value.some(isObject) ? value : null;
  if (!isObject(value)) return null;
  const columns = [value[image], value[caption]];
  if (columns.every((column) => typeof column === 'object' && column !== null)) return transposed(value);
  if (image in value && caption in value) return [value];
  const lists = Object.values(value).filter(
    (list) => Array.isArray(list) && list.some(isObject),
  ) as unknown[][];
  if (lists.length === 1) return lists[0]!;
  const entries = Object.entries(value);
  if (entries.length > 0 && entries.every(([, text]) => isTextOrTexts(text)))
    return entries.map(([key, text]) => ({ [image]: key, [caption]: text }));
  return null;
}

/** Columns, each a list or an object by row, as rows. */
function transposed(columns: JsonObject): JsonObject[] {
  const rows = new Map<string, JsonObject>();
  for (const [name, column] of Object.entries(columns)) {
    if (typeof column !== 'object' || column === null) continue;
    for (const [key, cell] of Object.entries(column)) {
      const row = rows.get(key) ?? {};
      row[name] = cell;
      rows.set(key, row);
    }
  }
  return [...rows.values()];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isTextOrTexts = (value: unknown): boolean =>
  typeof value === 'string' ||
  (Array.isArray(value) && value.length > 0 && value.every((text) => typeof text === 'string'));

function noRows(value: unknown, name: string): HumanError {
  return new HumanError(
    said('{0} is JSON, but neither rows nor a COCO captions file: it is {1}.', name, described(value)),
    said(
      'Rows are objects with the keys of data.image_column and data.caption_column; COCO captions have "images" and "annotations" (lists of objects).',
    ),
    'bad_file',
  );
}

function described(value: unknown): string {
  if (Array.isArray(value))
    return t('a list of {0}', Array.isArray(value[0]) ? t('lists') : `${typeof value[0]}s`);
  if (!isObject(value)) return t('a single value ({0})', shortened(JSON.stringify(value), 30));
  const keys = Object.keys(value);
  if (keys.length === 0) return t('an empty object');
  const shown = keys.slice(0, 5).map((key) => shortened(key, 30));
  return t('an object with {0}', keys.length > 5 ? t('{0} ...', shown.join(', ')) : listed(shown));
}
