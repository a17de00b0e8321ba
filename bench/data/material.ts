import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { rng } from '../../src/data/hash.ts';
import type { PairsConfig } from '../../src/data/pairs.ts';

export function pairsConfig(pairs: string): PairsConfig {
  return {
    pairs,
    format: null,
    image_column: 'image',
    caption_column: 'caption',
    delimiter: null,
    image_root: '',
    split_by: 'image',
  };
}

/** A csv of `rows` rows with quoted captions, and an (empty) file for each image, 10,000 a folder. */
export async function makeLongFile(
  folder: string,
  rows: number,
): Promise<{ file: string; textBytes: number }> {
  const lines = ['image,caption'];
  let textBytes = 0;
  for (let i = 0; i < rows; i++) {
    const place = join(folder, String(Math.floor(i / 10_000)));
    if (i % 10_000 === 0) await mkdir(place, { recursive: true });
    const image = `${Math.floor(i / 10_000)}/${String(i).padStart(6, '0')}.jpg`;
    const caption = `a photo, number ${i} of a small red thing on a wooden table`;
    await (await open(join(folder, image), 'w')).close();
    lines.push(`${image},"${caption}"`);
    textBytes += image.length + caption.length;
  }
  const file = join(folder, 'pairs.csv');
  await writeFile(file, lines.join('\n') + '\n');
  return { file, textBytes };
}

/** Photograph-like JPEGs of 444 x 387 (about 25 kB) with captions; returns their csv. */
export async function makePhotographs(folder: string, count: number): Promise<string> {
  await mkdir(folder, { recursive: true });
  const lines = ['image,caption'];
  for (let i = 0; i < count; i++) {
    const random = rng('photograph', i);
    const coarse = Buffer.from(Array.from({ length: 37 * 32 * 3 }, () => random.int(256)));
    await sharp(coarse, { raw: { width: 37, height: 32, channels: 3 } })
      .resize(444, 387, { fit: 'fill', kernel: 'cubic' })
      .jpeg({ quality: 90 })
      .toFile(join(folder, `${i}.jpg`));
    const where = ['', ' beside a window', ' beside a window on a quiet morning in the old town'][i % 3];
    lines.push(`${i}.jpg,"photo ${i}, a ${i % 2 ? 'red' : 'blue'} thing on the left of a table${where}"`);
  }
  const file = join(folder, 'pairs.csv');
  await writeFile(file, lines.join('\n') + '\n');
  return file;
}
