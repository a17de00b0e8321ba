import type { Branch } from '../../experiment/config.ts';
import type { Batch } from '../../data/loader.ts';
import { compiledCache } from '../engines/compiled-cache.ts';
import type { Device, DeviceFunction, Values } from '../engines/engine.ts';
import { clipping, type LearningRates } from '../optimizer/optimizer.ts';
import { lossAndNorms, runningName, updateNumbers, updateOnDevice, updateSpecs } from './device-functions.ts';
import { dropoutMasks } from './dropout-masks.ts';
import { stepSpecs } from './loss-and-gradients.ts';
import { scaleLimits, type Stepper, type StepperParts } from './stepper.ts';
import { batchFeeds, compiledSteps } from './training-pass.ts';

/**
 * Steps whose weights, gradients, moments and running statistics stay on the device: up go a batch, its dropout masks and its rates, down
 * come the loss and the branches' norms, by which the host decides how to clip or to skip, as it does for its own updates.
 */
export function deviceStepper(parts: StepperParts, device: Device): Stepper {
  const { config, model, arrays, optimizer } = parts;
  const { groups, state } = optimizer;
  const masks = dropoutMasks(config.model.text_encoder.dropout, config.seed);
  const compiled = compiledCache<DeviceFunction>(compiledSteps);
  const branches = [...new Set(groups.map(({ branch }) => branch))];
  const moments = momentsOf(parts);
  upload(parts, moments, device);
  /** One for all caption lengths, compiled after the first forward pass has told which statistics there are. */
  let update: Promise<DeviceFunction> | null = null;
  /** What the update changes, in the host's memory. */
  let changing: Values = {};

  const compiledStep = (batch: Batch): Promise<DeviceFunction> => {
    const shape = { batch: batch.size, imageSize: batch.imageSize, length: batch.length };
    return compiled.memo(`${batch.size} ${batch.length}`, {
      context: () =>
        device.compile(lossAndNorms(model, groups), stepSpecs(model, shape), (name) =>
          /^(grad|stat)\//.test(name),
        ),
    });
  };
  const compiledUpdate = (kept: readonly string[]): Promise<DeviceFunction> => {
    const statistics = kept.filter((name) => name.startsWith('stat/'));
    const [lowest, highest] = scaleLimits(config.loss);
    const scale = config.loss.learn_temperature ? { lowest, highest } : null;
    const learning = groups.flatMap(({ parameters }) => parameters.map(({ name }) => name));
    changing = { ...moments };
    for (const name of [...learning, ...statistics.map(runningName)]) changing[name] = arrays[name]!;
    return device.compile(
      updateOnDevice(config, groups, scale, statistics),
      updateSpecs(model, groups, statistics),
      () => true,
    );
  };
  let isSynced = true;
  const sync = (): Promise<void> => {
    if (!isSynced) device.download(changing);
    isSynced = true;
    return Promise.resolve();
  };
  const numbersOf = (rates: LearningRates, factor: (branch: Branch) => number): Values => {
    const { beta1, beta2 } = config.optimizer;
    const values: Values = { root: Float32Array.of(1 / Math.sqrt(1 - beta2 ** state.updates)) };
    for (const group of groups) {
      const names = updateNumbers(group);
      const rate = rates[group.rate]!;
      values[names.factor] = Float32Array.of(factor(group.branch));
      values[names.rate] = Float32Array.of(rate);
      values[names.stepSize] = Float32Array.of(rate / (1 - beta1 ** state.updates));
    }
    return values;
  };

  return {
    async step(batch, step, rates) {
      const forward = await compiledStep(batch);
      const outputs = await forward.run({
        ...batchFeeds(model, batch),
        ...masks.draw(model.dropoutShapes(batch.size, batch.length), step),
      });
      const norms: Partial<LearningRates> = {};
      for (const branch of branches) norms[branch] = Math.sqrt(outputs[`squares/${branch}`]![0]!);
      // The weights are looked at when a norm is not finite.
      if (!Object.values(norms).every(Number.isFinite)) await sync();
      const { factor, report } = clipping(groups, config.optimizer, norms, arrays);
      if (report.skippedBranch === null) {
        state.updates++;
        isSynced = false;
        update ??= compiledUpdate(forward.kept);
        await (await update).run(numbersOf(rates, factor));
      }
      return {
        ...report,
        loss: outputs['loss']![0]!,
        temperature: outputs['temperature']![0]!,
        bias: outputs['negative_bias'] ? -outputs['negative_bias'][0]! : null,
      };
    },
    sync,
    dispose() {
      device.dispose();
      compiled.clear();
      void update?.then((compiledUpdate) => compiledUpdate.dispose());
    },
  };
}

/** The optimizer's moments by the names that they have on the device. */
function momentsOf({ optimizer }: StepperParts): Values {
  const { firstMoments, secondMoments } = optimizer.state;
  const moments: Values = {};
  for (const name in firstMoments) {
    moments[`exp_avg/${name}`] = firstMoments[name]!;
    moments[`exp_avg_sq/${name}`] = secondMoments[name]!;
  }
  return moments;
}

function upload({ arrays, model }: StepperParts, moments: Values, device: Device): void {
  const shapes: Record<string, readonly number[]> = {};
  for (const { name, shape } of model.parameters)
    for (const array of [name, `exp_avg/${name}`, `exp_avg_sq/${name}`]) shapes[array] = shape;
  device.upload({ ...arrays, ...moments }, shapes);
}
