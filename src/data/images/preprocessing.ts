import { HumanError } from '../../protocol/human-error.ts';
import type { ResizeFilter } from './resize.ts';
import { said, t } from '../../text/say.ts';

/** What is done to an image before an encoder sees it. */
export interface Preprocessing {
  /** The short side's length before the square is cut out of the middle, as a share of the square's; null: the whole image is squeezed to the square. */
  shortSide: number | null;
  filter: ResizeFilter;
  /** Of red, green and blue on the scale 0 to 1. */
  mean: readonly number[];
  deviation: readonly number[];
}

/** torchvision's Resize to a square, with ImageNet's mean and deviation: what encoders that start at random, ResNets and others without a preprocessor_config.json see. */
export const squeezed: Preprocessing = {
  shortSide: null,
  filter: 'bilinear',
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
};

/** CLIP's own. */
export const ofClip: Preprocessing = {
  shortSide: 1,
  filter: 'bicubic',
  mean: [0.48145466, 0.4578275, 0.40821073],
  deviation: [0.26862954, 0.26130258, 0.27577711],
};

/** Google's ViT: as `squeezed`, on the scale -1 to 1. */
export const ofVit: Preprocessing = { ...squeezed, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };

/** PIL's numbers of the filters. */
const filters: Record<number, ResizeFilter> = { 2: 'bilinear', 3: 'bicubic' };

/**
 * What a preprocessor_config.json of transformers' image processors asks for; what it leaves out is as in `otherwise`. HumanError
 * `bad_preprocessor` where it asks for what is not done here.
 */
export function readPreprocessing(
  config: Record<string, unknown>,
  otherwise: Preprocessing,
  name: string,
): Preprocessing {
  const refuse = (what: string): HumanError =>
    new HumanError(
      said('The preprocessor_config.json of {0} {1}.', name, what),
      said(
        'Images can be resized with resample 2 (bilinear) or 3 (bicubic), cropped in the middle and normalised by image_mean and image_std.',
      ),
      'bad_preprocessor',
    );
  const { resample, rescale_factor: scale, do_normalize: normalises } = config;
  const filter = resample === undefined ? otherwise.filter : filters[resample as number];
  if (!filter) throw refuse(t('asks for resample {0}', String(resample)));
  if (typeof scale === 'number' && Math.abs(scale * 255 - 1) > 1e-3)
    throw refuse(t('asks for rescale_factor {0}', scale));
  const three = (key: string, whenAbsent: readonly number[]): readonly number[] => {
    const value = config[key];
    if (value === undefined || value === null) return whenAbsent;
    if (Array.isArray(value) && value.length === 3 && value.every((one) => Number.isFinite(one)))
      return value as number[];
    throw refuse(t('has {0} {1}', key, JSON.stringify(value)));
  };
  return {
    filter,
    shortSide: shortSideOf(config, otherwise),
    mean: normalises === false ? [0, 0, 0] : three('image_mean', otherwise.mean),
    deviation: normalises === false ? [1, 1, 1] : three('image_std', otherwise.deviation),
  };
}

/** `size` and `crop_size` are numbers or objects of `shortest_edge`, `height` and `width`. */
function lengthIn(config: Record<string, unknown>, key: string, inside: string): number | null {
  const value = config[key];
  const found = typeof value === 'object' && value ? (value as Record<string, unknown>)[inside] : value;
  return typeof found === 'number' && found > 0 ? found : null;
}

function shortSideOf(config: Record<string, unknown>, otherwise: Preprocessing): number | null {
  const crops = config['do_center_crop'];
  const shortest = lengthIn(config, 'size', 'shortest_edge');
  const share = config['crop_pct'];
  // ConvNeXt's and ResNet's: the square is that share of the short side, which large images are squeezed to instead.
  if (typeof share === 'number' && share > 0 && shortest !== null)
    return shortest < 384 ? Math.max(1, Math.trunc(shortest / share) / shortest) : null;
  if (crops === undefined && config['size'] === undefined) return otherwise.shortSide;
  if (crops === false) return null;
  const cut = lengthIn(config, 'crop_size', 'height') ?? shortest;
  return crops === true && shortest !== null && cut !== null ? Math.max(1, shortest / cut) : null;
}

/** The side of the square that a preprocessor_config.json brings images to; null where it does not say. */
export function sideOf(config: Record<string, unknown>): number | null {
  const cut = config['do_center_crop'] === true ? lengthIn(config, 'crop_size', 'height') : null;
  return cut ?? lengthIn(config, 'size', 'height') ?? lengthIn(config, 'size', 'shortest_edge');
}

/** What distinguishes kept pixels from those of another preprocessing; empty for `squeezed`. */
export const pixelsKey = ({ shortSide, filter }: Preprocessing): string =>
  shortSide === null && filter === 'bilinear' ? '' : `, short side ${shortSide}, ${filter}`;
