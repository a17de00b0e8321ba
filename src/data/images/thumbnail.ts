import type { Sharp } from 'sharp';
import { machineFault } from '../machine-fault.ts';
import { loadSharp } from './images.ts';
import { said } from '../../text/say.ts';

/** Pixels, the longest side. */
const longestSide = 160;

/**
 * A small picture of an image as a `data:` URL, in the image's own proportions; empty for what cannot be read. `shortSide`: only the square in
 * the middle that is left of it after such a preprocessing.
 */
export async function thumbnailOf(
  load: () => Promise<Buffer>,
  side = longestSide,
  shortSide: number | null = null,
): Promise<string> {
  const sharp = await loadSharp();
  try {
    const picture = sharp(await load(), { failOn: 'error', autoOrient: true });
    const sized =
      shortSide === null
        ? picture.resize(side, side, { fit: 'inside', withoutEnlargement: true })
        : middleOf(picture, side, shortSide);
    const bytes = await sized.webp({ quality: 80, effort: 0 }).toBuffer();
    return `data:image/webp;base64,${bytes.toString('base64')}`;
  } catch (error) {
    const fault = machineFault(error, said('An image cannot be read'));
    if (fault) throw fault;
    return '';
  }
}

function middleOf(picture: Sharp, side: number, shortSide: number): Sharp {
  const whole = Math.round(side * shortSide);
  const edge = Math.floor((whole - side) / 2);
  return picture
    .resize(whole, whole, { fit: 'cover' })
    .extract({ left: edge, top: edge, width: side, height: side });
}
