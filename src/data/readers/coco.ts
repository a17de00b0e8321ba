import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { HumanError } from '../../protocol/human-error.ts';
import type { ImageSource } from '../pair-set.ts';
import { fileError } from './text-file.ts';
import type { ReadContext } from './context.ts';
import { fileImages, imageKey } from './file-images.ts';
import { textOf } from './jsonl.ts';

/** Reads COCO's captions file: `images` with `id` and `file_name`, `annotations` with `image_id` and `caption`. */
export async function readCoco(context: ReadContext): Promise<ImageSource> {
  const { builder } = context;
  const file = context.files[0]!;
  const name = basename(file);
  const { images, annotations } = cocoOf(await textOfFile(file), name);

  const keys = new Map<unknown, string>();
  const withCaption = new Set<unknown>();
  for (const image of images) {
    const written = textOf(image.file_name);
    if (written !== '') keys.set(image.id, imageKey(written, context));
    else builder.bad(name, null, `image ${String(image.id)} has no file_name`);
  }
  annotations.forEach((annotation, index) => {
    builder.rows++;
    const what = `annotation ${String(annotation.id ?? `number ${index + 1}`)}`;
    const key = keys.get(annotation.image_id);
    if (key === undefined) {
      const reason = `${what} points at image ${String(annotation.image_id)}, which is not listed`;
      return builder.bad(name, null, reason);
    }
    const caption = textOf(annotation.caption);
    if (caption === '') return builder.bad(name, null, `${what} has no caption`);
    withCaption.add(annotation.image_id);
    builder.add(key, caption, 0);
  });
  const without = [...keys.keys()].filter((id) => !withCaption.has(id));
  if (without.length > 0) {
    const ids = without.slice(0, 10).map(String).join(', ') + (without.length > 10 ? '...' : '');
    builder.note(
      `${without.length === 1 ? '1 image has' : `${without.length} images have`} no caption: ${ids}.`,
    );
  }
  return fileImages(context);
}

interface Coco {
  images: { id: unknown; file_name: unknown }[];
  annotations: { id?: unknown; image_id: unknown; caption: unknown }[];
}

function cocoOf(text: string, name: string): Coco {
  const todo = 'COCO captions have "images" and "annotations" (lists of objects).';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new HumanError(`${name} is not JSON: ${(error as Error).message}.`, todo, 'bad_file');
  }
  const isList = (list: unknown): boolean =>
    Array.isArray(list) && list.every((item) => typeof item === 'object' && item !== null);
  const coco = value as Coco | null;
  if (typeof coco !== 'object' || coco === null || !isList(coco.images) || !isList(coco.annotations))
    throw new HumanError(`${name} is JSON, but no COCO captions file.`, todo, 'bad_file');
  return coco;
}

async function textOfFile(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/^\ufeff/, '');
  } catch (error) {
    throw fileError(file, error);
  }
}
