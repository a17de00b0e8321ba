import { basename } from 'node:path';
import type { ImageSource } from '../pair-set.ts';
import { eachLine } from './text-file.ts';
import { refuseSplitColumn } from './columns.ts';
import type { ReadContext } from './context.ts';
import { fileImages } from './file-images.ts';
import { addRow } from './rows.ts';
import { t } from '../../text/say.ts';

/** Reads Flickr8k's and Flickr30k's token file: `image.jpg#0`, a tab, the caption; quotes are letters. */
export async function readFlickr(context: ReadContext): Promise<ImageSource> {
  const { builder } = context;
  const name = basename(context.files[0]!);
  refuseSplitColumn(context, name);
  await eachLine(
    context.files[0]!,
    (text, line) => {
      if (text.trim() === '') return;
      const tab = text.indexOf('\t');
      if (tab < 0) {
        builder.rows++;
        return builder.bad(name, line, t('no tab between the image and its caption'));
      }
      const image = text.slice(0, tab).trim().replace(/#\d+$/, '');
      addRow(context, { name, line }, { image, caption: text.slice(tab + 1) });
    },
    context.signal,
  );
  return fileImages(context);
}
