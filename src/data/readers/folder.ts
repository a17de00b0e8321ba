import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import pLimit from 'p-limit';
import { HumanError } from '../../protocol/human-error.ts';
import { inOneClause, lookAtFirstBytes } from '../../text/first-bytes.ts';
import { listed } from '../../text/words.ts';
import type { ImageSource } from '../pair-set.ts';
import { captionsOf } from './captions.ts';
import { refuseSplitColumn } from './columns.ts';
import type { ReadContext } from './context.ts';
import { fileError } from './file-errors.ts';
import { fileImages } from './file-images.ts';
import { filesBelow } from './files-below.ts';
import { imageName } from './image-name.ts';
import { refuseSeveralParts } from './parts.ts';
import { textOfBytes } from './text-file.ts';
import { said, t } from '../../text/say.ts';

/**
 * Reads a folder, and those in it, of images with a text of the same name beside each: `x.jpg` and `x.txt`. The whole text is
 * one caption. Files and folders whose names begin with a dot are left out.
 */
export async function readFolder(context: ReadContext): Promise<ImageSource> {
  const { builder, signal } = context;
  const root = context.files[0]!;
  refuseSplitColumn(context, root);
  const names = await filesBelow(root, { signal });
  const texts = new Map(names.filter((name) => /\.txt$/i.test(name)).map((name) => [stem(name), name]));
  const images = names.filter((name) => imageName.test(name));
  refuseSeveralParts(images, basename(root), true);
  if (texts.size === 0) refuseListInside(root, names);
  const used = new Set<string>();
  const limit = pLimit(16);

  const captions = await Promise.all(
    images.map(async (image) => {
      const text = texts.get(stem(image));
      if (text === undefined) return null;
      used.add(text);
      return limit(() => {
        signal?.throwIfAborted();
        return captionIn(join(root, text));
      });
    }),
  );
  for (const [index, image] of images.entries()) {
    builder.rows++;
    const caption = captions[index]!;
    if (caption === null) builder.bad(image, null, t('no text of this name beside the image'));
    else if (caption.fault !== null) builder.bad(image, null, caption.fault);
    else builder.add(image, caption.text, 0);
  }
  for (const text of texts.values())
    if (!used.has(text)) builder.bad(text, null, t('no image of this name beside the text'));
  return fileImages({ ...context, imageRoot: root });
}

/** The caption that a text file is as a whole, or why it is none. */
async function captionIn(file: string): Promise<{ text: string; fault: string | null }> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw fileError(file, error);
  });
  return captionOfFile(bytes);
}

/** The caption that the bytes of a text file are as a whole, or why they are none. */
export function captionOfFile(bytes: Buffer): { text: string; fault: string | null } {
  const other = lookAtFirstBytes(bytes);
  if (other && other.kind !== 'empty') return { text: '', fault: t('its text is {0}', inOneClause(other)) };
  const text = textOfBytes(bytes).trim();
  if (text === '') return { text, fault: t('no caption: its text is blank') };
  const { texts, faults } = captionsOf([text]);
  return { text: texts[0] ?? '', fault: faults[0] ?? null };
}

/** Images alone are no pairs, but a list among them may be meant. */
function refuseListInside(root: string, names: string[]): void {
  const lists = names.filter((name) => /\.(?:csv|tsv|jsonl?|ndjson)(?:\.gz)?$/i.test(name));
  if (lists.length === 0) return;
  throw new HumanError(
    said(
      '{0} is read as a folder of images with a text beside each, and has no such text, but {1}.',
      basename(root),
      listed(lists.slice(0, 3)),
    ),
    said('Name that file in data.pairs: {0}/{1}.', basename(root), lists[0]!),
    'no_pairs',
  );
}

function stem(name: string): string {
  return name.slice(0, name.lastIndexOf('.'));
}
