import type { Branch } from '../../experiment/config.ts';
import type { Device, DeviceFunction, Values } from '../engines/engine.ts';
import { clipping, type LearningRates } from '../optimizer/optimizer.ts';
import { runningName, updateNumbers, updateOnDevice, updateSpecs } from './device-functions.ts';
import { createDevicePass } from './device-pass.ts';
import { scaleLimits, type Stepper, type StepperParts } from './stepper.ts';

/**
 * Steps whose weights, gradients, moments and running statistics stay on the device: up go a batch and its rates, down
 * come the loss and the branches' norms, by which the host decides how to clip or to skip, as it does for its own updates.
 */
export function deviceStepper(parts: StepperParts, device: Device): Stepper {
  const { config, model, arrays, optimizer } = parts;
  const { groups, state } = optimizer;
  const pass = createDevicePass(parts, device);
  const branches = [...new Set(groups.map(({ branch }) => branch))];
  const moments = momentsOf(parts);
  upload(parts, moments, device);
  /** One for all caption lengths, compiled after the first forward pass has told which statistics there are. */
  let update: Promise<DeviceFunction> | null = null;
  /** What the update changes, in the host's memory. */
  let changing: Values = {};

  const compiledUpdate = (): Promise<DeviceFunction> => {
    const { momentum, statistics } = pass;
    const [lowest, highest] = scaleLimits(config.loss);
    const scale = config.loss.learn_temperature ? { lowest, highest } : null;
    const learning = groups.flatMap(({ parameters }) => parameters.map(({ name }) => name));
    changing = { ...moments };
    for (const name of [...learning, ...statistics.map(runningName)]) changing[name] = arrays[name]!;
    return device.compile(
      updateOnDevice(config, groups, scale, statistics, momentum),
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
      const outputs = await pass.run(batch, step);
      const norms: Partial<LearningRates> = {};
      for (const branch of branches) norms[branch] = Math.sqrt(outputs[`squares/${branch}`]![0]!);
      // The weights are looked at when a norm is not finite.
      if (!Object.values(norms).every(Number.isFinite)) await sync();
      const { factor, report } = clipping(groups, config.optimizer, norms, arrays);
      if (report.skippedBranch === null) {
        state.updates++;
        isSynced = false;
        update ??= compiledUpdate();
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
      pass.dispose();
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
