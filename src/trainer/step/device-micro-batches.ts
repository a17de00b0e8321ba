import { compiledCache } from '../engines/compiled-cache.ts';
import type { DeviceFunction, Feeds, Values } from '../engines/engine.ts';
import { deviceMicroGraphs } from './device-micro-graphs.ts';
import { momentumOf } from './device-micro-functions.ts';
import type { DevicePass, DevicePassParts } from './device-pass.ts';
import { rowsOf } from './micro-batches.ts';

/** Functions of six caption lengths stay compiled, as many as of whole batches, and the three of all lengths. */
const compiledFunctions = 6 * 6 + 3;

/**
 * The step of `microBatches` on a device: features, similarities and what is summed up over the micro-batches stay there. Each goes up twice,
 * for its features and for its gradients: kept, a batch would take the memory that it has not.
 */
export function microOnDevice(parts: DevicePassParts, micro: number): DevicePass {
  const { matrix } = parts.model.fusion;
  if (!matrix) throw new Error('This fusion does not train in micro-batches.');
  const count = parts.config.train.batch_size / micro;
  const compiled = compiledCache<DeviceFunction>(compiledFunctions);
  const pass: DevicePass = {
    async run(batch, step) {
      const graphs = await deviceMicroGraphs(parts, matrix, compiled, batch, micro);
      const { captions, images } = parts.model;
      const compared = (part: number): Values => ({
        part: Int32Array.of(part),
        mask: rowsOf(batch.mask, { batch, micro }, part),
      });
      const pairs = (part: number): Feeds => ({
        ...compared(part),
        [images.name]: rowsOf(batch.pixels, { batch, micro }, part),
        [captions.name]: rowsOf(batch.states ?? batch.tokenIds, { batch, micro }, part),
        ...parts.masks.keys(parts.model.dropoutShapes(micro, batch.length), step, part),
      });
      await graphs.zeros.run({ zero: Float32Array.of(0) });
      for (let part = 0; part < count; part++) {
        await graphs.features.run(pairs(part));
        await graphs.place.run(compared(part));
      }
      for (let part = 0; part < count; part++) await graphs.similarity.run(compared(part));
      const loss = await graphs.loss.run({ image_ids: batch.imageIds, caption_ids: batch.captionIds });
      for (let part = 0; part < count; part++) await graphs.similarityGradients.run(compared(part));
      for (let part = 0; part < count; part++) {
        await graphs.gradients.run(pairs(part));
        await graphs.statistics?.run({});
      }
      pass.statistics = Object.keys(graphs.statistics?.kept ?? {});
      return { ...loss, ...(await graphs.squares.run({})) };
    },
    statistics: [],
    momentum: momentumOf(count),
    dispose: () => compiled.clear(),
  };
  return pass;
}
