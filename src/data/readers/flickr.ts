import { basename } from 'node:path';
import type { ImageSource } from '../pair-set.ts';
import { eachLine } from './text-file.ts';
import type { ReadContext } from './context.ts';
import { fileImages, imageKey } from './file-images.ts';

/** Reads Flickr8k's and Flickr30k's token file: `image.jpg#0`, a tab, the caption; quotes are letters. */
export async function readFlickr(context: ReadContext): Promise<ImageSource> {
  const { builder } = context;
  const name = basename(context.files[0]!);
  await eachLine(
    context.files[0]!,
    (text, line) => {
      if (text.trim() === '') return;
      builder.rows++;
      const tab = text.indexOf('\t');
      if (tab < 0) return builder.bad(name, line, 'no tab between the image and its caption');
      const image = text.slice(0, tab).trim().replace(/#\d+$/, '');
      const caption = text.slice(tab + 1).trim();
      if (caption === '') return builder.bad(name, line, 'no caption');
      if (image === '') return builder.bad(name, line, 'no image named');
      builder.add(imageKey(image, context), caption, line);
    },
    context.signal,
  );
  return fileImages(context);
}
