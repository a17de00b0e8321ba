import { HumanError } from '../../protocol/human-error.ts';
import { lookAtFirstBytes } from '../../text/first-bytes.ts';
import { captionsOf, textOf } from './captions.ts';
import type { ReadContext } from './context.ts';
import { imageKey } from './file-images.ts';
import { said, t } from '../../text/say.ts';

/** Where a row stands, for what is said of it. */
export interface Place {
  /** Name of the list. */
  name: string;
  line: number | null;
  /** In front of a reason where there are no lines: `row 12`. */
  row?: string;
}

/** A row of a list: which image it names, and its caption or captions. */
export interface Row {
  image: unknown;
  caption: unknown;
  split?: string | undefined;
}

/** Adds the pairs of a row of a list whose images are files, or says what is wrong with it. Returns the image's id; -1 for no pair. */
export function addRow(context: ReadContext, place: Place, { image, caption, split }: Row): number {
  const { builder } = context;
  builder.rows++;
  const { texts, faults } = captionsOf(caption);
  for (const fault of faults) badRow(context, place, fault);
  if (texts.length === 0) return -1;
  const written = textOf(image);
  if (written.length > longestPath) refuseEncoded(written, context, place.name);
  const fault = imageFault(image, written);
  if (fault !== null) {
    badRow(context, place, fault);
    return -1;
  }
  const key = imageKey(written, context);
  let id = -1;
  for (const text of texts) id = builder.add(key, text, place.line ?? 0, split);
  return id;
}

export function badRow({ builder }: ReadContext, { name, line, row }: Place, reason: string): void {
  builder.bad(name, line, row === undefined ? reason : `${row}: ${reason}`);
}

function imageFault(image: unknown, written: string): string | null {
  if (Array.isArray(image)) return t('the image is a list, not a path');
  if (typeof image === 'object' && image !== null) return t('the image is an object, not a path');
  if (written === '') return t('no image named');
  return written.includes('\ufffd') ? t('the image’s name has bytes that are not UTF-8') : null;
}

/** Letters; what is longer may be an image itself. */
const longestPath = 90;

/** Images written into the list as text: base64, as OFA and GIT have them, or data addresses. */
function refuseEncoded(written: string, { config }: ReadContext, name: string): void {
  const isDataAddress = /^data:image\/[\w.+-]+;base64,/.test(written.slice(0, 60));
  const encoded = isDataAddress ? written.slice(written.indexOf(',') + 1) : written;
  const start = encoded.slice(0, 64);
  if (!/^[\w+/-]{64}$/.test(start)) return;
  if (!isDataAddress && !isImage(Buffer.from(start, 'base64'))) return;
  throw new HumanError(
    said(
      'The column "{0}" of {1} holds images as base64 text, which is not read.',
      config.image_column,
      name,
    ),
    said('Write the images to files and name those, or put their bytes into a Parquet file.'),
    'bad_file',
  );
}

function isImage(start: Buffer): boolean {
  const text = start.toString('latin1');
  return (
    /^(?:\x89PNG\r\n|\xff\xd8\xff|GIF8|RIFF....WEBP|II\*\0|MM\0\*|....ftyp)/s.test(text) ||
    lookAtFirstBytes(start)?.kind === 'image'
  );
}
