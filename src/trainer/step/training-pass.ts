import type { RunConfig } from '../../experiment/config.ts';
import type { Batch } from '../../data/loader.ts';
import { compiledCache, compiledLengths } from '../engines/compiled-cache.ts';
import type { Engine, Feeds, Values } from '../engines/engine.ts';
import type { Model } from '../model/model.ts';
import type { Arrays } from '../model/parameter.ts';
import { dropoutMasks, type DropoutMasks } from './dropout-masks.ts';
import { lossAndGradients, stepSpecs } from './loss-and-gradients.ts';
import { microBatches } from './micro-batches.ts';

/** What a batch gives before anything is changed. Arrays hold until the next pass. */
export interface PassResult {
  /** In nats. */
  loss: number;
  /** `grad/<parameter>` for each parameter that learns. */
  gradients: Values;
  /** `stat/<layer>.batch_mean` and `.batch_var` of batch norm, in the order in which they were met. */
  statistics: Values[];
}

/** The way from a batch to its loss and gradients. */
export interface TrainingPass {
  /** `step`: what dropout masks are drawn for. */
  run(batch: Batch, step: number): Promise<PassResult>;
  dispose(): void;
}

/** What both ways work with. */
export interface PassParts {
  engine: Engine;
  model: Model;
  arrays: Arrays;
  masks: DropoutMasks;
  /** Where gradients are written, as `grad/<parameter>`. */
  gradients: Values;
}

/** Whole batches, or where `train.micro_batch` asks for it so many pairs at a time. */
export function createTrainingPass(
  { model: { text_encoder }, seed, train }: Pick<RunConfig, 'model' | 'seed' | 'train'>,
  engine: Engine,
  model: Model,
  arrays: Arrays,
  gradients: Values,
): TrainingPass {
  const masks = dropoutMasks(text_encoder.dropout, seed);
  const parts = { engine, model, arrays, masks, gradients };
  const atOnce = pairsAtOnce(train);
  return atOnce < train.batch_size ? microBatches(parts, atOnce) : wholeBatches(parts);
}

/** Pairs that run through the encoders at a time. */
export const pairsAtOnce = ({ batch_size, micro_batch }: RunConfig['train']): number =>
  Math.min(micro_batch ?? batch_size, batch_size);

function wholeBatches({ engine, model, arrays, masks, gradients }: PassParts): TrainingPass {
  const compiled = compiledCache(compiledLengths);
  return {
    async run(batch, step) {
      const shape = { batch: batch.size, imageSize: batch.imageSize, length: batch.length };
      const compiledStep = await compiled.memo(`${batch.size} ${batch.length}`, {
        context: () => engine.compile(lossAndGradients(model), stepSpecs(model, shape), gradients),
      });
      const outputs = await compiledStep.run({
        ...arrays,
        ...batchFeeds(model, batch),
        ...masks.draw(model.dropoutShapes(batch.size, batch.length), step),
      });
      return { loss: outputs['loss']![0]!, gradients: outputs, statistics: [outputs] };
    },
    dispose: () => compiled.clear(),
  };
}

/** A batch as a step takes it. */
export const batchFeeds = (model: Model, batch: Batch): Feeds => ({
  [model.images.name]: batch.pixels,
  [model.captions.name]: batch.states ?? batch.tokenIds,
  mask: batch.mask,
  image_ids: batch.imageIds,
  caption_ids: batch.captionIds,
});
