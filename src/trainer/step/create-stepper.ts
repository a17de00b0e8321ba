import { deviceStepper } from './device-stepper.ts';
import { updateRunningStatistics } from './running-statistics.ts';
import { scaleLimits, type Stepper, type StepperParts } from './stepper.ts';
import { createTrainingPass } from './training-pass.ts';

/** On the engine's device where it has one; else with weights and optimizer in the host's memory. */
export function createStepper(parts: StepperParts): Stepper {
  const device = parts.engine.openDevice?.();
  return device ? deviceStepper(parts, device) : hostStepper(parts);
}

function hostStepper({ config, engine, model, arrays, optimizer }: StepperParts): Stepper {
  const pass = createTrainingPass(config, engine, model, arrays, optimizer.gradients);
  const scale = arrays['logit_scale']!;
  const [lowest, highest] = scaleLimits(config.loss);
  return {
    async step(batch, step, rates) {
      const { loss, gradients, statistics } = await pass.run(batch, step);
      const temperature = Math.exp(-scale[0]!);
      const bias = arrays['logit_bias']?.[0] ?? null;
      const report = optimizer.update(gradients, rates);
      if (report.skippedBranch === null) {
        for (const part of statistics) updateRunningStatistics(arrays, part);
        if (config.loss.learn_temperature) scale[0] = Math.min(Math.max(scale[0]!, lowest), highest);
      }
      return { ...report, loss, temperature, bias };
    },
    sync: () => Promise.resolve(),
    dispose: () => pass.dispose(),
  };
}
