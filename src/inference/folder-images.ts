import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { decodeImage } from '../data/images/images.ts';
import type { Preprocessing } from '../data/images/preprocessing.ts';
import { machineFault } from '../data/machine-fault.ts';
import { filesBelow } from '../data/readers/files-below.ts';
import { imageName } from '../data/readers/image-name.ts';
import { HumanError } from '../protocol/human-error.ts';
import { isMissing, systemError } from '../text/system-errors.ts';
import { said, t, textOf } from '../text/say.ts';

/** A file that looks like an image; while size and time stay, so do its pixels. */
export interface ImageFile {
  /** Path from the folder, with forward slashes. */
  name: string;
  size: number;
  mtimeMs: number;
}

/** Files opened or asked for at once. */
const atOnce = 16;

/** The image files of a folder and those below it, sorted by name. */
export async function imageFilesIn(folder: string, signal?: AbortSignal): Promise<ImageFile[]> {
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw new HumanError(
      said('There is no folder {0}.', folder),
      said('Name a folder that holds images.'),
      'no_such_folder',
    );
  const names = (await filesBelow(folder, { signal })).filter((name) => imageName.test(name));
  const limit = pLimit(atOnce);
  const files = await Promise.all(
    names.map((name) =>
      limit(async (): Promise<ImageFile | null> => {
        signal?.throwIfAborted();
        try {
          const { size, mtimeMs } = await stat(join(folder, name));
          return { name, size, mtimeMs };
        } catch (error) {
          if (isMissing(error)) return null; // it went since it was listed, or is a link to nothing
          throw error;
        }
      }),
    ),
  );
  return files.filter((file) => file !== null);
}

/** Images as the model takes them: those that could be decoded, and why others could not. */
export interface Pixels {
  /** 8-bit RGB [decoded, side, side, 3]. */
  pixels: Uint8Array;
  /** Places of the decoded ones among the paths. */
  decoded: number[];
  failed: { at: number; reason: string }[];
}

const decoding = pLimit(atOnce);

/** Rejects when not a file but the machine is at fault. */
export async function pixelsOf(
  paths: readonly string[],
  side: number,
  preprocessing: Preprocessing,
): Promise<Pixels> {
  const size = side * side * 3;
  const read = await Promise.all(
    paths.map((path) =>
      decoding(async (): Promise<Uint8Array | string> => {
        try {
          return await decodeImage(await readFile(path), side, undefined, preprocessing);
        } catch (error) {
          const fault = machineFault(error, said('The image {0} cannot be read', path));
          if (fault) throw fault;
          if (isMissing(error)) return t('it is not there');
          return textOf(systemError(error)?.reason ?? (error as Error).message);
        }
      }),
    ),
  );
  const decoded: number[] = [];
  const failed: Pixels['failed'] = [];
  read.forEach((found, at) => {
    if (typeof found === 'string') failed.push({ at, reason: found });
    else decoded.push(at);
  });
  const pixels = new Uint8Array(decoded.length * size);
  decoded.forEach((at, row) => pixels.set(read[at] as Uint8Array, row * size));
  return { pixels, decoded, failed };
}
