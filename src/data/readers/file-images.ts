import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, posix, relative, resolve } from 'node:path';
import { errorCode, isMissing, systemError } from '../../text/system-errors.ts';
import type { ImageSource } from '../pair-set.ts';
import type { ReadContext } from './context.ts';
import { t, textOf } from '../../text/say.ts';

/** Images that are files, named by their path from the image root. */
export function fileImages({ builder, imageRoot }: ReadContext): ImageSource {
  const places = new Map<number, string>();
  const path = (imageId: number): string =>
    places.get(imageId) ?? resolve(imageRoot, builder.images.get(imageId));
  return {
    files: { root: imageRoot, places, path },
    async load(imageId) {
      // A pipe or a device in an image's place would be waited for.
      if (!(await inWords(stat(path(imageId)))).isFile()) throw new Error(t('not a file'));
      return inWords(readFile(path(imageId)));
    },
    async stamp(imageId) {
      const { size, mtimeNs } = await inWords(stat(path(imageId), { bigint: true }));
      return `${path(imageId)}\n${size}\n${mtimeNs}`;
    },
    close: () => Promise.resolve(),
    bytes: 0,
  };
}

/** What a failed look at an image means; its name is told beside it. */
async function inWords<Result>(look: Promise<Result>): Promise<Result> {
  try {
    return await look;
  } catch (error) {
    throw new Error(
      isMissing(error)
        ? t('not there any more')
        : t('cannot be read: {0}', textOf(systemError(error)?.reason ?? errorCode(error))),
      {
        cause: error,
      },
    );
  }
}

/**
 * The one name of an image: its path from the image root with forward slashes and without `./`, so that a data set moved to
 * another folder or system keeps its split. Paths that lead elsewhere stay absolute.
 */
export function imageKey(written: string, { imageRoot }: Pick<ReadContext, 'imageRoot'>): string {
  let key = written.includes('\\') ? written.replaceAll('\\', '/') : written;
  if (isAbsolute(key)) {
    const inside = relative(imageRoot, key).replaceAll('\\', '/');
    if (!inside.startsWith('../') && !isAbsolute(inside)) key = inside;
  }
  if (isAddress(key)) return written;
  return key.includes('./') || key.includes('//') ? posix.normalize(key) : key;
}

/** `https://...` and the like, which are not opened. */
export function isAddress(path: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(path);
}
