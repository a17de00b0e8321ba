import { basename } from 'node:path';
import { HumanError } from '../../protocol/human-error.ts';
import { eachLine } from './text-file.ts';
import type { ImageSource } from '../pair-set.ts';
import { missingColumn } from './columns.ts';
import type { ReadContext } from './context.ts';
import { fileImages, imageKey } from './file-images.ts';

/** Reads one JSON object a line: the image's path and a caption, or a list of captions. */
export async function readJsonLines(context: ReadContext): Promise<ImageSource> {
  const { builder, config } = context;
  const name = basename(context.files[0]!);
  const keys = new Set<string>();
  const splitBy = config.split_by === 'image' || config.split_by === 'caption' ? null : config.split_by;

  await eachLine(
    context.files[0]!,
    (text, line) => {
      if (text.trim() === '') return;
      builder.rows++;
      const record = parsed(text);
      if (typeof record === 'string') return builder.bad(name, line, record);
      for (const key in record) if (keys.size < 1000) keys.add(key);
      const image = textOf(record[config.image_column]);
      if (image === '') return builder.bad(name, line, `no image named (key "${config.image_column}")`);
      const value = record[config.caption_column];
      const captions = (Array.isArray(value) ? value : [value])
        .map(textOf)
        .filter((caption) => caption !== '');
      if (captions.length === 0)
        return builder.bad(name, line, `no caption (key "${config.caption_column}")`);
      const split = splitBy === null ? undefined : textOf(record[splitBy]);
      for (const caption of captions) builder.add(imageKey(image, context), caption, line, split);
    },
    context.signal,
  );
  builder.columns = [...keys];
  if (keys.size > 0) {
    if (!keys.has(config.image_column)) throw missingColumn([...keys], config.image_column, 'image', name);
    if (!keys.has(config.caption_column))
      throw missingColumn([...keys], config.caption_column, 'caption', name);
    if (splitBy !== null && !keys.has(splitBy)) throw missingColumn([...keys], splitBy, 'split', name);
  }
  if (builder.rows === 0)
    throw new HumanError(`${name} is empty.`, 'Write one JSON object a line.', 'no_pairs');
  return fileImages(context);
}

/** A trimmed text; numbers count as texts, all else as none. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' ? String(value) : '';
}

/** The object on a line, or what is wrong with it. */
function parsed(text: string): Record<string, unknown> | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // Node says the position in its own words, and none at all when the line ends too early.
    const position = /position (\d+)/.exec(String(error))?.[1];
    const column = position === undefined ? text.length + 1 : Number(position) + 1;
    return `not JSON: ${column > text.length ? 'the line ends too early, ' : ''}column ${column}`;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not a JSON object';
  return value as Record<string, unknown>;
}
