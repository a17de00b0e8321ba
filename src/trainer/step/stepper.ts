import type { RunConfig } from '../../experiment/config.ts';
import type { Batch } from '../../data/loader.ts';
import type { Engine } from '../engines/engine.ts';
import type { Model } from '../model/model.ts';
import type { Arrays } from '../model/parameter.ts';
import type { LearningRates, Optimizer, UpdateReport } from '../optimizer/optimizer.ts';

/** What one step did. */
export interface StepReport extends UpdateReport {
  /** Before the update, in nats. */
  loss: number;
  /** T with which the loss was computed. */
  temperature: number;
  /** The loss's bias, likewise; null for losses without. */
  bias: number | null;
}

/** Takes steps: from a batch to changed weights, moments and running statistics. */
export interface Stepper {
  /** `step`: what dropout masks are drawn for. */
  step(batch: Batch, step: number, rates: LearningRates): Promise<StepReport>;
  /** Brings `arrays` and the optimizer's state up to date, where they are kept on a device. */
  sync(): Promise<void>;
  dispose(): void;
}

export interface StepperParts {
  config: RunConfig;
  engine: Engine;
  model: Model;
  arrays: Arrays;
  optimizer: Optimizer;
}

/**
 * CLIP's clamp of a logit scale that is learnt: the temperature is never below `min_temperature`; and never above 1, or where it started
 * if that is more.
 */
export function scaleLimits({ temperature, min_temperature }: RunConfig['loss']): [number, number] {
  return [Math.min(0, -Math.log(temperature)), -Math.log(min_temperature)];
}
