import type * as tf from '@tensorflow/tfjs';
import { compiledCache } from '../engines/compiled-cache.ts';
import type { Engine } from '../engines/engine.ts';
import { evaluating } from '../model/forward-pass.ts';
import type { Model } from '../model/model.ts';
import type { Arrays } from '../model/parameter.ts';
import { parameterSpecs } from '../step/loss-and-gradients.ts';
import { bucketOf, float, widthOf } from './pair-scores.ts';

/** Shares of an image's regions for each token of a caption, averaged over the heads: [layers][length, regions]. */
export type AttentionShares = Float32Array[];

/** Says where the tokens of a caption look in an image; both as the embedder gives them. */
export interface Attention {
  of(regions: Float32Array, tokens: Float32Array): Promise<AttentionShares>;
  dispose(): void;
}

/** Null for fusions whose tokens do not look at regions. */
export function createAttention(engine: Engine, model: Model, arrays: Arrays): Attention | null {
  const { attention } = model.fusion;
  if (!attention) return null;
  const cache = compiledCache(8);
  const width = widthOf(model);
  return {
    async of(regions, tokens) {
      const count = regions.length / width;
      const real = tokens.length / width;
      const length = bucketOf(real);
      const compiled = await cache.memo(`${count} ${length}`, {
        context: () =>
          engine.compile(
            (inputs) => {
              const shares = attention(
                evaluating(inputs),
                inputs['regions'] as tf.Tensor3D,
                inputs['tokens'] as tf.Tensor3D,
              );
              return { shares: shares.mean(1) }; // [layers, length, regions]
            },
            { ...parameterSpecs(model), regions: float(1, count, width), tokens: float(1, length, width) },
          ),
      });
      // What a token looks at does not depend on the others: those that pad are left out again.
      const padded = new Float32Array(length * width);
      padded.set(tokens);
      const { shares } = await compiled.run({ ...arrays, regions, tokens: padded });
      const all = shares as Float32Array;
      return Array.from({ length: all.length / (length * count) }, (_, layer) =>
        all.slice(layer * length * count, (layer * length + real) * count),
      );
    },
    dispose: () => cache.clear(),
  };
}
