import { machineFault } from '../machine-fault.ts';
import { loadSharp } from './images.ts';

/** Pixels, the longest side. */
const longestSide = 160;

/** A small picture of an image as a `data:` URL, in the image's own proportions; empty for what cannot be read. */
export async function thumbnailOf(load: () => Promise<Buffer>): Promise<string> {
  const sharp = await loadSharp();
  try {
    const bytes = await sharp(await load(), { failOn: 'error', autoOrient: true })
      .resize(longestSide, longestSide, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 80, effort: 0 })
      .toBuffer();
    return `data:image/webp;base64,${bytes.toString('base64')}`;
  } catch (error) {
    const fault = machineFault(error, 'An image cannot be read');
    if (fault) throw fault;
    return '';
  }
}
