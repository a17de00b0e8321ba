import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { HumanError } from '../protocol/human-error.ts';
import { counted } from '../text/numbers.ts';
import { shortened } from '../text/words.ts';
import type { Absence } from './presence.ts';
import { isAddress } from './readers/file-images.ts';
import { said, t } from '../text/say.ts';

/** The error of a list of which no image is there, with the advice that fits its paths. */
export async function noneThere(
  keys: string[],
  { hint }: Absence,
  { name, root }: { name: string; root: string },
): Promise<HumanError> {
  const first = keys[0]!;
  if (keys.every(isAddress))
    return new HumanError(
      said(
        '{0} names addresses in place of files, the first {1}, and nothing is fetched from an address.',
        name,
        shortened(first, 100),
      ),
      said('Download the images first and name the files.'),
      'no_pairs',
    );
  const place = shortened(resolve(root, first), 300);
  return new HumanError(
    keys.length === 1
      ? said('The one image that {0} names is not there: {1}.', name, place)
      : said(
          'None of the {0} images that {1} names is there; the first would be {2}.',
          counted(keys.length),
          name,
          place,
        ),
    await advice(keys, hint, root),
    'no_pairs',
  );
}

/** @param hint what is known of the first image's absence */
async function advice(keys: string[], hint: string | null, root: string): Promise<string> {
  if (hint !== null) return t('Write the paths as they are on the disk: {0}.', hint);
  if (keys.every(isAbsolutePath)) {
    const folder = commonFolder(keys);
    return folder === ''
      ? t(
          'These paths are absolute, and data.image_root is not used for such: write the paths of the images on this machine.',
        )
      : t(
          'These paths are absolute, and data.image_root is not used for such: write them without what they have in common, {0}, and set data.image_root to the folder that holds the rest.',
          shortened(folder, 200),
        );
  }
  const elsewhere = await rootOf(keys[0]!, root);
  if (elsewhere !== null) return t('Set data.image_root to {0}: the first image is there.', elsewhere);
  return t('Set data.image_root to the folder that their paths start from.');
}

/** Of this system or another. */
const isAbsolutePath = (path: string): boolean => /^(?:[\\/]|[a-z]:[\\/])/i.test(path);

/** The longest folder that all paths begin with, with its slash; empty where there is none but the root. */
function commonFolder(paths: string[]): string {
  let common = paths[0]!.slice(0, paths[0]!.lastIndexOf('/') + 1);
  for (const path of paths)
    while (!path.startsWith(common)) common = common.slice(0, common.lastIndexOf('/', common.length - 2) + 1);
  return common === '/' ? '' : common;
}

/** A folder above the root from which the path leads to a file. */
async function rootOf(key: string, root: string): Promise<string | null> {
  for (let folder = dirname(root); ; folder = dirname(folder)) {
    const isThere = await stat(join(folder, key)).then(
      (found) => found.isFile(),
      () => false,
    );
    if (isThere) return folder;
    if (folder === dirname(folder)) return null;
  }
}
