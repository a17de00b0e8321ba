import { posix } from 'node:path';
import { counted } from '../../text/numbers.ts';
import { plural, shortened } from '../../text/words.ts';
import { textOf } from './captions.ts';
import { isListOfObjects } from './coco.ts';
import { refuseSplitColumn } from './columns.ts';
import type { ReadContext } from './context.ts';
import { addRow } from './rows.ts';
import { t } from '../../text/say.ts';

/** Karpathy's split files (dataset_coco.json, dataset_flickr30k.json): images with their sentences and the part each belongs to. */
export interface Karpathy {
  images: Record<string, unknown>[];
}

export function isKarpathy(value: unknown): value is Karpathy {
  const { images } = (value ?? {}) as { images?: unknown };
  return isListOfObjects(images) && images.some(({ sentences }) => Array.isArray(sentences));
}

/** What is trained on: `restval` is the rest of COCO's validation images, which the split adds to training. */
const trainingParts = ['train', 'restval'];

/** Adds the pairs of the training and validation parts, each on its side of the split; the others are left out with a note. */
export function addKarpathy(context: ReadContext, { images }: Karpathy, name: string): void {
  const { builder } = context;
  refuseSplitColumn(context, name);
  const parts = new Map<string, number>();
  const heldOut = new Set<number>();
  for (const [index, image] of images.entries()) {
    const part = textOf(image['split']);
    parts.set(part, (parts.get(part) ?? 0) + 1);
    if (!trainingParts.includes(part) && part !== 'val' && part !== '') continue;
    const path = posix.join(textOf(image['filepath']), textOf(image['filename']));
    const sentences = Array.isArray(image['sentences']) ? (image['sentences'] as unknown[]) : [];
    for (const sentence of sentences) {
      const { raw } = (typeof sentence === 'object' && sentence !== null ? sentence : { raw: sentence }) as {
        raw?: unknown;
      };
      const place = { name, line: null, row: t('image {0}', index + 1) };
      const id = addRow(context, place, { image: path === '.' ? '' : path, caption: raw });
      if (part === 'val' && id >= 0) heldOut.add(id);
    }
  }
  if (heldOut.size > 0) builder.heldOut = heldOut;
  noteParts(context, name, parts);
}

function noteParts({ builder }: ReadContext, name: string, parts: ReadonlyMap<string, number>): void {
  if (builder.heldOut)
    builder.note(
      t(
        '{0} says itself which images are held out for validation ({1}); data.val_fraction is not used.',
        name,
        counted(builder.heldOut.size),
      ),
    );
  const leftOut = [...parts].filter(
    ([part]) => !trainingParts.includes(part) && part !== 'val' && part !== '',
  );
  for (const [part, count] of leftOut)
    builder.note(
      plural(
        count,
        '1 image of the part {1} of {2} is left out.',
        '{0} images of the part {1} of {2} are left out.',
        shortened(part, 30),
        name,
      ),
    );
}
