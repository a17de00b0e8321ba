import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../src/data/images/images.ts';
import { normalise, normalTable } from '../../src/data/images/normalise.ts';
import { ofClip, readPreprocessing, squeezed } from '../../src/data/images/preprocessing.ts';
import { preprocessingBeside } from '../../src/data/images/preprocessing-of.ts';
import { openWeights } from '../../src/weights/source.ts';

const place = (path: string): string => new URL(`../fixtures/${path}`, import.meta.url).pathname;

interface Expected {
  photograph: { file: string; pixels: string; normalised: number[] };
}
const expected = JSON.parse(readFileSync(place('trainer/towers.json'), 'utf8')) as Record<
  'clip' | 'vit',
  Expected
>;

describe('images are prepared as transformers’ image processors do (test/reference/towers.py)', () => {
  it.each(['clip', 'vit'] as const)('%s', async (name) => {
    const { photograph } = expected[name];
    const preprocessing = preprocessingBeside(await openWeights(place(`trainer/${name}`)));
    const bytes = readFileSync(place(`data/pictures/${photograph.file}`));
    const pixels = await decodeImage(bytes, 32, undefined, preprocessing);
    expect(Buffer.from(pixels).equals(Buffer.from(photograph.pixels, 'base64'))).toBe(true);
    const normalised = normalise(pixels, normalTable(preprocessing));
    photograph.normalised.forEach((value, colour) =>
      expect(normalised[(3 * 32 + 5) * 3 + colour]).toBeCloseTo(value, 5),
    );
  });
});

describe('a preprocessor_config.json', () => {
  it.each<[string, Record<string, unknown>, number | null]>([
    ['of a CLIP of 2021, with bare numbers', { size: 224, crop_size: 224, do_center_crop: true }, 1],
    [
      'that crops 224 of 256',
      { size: { shortest_edge: 256 }, crop_size: 224, do_center_crop: true },
      256 / 224,
    ],
    ['that squeezes', { size: { height: 224, width: 224 } }, null],
    ['of a ResNet, which keeps 7/8', { size: { shortest_edge: 224 }, crop_pct: 0.875 }, 8 / 7],
    ['of a ResNet of 384 pixels', { size: { shortest_edge: 384 }, crop_pct: 0.875 }, null],
    ['that says nothing', {}, 1],
    ['of a BEiT of 2021, with bare numbers', { size: 224, crop_size: 224, do_center_crop: false }, null],
  ])('%s', (_, config, shortSide) => {
    expect(readPreprocessing(config, ofClip, 'x').shortSide).toBe(shortSide);
  });

  it('says the side of the square', () => {
    const side = (config: Record<string, unknown>) => readPreprocessing(config, squeezed, 'x').side;
    expect(side({ size: { shortest_edge: 256 }, crop_size: 224, do_center_crop: true })).toBe(224);
    expect(side({ size: { shortest_edge: 256 }, crop_size: { height: 224, width: 224 } })).toBe(224);
    expect(side({ size: { height: 384, width: 384 } })).toBe(384);
    expect(side({ size: { shortest_edge: 224 }, crop_pct: 0.875 })).toBe(224);
    expect(side({})).toBe(null);
  });

  it('that asks for what is not done is refused', () => {
    const square = { height: 32, width: 32 };
    for (const [config, said] of [
      [{ resample: 1 }, 'asks for resample 1'],
      [{ rescale_factor: 1 / 127.5 }, 'asks for rescale_factor'],
      [{ image_mean: [0.5] }, 'has image_mean [0.5]'],
      [{ do_resize: false }, 'has do_resize false'],
      [{ do_rescale: false }, 'has do_rescale false'],
      [{ do_flip_channel_order: true }, 'has do_flip_channel_order true'],
      [{ size: { height: 32, width: 48 } }, 'has size {"height":32,"width":48}'],
      [{ size: { longest_edge: 32 } }, 'has size {"longest_edge":32}'],
      [{ size: { shortest_edge: 32 }, do_center_crop: false }, 'to 32 pixels and cuts no square out'],
      [{ size: { shortest_edge: 32 }, crop_size: 40, do_center_crop: true }, 'cuts 40 pixels out of 32'],
      [
        { size: { height: 40, width: 40 }, crop_size: square, do_center_crop: true },
        'squeezes images to 40 x 40',
      ],
      [
        { image_processor_type: 'DeiTFeatureExtractor', size: 40, crop_size: 32, do_center_crop: true },
        'squeezes images to 40 x 40 pixels and cuts 32 x 32 out of them',
      ],
      [{ feature_extractor_type: 'LevitFeatureExtractor', size: 32 }, 'is of LevitFeatureExtractor'],
    ] as const)
      expect(() => readPreprocessing(config, squeezed, 'x')).toThrow(said);
    expect(readPreprocessing({ do_normalize: false }, ofClip, 'x').mean).toEqual([0, 0, 0]);
  });
});

it('an image far larger than the encoder sees keeps its shape when the decoder brings it down', async () => {
  const { default: sharp } = await import('sharp');
  const wide = { create: { width: 1500, height: 300, channels: 3 as const, background: '#000' } };
  const white = { create: { width: 300, height: 300, channels: 3 as const, background: '#fff' } };
  const middle = await sharp(white).png().toBuffer();
  // White is exactly the square in the middle.
  const bytes = await sharp(wide)
    .composite([{ input: middle, left: 600, top: 0 }])
    .png()
    .toBuffer();
  const pixels = await decodeImage(bytes, 16, undefined, { ...ofClip, filter: 'bilinear' });
  const columns = Array.from({ length: 16 }, (_, x) => pixels[(8 * 16 + x) * 3]!);
  expect(columns.slice(1, 15).every((value) => value === 255)).toBe(true);
});
