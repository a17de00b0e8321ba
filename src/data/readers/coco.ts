import { plural, shortened } from '../../text/words.ts';
import { captionsOf, textOf } from './captions.ts';
import { refuseSplitColumn } from './columns.ts';
import type { ReadContext } from './context.ts';
import { imageKey } from './file-images.ts';
import { t } from '../../text/say.ts';

/** COCO's captions file: `images` with `id` and `file_name`, `annotations` with `image_id` and `caption`. */
export interface Coco {
  images: Record<string, unknown>[];
  annotations: Record<string, unknown>[];
}

export function isCoco(value: unknown): value is Coco {
  const coco = value as Partial<Coco> | null;
  return (
    typeof coco === 'object' &&
    coco !== null &&
    isListOfObjects(coco.images) &&
    isListOfObjects(coco.annotations)
  );
}

export function isListOfObjects(list: unknown): list is Record<string, unknown>[] {
  return Array.isArray(list) && list.every((item) => typeof item === 'object' && item !== null);
}

/** An image of the list, until its captions are found. */
interface Listed {
  key: string;
  hasCaption: boolean;
  /** Its id stands for another file too, as when files of two sets were put together: no caption of it can be trusted. */
  otherKey: string | null;
}

/** Adds the pairs of a COCO file. Captions of an id that stands for two files are left out. */
export function addCoco(context: ReadContext, { images, annotations }: Coco, name: string): void {
  const { builder } = context;
  refuseSplitColumn(context, name);
  const byId = listedImages(context, images, name);
  for (const [index, annotation] of annotations.entries()) {
    builder.rows++;
    const what = t('annotation {0}', idText(annotation['id'] ?? t('number {0}', index + 1)));
    const id = idText(annotation['image_id']);
    const image = byId.get(id);
    if (image === undefined) {
      builder.bad(name, null, t('{0} points at image {1}, which is not listed', what, id));
      continue;
    }
    if (image.otherKey !== null) {
      builder.bad(
        name,
        null,
        t('{0} points at image {1}, an id that stands for two files ({2})', what, id, filesOf(image)),
      );
      continue;
    }
    const { texts, faults } = captionsOf(annotation['caption']);
    for (const fault of faults)
      builder.bad(
        name,
        null,
        fault === t('no caption') ? t('{0} has no caption', what) : t('{0}: {1}', what, fault),
      );
    for (const text of texts) builder.add(image.key, text, 0);
    image.hasCaption ||= texts.length > 0;
  }
  noteTwice(context, byId);
  const without = [...byId].filter(([, { hasCaption, otherKey }]) => !hasCaption && otherKey === null);
  if (without.length > 0)
    builder.note(
      t('{0} no caption: {1}.', plural(without.length, '1 image has', '{0} images have'), shownIds(without)),
    );
}

function listedImages(context: ReadContext, images: Coco['images'], name: string): Map<string, Listed> {
  const byId = new Map<string, Listed>();
  for (const image of images) {
    const id = idText(image['id']);
    const written = textOf(image['file_name']);
    if (written === '') {
      context.builder.bad(name, null, t('image {0} has no file_name', id));
      continue;
    }
    const key = imageKey(written, context);
    const known = byId.get(id);
    if (known === undefined) byId.set(id, { key, hasCaption: false, otherKey: null });
    else if (known.key !== key) known.otherKey ??= key;
  }
  return byId;
}

function noteTwice({ builder }: ReadContext, byId: Map<string, Listed>): void {
  const twice = [...byId].filter(([, { otherKey }]) => otherKey !== null);
  if (twice.length === 0) return;
  const [id, image] = twice[0]!;
  builder.note(
    plural(
      twice.length,
      '1 image id stands for two files each, and its captions are left out: {1}; image id {2} is there twice ({3}). Number the images of one part anew.',
      '{0} image ids stand for two files each, and their captions are left out: {1}; image id {2} is there twice ({3}). Number the images of one part anew.',
      shownIds(twice),
      id,
      filesOf(image),
    ),
  );
}

const filesOf = ({ key, otherKey }: Listed): string =>
  t('{0} and {1}', shortened(key, 100), shortened(otherKey!, 100));

function shownIds(images: [string, Listed][]): string {
  return (
    images
      .slice(0, 10)
      .map(([id]) => id)
      .join(', ') + (images.length > 10 ? '...' : '')
  );
}

/** Ids are compared as they are written: 7 and "7" are the same. */
function idText(id: unknown): string {
  return shortened(typeof id === 'object' ? JSON.stringify(id) : String(id), 100);
}
