import { join } from 'node:path';
import { shortNumber } from '../../text/numbers.ts';
import type { EncoderType } from '../../experiment/config.ts';
import { normalise, normalTable } from '../../data/images/normalise.ts';
import { rng } from '../../data/hash.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { runModel, type Buffer } from '../../onnx-backend/session.ts';
import type { ImageVectors, TextVectors } from '../../trainer/evaluation/vectors.ts';
import type { FinishedModel } from '../finished-model.ts';
import { longestCaption } from './companions.ts';
import { said } from '../../text/say.ts';

/**
 * What files and model may differ by, as a share of the largest number where that is above 1. Where an encoder of others gives halves, ONNX Runtime
 * rounds them inside one graph at other places than between two, by 2 ** -11 of a number each time: this is four of these.
 */
const tolerances: Record<EncoderType, number> = { fp32: 1e-4, fp16: 2 ** -9, int8: 1e-4 };

export const toleranceFor = (finished: Pick<FinishedModel, 'exported'>): number =>
  Math.max(...typesOf(finished).map((type) => tolerances[type]));

/** The numbers of both encoders. */
export const typesOf = ({ exported: { image, text } }: Pick<FinishedModel, 'exported'>): EncoderType[] =>
  [image, text].map((source) => source?.type ?? 'fp32');

/** Numbers of images and of captions, and captions' lengths, that the files are run with. */
const trials = [
  { images: 1, lengths: [5] },
  { images: 3, lengths: [9, 4, 12, 3] },
];
/** An encoder in whole numbers gives others in a batch (see `alone`). */
const trialsAlone = [5, 12].map((length) => ({ images: 1, lengths: [length] }));

/** The largest difference between what a folder's files give in ONNX Runtime and what the model gives; HumanError when it is too large. */
export async function checkOnnx(finished: FinishedModel, folder: string): Promise<number> {
  const longest = longestCaption(finished);
  const tolerance = toleranceFor(finished);
  let worst = 0;
  for (const { images, lengths } of typesOf(finished).includes('int8') ? trialsAlone : trials) {
    const image = await checkImages(finished, join(folder, 'image.onnx'), images);
    const text = await checkTexts(
      finished,
      join(folder, 'text.onnx'),
      lengths.map((length) => Math.min(length, longest)),
    );
    worst = Math.max(worst, image.worst, text.worst);
    if (!finished.model.fusion.pairSimilarity) continue;
    const pair = join(folder, 'pair.onnx');
    const width = image.vectors.regions!.length / image.regions.shape[1]! / images;
    const regions = { ...image.regions, shape: [images, image.regions.shape[1]!, width] };
    const { scores } = runModel(pair, { regions, tokens: text.tokens!, attention_mask: text.mask }, [
      'scores',
    ]);
    const own = await finished.embedder.scores(
      image.vectors,
      range(images),
      text.vectors,
      range(lengths.length),
    );
    worst = Math.max(worst, difference(scores as Float32Array, own));
  }
  if (worst <= tolerance) return worst;
  throw new HumanError(
    said('The exported files differ from the model by {0}, more than {1}.', shortNumber(worst), tolerance),
    said('This is a fault of Tandem; --format safetensors has the weights.'),
    'export_differs',
  );
}

async function checkImages({ embedder, config, preprocessing }: FinishedModel, file: string, count: number) {
  const side = config.data.image_size;
  const random = rng('export', count);
  const pixels = Uint8Array.from({ length: count * side * side * 3 }, () => random.int(256));
  const vectors: ImageVectors = await embedder.images(pixels, side);
  const names = vectors.regions ? ['image_embeds', 'regions'] : ['image_embeds'];
  const input: Buffer = {
    type: 'float32',
    shape: [count, 3, side, side],
    data: channelsFirst(normalise(pixels, normalTable(preprocessing)), count, side),
  };
  const found = runModel(file, { pixel_values: input }, names) as Record<string, Float32Array>;
  const worst = difference(found['image_embeds']!, vectors.pooled);
  if (!vectors.regions) return { vectors, worst, regions: none };
  const size = vectors.regions.length / count;
  return {
    vectors,
    worst: Math.max(worst, difference(found['regions']!, vectors.regions)),
    regions: {
      type: 'float32',
      shape: [count, size / vectors.dim, vectors.dim],
      data: found['regions']!,
    } as Buffer,
  };
}

const none: Buffer = { type: 'float32', shape: [0], data: new Float32Array(0) };

async function checkTexts({ embedder, tokenizer }: FinishedModel, file: string, lengths: readonly number[]) {
  const random = rng('export', ...lengths);
  const captions = lengths.map((length) =>
    Int32Array.from({ length }, () => random.int(tokenizer.vocabSize)),
  );
  const vectors: TextVectors = await embedder.texts(captions);
  const longest = Math.max(...lengths);
  const shape = [lengths.length, longest];
  const ids = new BigInt64Array(lengths.length * longest).fill(BigInt(tokenizer.padId));
  const ones = new BigInt64Array(ids.length);
  captions.forEach((tokens, row) =>
    tokens.forEach((id, at) => {
      ids[row * longest + at] = BigInt(id);
      ones[row * longest + at] = 1n;
    }),
  );
  const mask: Buffer = { type: 'int64', shape, data: ones };
  const names = vectors.tokens ? ['text_embeds', 'tokens'] : ['text_embeds'];
  const found = runModel(
    file,
    { input_ids: { type: 'int64', shape, data: ids }, attention_mask: mask },
    names,
  );
  let worst = difference(found['text_embeds'] as Float32Array, vectors.pooled);
  if (!vectors.tokens) return { vectors, worst, mask, tokens: null };
  const states = found['tokens'] as Float32Array;
  const width = states.length / ids.length;
  vectors.tokens.forEach((own, row) => {
    const start = row * longest * width;
    worst = Math.max(worst, difference(states.subarray(start, start + own.length), own));
  });
  return {
    vectors,
    worst,
    mask,
    tokens: { type: 'float32', shape: [...shape, width], data: states } as Buffer,
  };
}

/** The largest difference, as a share of the largest number where that is above 1; infinite where the lengths differ or a number is missing. */
function difference(found: Float32Array, own: Float32Array): number {
  if (found.length !== own.length) return Infinity;
  let [most, largest] = [0, 1];
  for (let at = 0; at < own.length; at++) {
    const by = Math.abs(found[at]! - own[at]!);
    if (!(by <= most)) most = Number.isNaN(by) ? Infinity : by;
    largest = Math.max(largest, Math.abs(own[at]!));
  }
  return most / largest;
}

/** [count, side, side, 3] as [count, 3, side, side]. */
function channelsFirst(pixels: Float32Array, count: number, side: number): Float32Array {
  const moved = new Float32Array(pixels.length);
  const plane = side * side;
  for (let image = 0; image < count; image++)
    for (let at = 0; at < plane; at++)
      for (let channel = 0; channel < 3; channel++)
        moved[(image * 3 + channel) * plane + at] = pixels[(image * plane + at) * 3 + channel]!;
  return moved;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
