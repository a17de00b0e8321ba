import type sharpFunction from 'sharp';
import type { Metadata, Sharp, SharpOptions } from 'sharp';
import { inOneClause, lookAtFirstBytes } from '../../text/first-bytes.ts';
import { decodeApart } from './decode-apart.ts';
import { saysSrgb } from './jpeg-header.ts';
import { squeezed, type Preprocessing } from './preprocessing.ts';
import type { RgbImage } from './resize.ts';
import { narrowed, toSquare, type Crop } from './to-square.ts';
import { turns } from './turns.ts';
import { t } from '../../text/say.ts';

/** Images above this many pixels are refused: a file of a few kilobytes may claim to be of any size. sharp's own limit. */
const pixelLimit = 0x3fff * 0x3fff;

/**
 * Decodes an image of any kind (JPEG, PNG, WebP, AVIF, GIF, TIFF, SVG) to `size` x `size` pixels of 8-bit sRGB, [size, size, 3], the whole of it
 * or a part, brought to the square as torchvision's and transformers' resizing of a PIL image does. EXIF orientation is applied;
 * transparency shows white; of several frames or pages the first counts. Gives `into`. Throws an Error that says what is wrong when the file is no
 * image, is cut or damaged, or has too many pixels.
 */
export async function decodeImage(
  bytes: Buffer,
  size: number,
  crop?: Crop,
  preprocessing: Preprocessing = squeezed,
  into: Uint8Array = new Uint8Array(size * size * 3),
): Promise<Uint8Array> {
  const wanted = { size, crop: crop ?? null, preprocessing };
  if (isJpeg(bytes) && (await decodeApart(bytes, wanted, into))) return into;
  const decode = (): Promise<RgbImage> => decodeAtLeast(bytes, size, preprocessing.shortSide !== null, crop);
  // libvips has one buffer for all errors: what it says of an image that is decoded beside others may be about another one.
  const image = await decoding.together(decode).catch(() => decoding.alone(decode));
  return toSquare(image, wanted, into);
}

const isJpeg = (bytes: Buffer): boolean => bytes[0] === 0xff && bytes[1] === 0xd8;

const decoding = turns();

/** A PNG of `side` x `side` pixels of 8-bit RGB, mirrored left to right if asked. */
export async function pngOf(pixels: Uint8Array, side: number, flip = false): Promise<Buffer> {
  const sharp = await loadSharp();
  const raw = { width: side, height: side, channels: 3 } as const;
  return sharp(pixels, { raw }).flop(flip).png().toBuffer();
}

/** Changes whenever decoded pixels may: part of the cache's key. */
export async function decoderVersion(): Promise<string> {
  const { versions } = await loadSharp();
  return `sharp ${versions.sharp}, libvips ${versions.vips}, resize 1`;
}

/** `keepsShape`: width and height are brought down together. */
async function decodeAtLeast(
  bytes: Buffer,
  size: number,
  keepsShape: boolean,
  crop?: Crop,
): Promise<RgbImage> {
  if (bytes.length === 0) throw new Error(t('the file is empty'));
  const sharp = await loadSharp();
  try {
    const metadata = await sharp(bytes, decoderOptions).metadata();
    const { pipeline, width, height } = await oriented(bytes, metadata, size);
    let narrow = narrowed(width, crop?.width ?? 1, size);
    let low = narrowed(height, crop?.height ?? 1, size);
    if (keepsShape) {
      const share = Math.max(narrow / width, low / height);
      narrow = Math.round(width * share);
      low = Math.round(height * share);
    }
    if (narrow !== width || low !== height) pipeline.resize(narrow, low, { fit: 'fill', kernel: 'linear' });
    if (metadata.hasAlpha) pipeline.flatten({ background: '#ffffff' });
    if (metadata.space !== 'srgb') pipeline.toColourspace('srgb');
    const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
    const { width: columns, height: rows, channels } = info;
    const pixels =
      channels === 3 ? new Uint8Array(data.buffer, data.byteOffset, data.length) : tripled(data, channels);
    return { data: pixels, width: columns, height: rows };
  } catch (error) {
    throw new Error(inWords(error as Error, bytes), { cause: error });
  }
}

/**
 * What sharp may do with a file: any real error in it is an error (warnings are not: Pillow and browsers show such images), one frame,
 * and never another file or address: bytes have no place that a reference in an SVG could start from. (References that multiply end after
 * some seconds: librsvg counts them.)
 */
const decoderOptions: SharpOptions = {
  failOn: 'error',
  limitInputPixels: pixelLimit,
  pages: 1,
};

interface Oriented {
  pipeline: Sharp;
  width: number;
  height: number;
}

async function oriented(bytes: Buffer, metadata: Metadata, size: number): Promise<Oriented> {
  const sharp = await loadSharp();
  let { width, height } = metadata.autoOrient;
  const options = { ...decoderOptions, autoOrient: (metadata.orientation ?? 1) > 1 };
  // A profile that says sRGB changes nothing but rounding; leaving it out gives Pillow's numbers.
  if (metadata.icc && saysSrgb(metadata.icc)) options.ignoreIcc = true;
  if (metadata.format === 'svg') {
    // A drawing is rendered as large as it is needed instead of being enlarged.
    const enlarge = Math.min(
      Math.max(1, size / Math.min(width, height)),
      Math.max(1, 8192 / Math.max(width, height)),
    );
    if (enlarge > 1) {
      options.density = Math.min((metadata.density ?? 72) * enlarge, 100_000);
      ({ width, height } = await sharp(bytes, options).metadata());
    }
  }
  return { pipeline: sharp(bytes, options), width, height };
}

function tripled(grey: Buffer, channels: number): Uint8Array {
  const pixels = grey.length / channels;
  const data = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) data.fill(grey[i * channels]!, i * 3, i * 3 + 3);
  return data;
}

/** What a decoder's message means to a person. */
function inWords({ message }: Error, bytes: Buffer): string {
  const other = lookAtFirstBytes(bytes);
  if (other) return inOneClause(other);
  if (/unsupported image format/i.test(message)) return t('not an image of a known kind');
  if (/exceeds pixel limit/i.test(message))
    return t('more than {0} million pixels', Math.floor(pixelLimit / 1e6));
  const said = message.replaceAll('\n', ' ').trim().slice(0, 200);
  return said === '' || said === 'Unknown error' ? t('cut or damaged') : t('cut or damaged ({0})', said);
}

let sharpLoaded: Promise<typeof sharpFunction> | null = null;

/** sharp is loaded when the first image is decoded; one thread an image, since several are decoded at once. */
export function loadSharp(): Promise<typeof sharpFunction> {
  sharpLoaded ??= import('sharp').then(({ default: sharp }) => {
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  });
  return sharpLoaded;
}
