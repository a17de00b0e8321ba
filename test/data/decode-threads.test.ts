import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { decodeThreads } from '../../src/data/images/decode-apart.ts';
import { decodeImage } from '../../src/data/images/images.ts';
import { decodeJpeg } from '../../src/data/images/jpeg.ts';
import { squeezed } from '../../src/data/images/preprocessing.ts';
import { toSquare, type SquareWanted } from '../../src/data/images/to-square.ts';

const folder = join(import.meta.dirname, '../fixtures/data/pictures');
const photos = [
  'photo-square.jpg',
  'photo-tall.jpg',
  'photo-large.jpg',
  'photo-small.jpg',
  'kind-444.jpg',
].map((name) => readFileSync(join(folder, name)));
const wanted: SquareWanted = {
  size: 200,
  crop: { left: 0.1, top: 0.2, width: 0.7, height: 0.6 },
  preprocessing: squeezed,
};
const right = (bytes: Buffer): Uint8Array =>
  toSquare(
    decodeJpeg(bytes, () => true)!,
    wanted,
  );
/** The square as such threads make it; null where they do not. */
const decoder = (most: number): ((bytes: Buffer, wanted: SquareWanted) => Promise<Uint8Array | null>) => {
  const decode = decodeThreads(most);
  return async (bytes, task) => {
    const into = new Uint8Array(wanted.size ** 2 * 3);
    return (await decode(bytes, task, into)) ? into : null;
  };
};
/** A task that no thread survives. */
const deadly = null as unknown as SquareWanted;

describe.each([1, 3])('%i decoding threads', (most) => {
  test('give what one alone gives, each to who asked for it', async () => {
    const decode = decoder(most);
    const asked = Array.from({ length: 7 }, (_, i) => photos[i % photos.length]!);
    const squares = await Promise.all(asked.map((bytes) => decode(bytes, wanted)));
    squares.forEach((pixels, i) => expect(pixels).toEqual(right(asked[i]!)));
  });
});

describe('a thread that dies', () => {
  beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}));
  afterEach(() => void vi.restoreAllMocks());

  test('leaves what it had to do to the general decoder; a new one goes on', async () => {
    const decode = decoder(1);
    expect(await decode(photos[0]!, wanted)).toEqual(right(photos[0]!));
    const [killed, behind] = await Promise.all([decode(photos[0]!, deadly), decode(photos[1]!, wanted)]);
    expect([killed, behind]).toEqual([null, null]);
    expect(vi.mocked(console.error)).toHaveBeenCalledOnce();
    expect(await decode(photos[1]!, wanted)).toEqual(right(photos[1]!));
  });

  test('again and again is not replaced for ever, and images are decoded without', async () => {
    const decode = decoder(2);
    for (let i = 0; i < 3; i++) expect(await decode(photos[0]!, deadly)).toBeNull();
    expect(await decode(photos[0]!, wanted)).toBeNull();
    const pixels = await decodeImage(photos[0]!, 64);
    expect(pixels).toEqual(
      toSquare(
        decodeJpeg(photos[0]!, () => true)!,
        { ...wanted, size: 64, crop: null },
      ),
    );
  });
});
