import type { RunConfig } from '../experiment/config.ts';
import { HumanError } from '../protocol/human-error.ts';
import type { PreviewItem, PreviewMessage } from '../protocol/panel.ts';
import { applyToCaption, augmentation, type Augmentation } from './images/augment.ts';
import { decodeImage, pngOf } from './images/images.ts';
import type { Preprocessing } from './images/preprocessing.ts';
import { preprocessingOf } from './images/preprocessing-of.ts';
import { machineFault } from './machine-fault.ts';
import type { PairSet } from './pair-set.ts';
import { readPairs } from './pairs.ts';
import type { Tokenizer } from './captions/tokenizer.ts';
import { tokenizerOf } from './captions/tokenizer-of.ts';
import { shortNumber } from '../text/numbers.ts';
import { t, said } from '../text/say.ts';

/** Which pairs, in which epoch. */
export interface PreviewRange {
  index: number;
  epoch: number;
  count: number;
}

type Previewed = Pick<RunConfig, 'data' | 'model' | 'seed'>;

/** Pairs of a config's data as the model sees them in an epoch. What goes wrong is the message's `problem`. */
export async function previewPairs(
  config: Previewed,
  { index, epoch, count }: PreviewRange,
): Promise<PreviewMessage> {
  const { seed } = config;
  try {
    const pairs = await readPairs(config.data);
    const inputs = {
      tokenizer: await tokenizerOf(config.model),
      preprocessing: await preprocessingOf(config.model),
    };
    const first = Math.min(Math.max(0, index), pairs.count);
    const items: PreviewItem[] = [];
    for (let pair = first; pair < Math.min(first + count, pairs.count); pair++)
      items.push(await previewItem(pairs, pair, epoch, config, inputs));
    await pairs.close();
    return { kind: 'preview', total: pairs.count, items, epoch, seed, problem: null };
  } catch (error) {
    if (!(error instanceof HumanError)) throw error;
    return { kind: 'preview', total: 0, items: [], epoch, seed, problem: error.message };
  }
}

async function previewItem(
  pairs: PairSet,
  pair: number,
  epoch: number,
  { data, seed }: Previewed,
  { tokenizer, preprocessing }: { tokenizer: Tokenizer; preprocessing: Preprocessing },
): Promise<PreviewItem> {
  const drawn = augmentation(seed, epoch, `${pairs.imageKey(pair)}\n${pairs.caption(pair)}`, data.augment);
  const caption = applyToCaption(pairs.caption(pair), drawn);
  const tokenCount = tokenizer.length(caption);
  const ids = tokenizer.encode(caption, tokenCount);
  const texts = tokenizer.tokens(ids);
  return {
    index: pair,
    picture: await imageOf(pairs, pair, data.image_size, drawn, preprocessing),
    caption,
    tokens: texts.map((text, place) => ({
      text,
      unknown: ids[place] === tokenizer.unknownId,
      // What is too long is cut before [SEP], which stays.
      cut: tokenCount > data.max_length && place >= data.max_length - 1 && place < tokenCount - 1,
    })),
    tokenCount,
    maxLength: data.max_length,
    augmentation: inWords(drawn),
  };
}

/** data: URL; empty when the image cannot be read. */
async function imageOf(
  pairs: PairSet,
  pair: number,
  side: number,
  { crop, flip }: Augmentation,
  preprocessing: Preprocessing,
): Promise<string> {
  let pixels: Uint8Array;
  try {
    pixels = await decodeImage(await pairs.loadImage(pair), side, crop ?? undefined, preprocessing);
  } catch (error) {
    const fault = machineFault(error, said('An image cannot be read'));
    if (fault) throw fault;
    console.error(`${pairs.imageKey(pair)}: ${(error as Error).message}`);
    return '';
  }
  return `data:image/png;base64,${(await pngOf(pixels, side, flip)).toString('base64')}`;
}

function inWords({ crop, flip, dropWord }: Augmentation): string {
  const parts: string[] = [];
  if (flip) parts.push('flip');
  if (crop) parts.push(t('crop {0}', shortNumber(crop.width * crop.height)));
  if (dropWord > 0) parts.push(t('words dropped'));
  return parts.join(', ') || 'none';
}
