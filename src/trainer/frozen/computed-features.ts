import type { RunConfig } from '../../experiment/config.ts';
import type { CaptionFeatures } from '../../data/caption-input.ts';
import { normalise, normalTable } from '../../data/images/normalise.ts';
import type { Engine } from '../engines/engine.ts';
import type { Embedder } from '../evaluation/embed.ts';
import { joined } from '../evaluation/vectors.ts';
import { poolerOf } from '../model/encoders.ts';
import type { GivenFeatures } from '../model/given-features.ts';
import type { Encoders } from '../weights/prepare.ts';
import { frozenEncoders } from './open-frozen.ts';

/** Features of exported encoders, computed as they are asked for and not kept: for a finished model, whose images and captions are any. */
export interface ComputedFeatures {
  given: GivenFeatures;
  /** null where the text encoder learnt. */
  captions: CaptionFeatures | null;
  /** The embedder as one that takes 8-bit pixels. */
  embedder(ofFeatures: Embedder): Embedder;
  dispose(): Promise<void>;
}

export async function computedFeatures(
  config: Pick<RunConfig, 'data' | 'model' | 'seed'>,
  encoders: Encoders,
  engine: Engine,
): Promise<ComputedFeatures> {
  const { image, text } = await frozenEncoders(config, encoders, engine, { onlyExported: true });
  const given: GivenFeatures = {};
  const size = config.data.image_size ** 2 * 3;
  const table = normalTable(encoders.preprocessing);
  if (image) {
    const { width, each } = await image.compute([new Float32Array(size)]);
    given.image = { width, rows: each[0]!.length / width };
  }
  if (text) {
    const { width } = await text.compute([encoders.tokenizer.encode('a', 8)]);
    given.text = { width, pool: poolerOf('bert', config.model.text_encoder.pooling) };
  }
  const isPooled = config.model.fusion.kind === 'late';
  return {
    given,
    captions: text && {
      width: given.text!.width,
      of: async (captions) => (await text.compute(captions)).each,
      rows: (ids) => (isPooled ? 1 : ids.length),
    },
    embedder: (embedder) =>
      image
        ? {
            ...embedder,
            async images(pixels, side) {
              const images = Array.from({ length: pixels.length / size }, (_, at) =>
                // A whole model's images are always pixels.
                normalise(pixels.subarray(at * size, (at + 1) * size) as Uint8Array, table),
              );
              return embedder.images(joined((await image.compute(images)).each), side);
            },
          }
        : embedder,
    async dispose() {
      await image?.dispose();
      await text?.dispose();
    },
  };
}
