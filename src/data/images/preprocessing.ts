import { HumanError } from '../../protocol/human-error.ts';
import type { ResizeFilter } from './resize.ts';
import { said, t } from '../../text/say.ts';

/** What is done to an image before an encoder sees it. */
export interface Preprocessing {
  /** Pixels of the side of the square that the encoder takes; null where nothing says. */
  side: number | null;
  /** The short side's length before the square is cut out of the middle, as a share of the square's; null: the whole image is squeezed to the square. */
  shortSide: number | null;
  filter: ResizeFilter;
  /** Of red, green and blue on the scale 0 to 1. */
  mean: readonly number[];
  deviation: readonly number[];
}

/** torchvision's Resize to a square, with ImageNet's mean and deviation: what encoders that start at random, ResNets and others without a preprocessor_config.json see. */
export const squeezed: Preprocessing = {
  side: null,
  shortSide: null,
  filter: 'bilinear',
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
};

/** CLIP's own. */
export const ofClip: Preprocessing = {
  side: null,
  shortSide: 1,
  filter: 'bicubic',
  mean: [0.48145466, 0.4578275, 0.40821073],
  deviation: [0.26862954, 0.26130258, 0.27577711],
};

/** Google's ViT: as `squeezed`, on the scale -1 to 1. */
export const ofVit: Preprocessing = { ...squeezed, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };

/** PIL's numbers of the filters. */
const filters: Record<number, ResizeFilter> = { 2: 'bilinear', 3: 'bicubic' };

/** What image processors may also do, which is not done here: the value that asks for it. */
const notDone: Readonly<Record<string, boolean>> = {
  do_resize: false,
  do_rescale: false,
  do_pad: true,
  do_flip_channel_order: true,
  // EfficientNet's.
  rescale_offset: true,
  include_top: true,
};

/**
 * What a preprocessor_config.json of transformers' image processors asks for; what it leaves out is as in `otherwise`. HumanError
 * `bad_preprocessor` where it asks for what is not done here.
 */
export function readPreprocessing(
  config: Record<string, unknown>,
  otherwise: Preprocessing,
  name: string,
): Preprocessing {
  const refuse: Refuse = (what) =>
    new HumanError(
      said('The preprocessor_config.json of {0} {1}.', name, what),
      said(
        'Images can be squeezed to a square, or resized by their short side and cut to a square in the middle, with resample 2 (bilinear) or 3 (bicubic), divided by 255 and normalised by image_mean and image_std. Use an encoder that takes them so.',
      ),
      'bad_preprocessor',
    );
  const { resample, rescale_factor: scale, do_normalize: normalises } = config;
  for (const [key, value] of Object.entries(notDone))
    if (config[key] === value) throw refuse(t('has {0} {1}', key, String(value)));
  const filter = resample === undefined || resample === null ? otherwise.filter : filters[resample as number];
  if (!filter) throw refuse(t('asks for resample {0}', String(resample)));
  if (typeof scale === 'number' && Math.abs(scale * 255 - 1) > 1e-3)
    throw refuse(t('asks for rescale_factor {0}', scale));
  const three = (key: string, whenAbsent: readonly number[]): readonly number[] => {
    const value = config[key];
    if (value === undefined || value === null) return whenAbsent;
    const each: unknown[] = Array.isArray(value) ? value : [value, value, value];
    if (each.length === 3 && each.every((one) => Number.isFinite(one))) return each as number[];
    throw refuse(t('has {0} {1}', key, JSON.stringify(value)));
  };
  return {
    filter,
    ...squareOf(config, otherwise, refuse),
    mean: normalises === false ? [0, 0, 0] : three('image_mean', otherwise.mean),
    deviation: normalises === false ? [1, 1, 1] : three('image_std', otherwise.deviation),
  };
}

type Refuse = (what: string) => HumanError;

/** Processors that squeeze images to a `size` that is one number; others bring the short side to it. */
const squeezers = /^(ViT|DeiT|Beit|Siglip)/;

/** The square that images are brought to. */
function squareOf(
  config: Record<string, unknown>,
  otherwise: Preprocessing,
  refuse: Refuse,
): Pick<Preprocessing, 'side' | 'shortSide'> {
  const kind = String(config['image_processor_type'] ?? config['feature_extractor_type'] ?? '');
  if (kind.startsWith('Levit')) throw refuse(t('is of {0}, which resizes images in its own way', kind));
  const { do_center_crop: written, crop_pct: share } = config;
  const keepsShare = typeof share === 'number' && share > 0;
  const cut = squareIn(config, 'crop_size', refuse)?.pixels;
  const crops = written ?? (cut !== undefined || otherwise.shortSide !== null);
  const size = squareIn(config, 'size', refuse);
  if (!size) return { side: crops && cut ? cut : null, shortSide: otherwise.shortSide };
  const { pixels } = size;
  const isShort = size.isShort ?? ((crops || keepsShare) && !squeezers.test(kind));
  if (!isShort) {
    if (crops && cut !== undefined && cut !== pixels)
      throw refuse(t('squeezes images to {0} x {0} pixels and cuts {1} x {1} out of them', pixels, cut));
    return { side: pixels, shortSide: null };
  }
  // ConvNeXt's and ResNet's: the square is that share of the short side, which large images are squeezed to instead.
  if (keepsShare)
    return {
      side: pixels,
      shortSide: pixels < 384 ? Math.max(1, Math.trunc(pixels / share) / pixels) : null,
    };
  if (!crops) throw refuse(t('brings the short side of images to {0} pixels and cuts no square out', pixels));
  const side = cut ?? pixels;
  if (side > pixels) throw refuse(t('cuts {0} pixels out of {1}', side, pixels));
  return { side, shortSide: pixels / side };
}

/** A length in pixels that is written as a number or in an object of `shortest_edge` or of `height` and `width`; null: nothing is. */
function squareIn(
  config: Record<string, unknown>,
  key: 'size' | 'crop_size',
  refuse: Refuse,
): { pixels: number; isShort?: boolean } | null {
  const value = config[key];
  if (value === undefined || value === null) return null;
  if (isLength(value)) return { pixels: value };
  const { shortest_edge: short, height, width, longest_edge: long } = value as Record<string, unknown>;
  if (isLength(short) && (long === undefined || long === null)) return { pixels: short, isShort: true };
  if (isLength(height) && height === width) return { pixels: height, isShort: false };
  throw refuse(t('has {0} {1}', key, JSON.stringify(value)));
}

const isLength = (value: unknown): value is number => typeof value === 'number' && value > 0;

/** What distinguishes kept pixels from those of another preprocessing; empty for `squeezed`. */
export const pixelsKey = ({ shortSide, filter }: Preprocessing): string =>
  shortSide === null && filter === 'bilinear' ? '' : `, short side ${shortSide}, ${filter}`;
