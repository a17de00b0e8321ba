import type { Preprocessing } from './preprocessing.ts';
import { resizeImage, type Box, type RgbImage } from './resize.ts';

/** Part of an image, as fractions of its width and height. */
export interface Crop {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** What becomes of an image before an encoder sees it. */
export interface SquareWanted {
  size: number;
  /** null: the whole of it. */
  crop: Crop | null;
  preprocessing: Preprocessing;
}

/** A side more than this many times too long is first brought down by the decoder, whose result then differs by less than 1/255. */
const exactReduction = 8;
const coarseReduction = 4;

/** The image, or a part of it, as [size, size, 3]: `into`. */
export function toSquare(
  image: RgbImage,
  { size, crop, preprocessing }: SquareWanted,
  into: Uint8Array = new Uint8Array(size * size * 3),
): Uint8Array {
  const { shortSide, filter } = preprocessing;
  if (shortSide === null)
    return resizeImage(image, size, size, crop ? boxOf(crop, image) : undefined, filter, into);
  if (crop) return resizeImage(image, size, size, within(crop, middleOf(image, shortSide)), filter, into);
  return resizedMiddle(image, size, Math.round(size * shortSide), filter, into);
}

/** The length that the decoder brings a side down to: the same, unless `exactReduction` is passed. */
export function narrowed(length: number, share: number, size: number): number {
  const reduction = (length * share) / size;
  return reduction > exactReduction ? Math.ceil((coarseReduction * size) / share) : length;
}

/** The short side brought to `shortSide` pixels and the square of `size` cut out of the middle, with transformers' roundings. */
function resizedMiddle(
  image: RgbImage,
  size: number,
  shortSide: number,
  filter: Preprocessing['filter'],
  square: Uint8Array,
): Uint8Array {
  const { width, height } = image;
  const long = Math.trunc((shortSide * Math.max(width, height)) / Math.min(width, height));
  const columns = width <= height ? shortSide : long;
  const rows = width <= height ? long : shortSide;
  const resized = resizeImage(image, columns, rows, undefined, filter);
  const left = Math.floor((columns - size) / 2);
  const top = Math.floor((rows - size) / 2);
  for (let row = 0; row < size; row++) {
    const from = ((top + row) * columns + left) * 3;
    square.set(resized.subarray(from, from + size * 3), row * size * 3);
  }
  return square;
}

/** The square in the middle that `resizedMiddle` keeps, in the image's pixels. */
function middleOf({ width, height }: RgbImage, shortSide: number): Box {
  const side = Math.min(width, height) / shortSide;
  const left = (width - side) / 2;
  const top = (height - side) / 2;
  return { left, top, right: left + side, bottom: top + side };
}

/** The part of a square that a crop means. */
function within(crop: Crop, { left, top, right }: Box): Box {
  const side = right - left;
  return {
    left: left + crop.left * side,
    top: top + crop.top * side,
    right: left + (crop.left + crop.width) * side,
    bottom: top + (crop.top + crop.height) * side,
  };
}

/** The part of an image that a crop means, in its pixels. */
export function boxOf(crop: Crop, { width, height }: RgbImage): Box {
  return {
    left: crop.left * width,
    top: crop.top * height,
    right: Math.min((crop.left + crop.width) * width, width),
    bottom: Math.min((crop.top + crop.height) * height, height),
  };
}
