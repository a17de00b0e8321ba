import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import type { ImageSource } from '../pair-set.ts';
import { fileError } from './file-errors.ts';
import type { ReadContext } from './context.ts';
import { fileImages } from './file-images.ts';

/** Names that are taken for images in folders and shards. */
export const imageName = /\.(jpe?g|jfif|png|webp|gif|bmp|tiff?|avif|svg)$/i;

/**
 * Reads a folder, and those in it, of images with a text of the same name beside each: `x.jpg` and `x.txt`. The whole text is
 * one caption. Files and folders whose names begin with a dot are left out.
 */
export async function readFolder(context: ReadContext): Promise<ImageSource> {
  const { builder } = context;
  const root = context.files[0]!;
  const names = await filesBelow(root, context.signal);
  const texts = new Set(names.filter((name) => /\.txt$/i.test(name)));
  const lowerTexts = new Map([...texts].map((name) => [stem(name), name]));
  const images = names.filter((name) => imageName.test(name));
  const used = new Set<string>();
  const limit = pLimit(16);

  const captions = images.map((image) => {
    const text = lowerTexts.get(stem(image));
    if (text === undefined) return null;
    used.add(text);
    return limit(async () => (await readFile(join(root, text), 'utf8')).trim());
  });
  for (const [index, image] of images.entries()) {
    context.signal?.throwIfAborted();
    builder.rows++;
    const caption = await captions[index]!;
    if (caption === null) builder.bad(image, null, 'no text of this name beside the image');
    else if (caption === '') builder.bad(image, null, 'no caption: its text is blank');
    else builder.add(image, caption, 0);
  }
  for (const text of texts)
    if (!used.has(text)) builder.bad(text, null, 'no image of this name beside the text');
  return fileImages({ ...context, imageRoot: root });
}

/** Paths of the files below a folder, from it, with forward slashes, in a fixed order. */
export async function filesBelow(root: string, signal?: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  const visit = async (folder: string): Promise<void> => {
    signal?.throwIfAborted();
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: unknown) => {
      throw fileError(join(root, folder), error);
    });
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) await visit(path);
      else found.push(path);
    }
  };
  await visit('');
  return found.sort();
}

function stem(name: string): string {
  return name.slice(0, name.lastIndexOf('.'));
}
