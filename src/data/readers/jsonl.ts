import { basename } from 'node:path';
import { HumanError } from '../../protocol/human-error.ts';
import { eachLine } from './text-file.ts';
import type { ImageSource } from '../pair-set.ts';
import type { ReadContext } from './context.ts';
import { fileImages } from './file-images.ts';
import { JsonFault, parseJson } from './json-text.ts';
import { ObjectRows } from './object-rows.ts';
import { said, t } from '../../text/say.ts';

/** Reads one JSON object a line: the image's path and a caption, or a list of captions. */
export async function readJsonLines(context: ReadContext): Promise<ImageSource> {
  const { builder } = context;
  const name = basename(context.files[0]!);
  const rows = new ObjectRows(context, name);
  await eachLine(
    context.files[0]!,
    (text, line) => {
      if (text.trim() === '') return;
      let record: unknown;
      try {
        record = parseJson(text);
      } catch (error) {
        if (!(error instanceof JsonFault)) throw error;
        builder.rows++;
        const { column, isCut } = error;
        return builder.bad(
          name,
          line,
          t('not JSON: {0}column {1}', isCut ? t('the line ends too early, ') : '', column),
        );
      }
      rows.take(record, { name, line });
    },
    context.signal,
  );
  rows.finish();
  if (builder.rows === 0)
    throw new HumanError(said('{0} is empty.', name), said('Write one JSON object a line.'), 'no_pairs');
  return fileImages(context);
}
