import type { Batch } from '../../data/loader.ts';
import { compiledCache, compiledLengths } from '../engines/compiled-cache.ts';
import type { Device, DeviceFunction, Values } from '../engines/engine.ts';
import { batchNormMomentum } from '../model/convolution.ts';
import { lossAndNorms } from './device-functions.ts';
import { dropoutMasks, keySpecs, type DropoutMasks } from './dropout-masks.ts';
import { stepSpecs } from './loss-and-gradients.ts';
import { microOnDevice } from './device-micro-batches.ts';
import type { StepperParts } from './stepper.ts';
import { batchFeeds, pairsAtOnce } from './training-pass.ts';

/** The way from a batch to its loss on a device, where `grad/<parameter>` and `stat/<layer>.batch_mean` and `.batch_var` stay. */
export interface DevicePass {
  /** `loss`, `temperature`, where there is one `negative_bias`, and `squares/<branch>`, the sum of squares of its gradients. */
  run(batch: Batch, step: number): Promise<Values>;
  /** Names of the statistics, known after the first run. */
  statistics: readonly string[];
  /** How far the statistics move the running ones. */
  momentum: number;
  dispose(): void;
}

/** What both ways work with. */
export interface DevicePassParts extends StepperParts {
  device: Device;
  masks: DropoutMasks;
}

/** Whole batches, or where `train.micro_batch` asks for it so many pairs at a time. */
export function createDevicePass(parts: StepperParts, device: Device): DevicePass {
  const { model, seed, train } = parts.config;
  const own = { ...parts, device, masks: dropoutMasks(model.text_encoder.dropout, seed) };
  const atOnce = pairsAtOnce(train);
  return atOnce < train.batch_size ? microOnDevice(own, atOnce) : wholeOnDevice(own);
}

function wholeOnDevice({ device, masks, model, optimizer }: DevicePassParts): DevicePass {
  const compiled = compiledCache<DeviceFunction>(compiledLengths);
  const compiledStep = ({ size, imageSize, length }: Batch): Promise<DeviceFunction> => {
    const dropped = model.dropoutShapes(size, length);
    return compiled.memo(`${size} ${length}`, {
      context: () =>
        device.compile(
          masks.drawnOn(device, dropped, lossAndNorms(model, optimizer.groups)),
          { ...stepSpecs(model, { batch: size, imageSize, length }), ...keySpecs(dropped) },
          (name) => /^(grad|stat)\//.test(name),
        ),
    });
  };
  const pass: DevicePass = {
    async run(batch, step) {
      const forward = await compiledStep(batch);
      pass.statistics = Object.keys(forward.kept).filter((name) => name.startsWith('stat/'));
      return forward.run({
        ...batchFeeds(model, batch),
        ...masks.keys(model.dropoutShapes(batch.size, batch.length), step),
      });
    },
    statistics: [],
    momentum: batchNormMomentum,
    dispose: () => compiled.clear(),
  };
  return pass;
}
