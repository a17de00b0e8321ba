import type { RunConfig } from '../../experiment/config.ts';
import type { Batch } from '../../data/loader.ts';
import type { LearningRates, Optimizer, UpdateReport } from '../optimizer/optimizer.ts';
import type { Arrays } from '../model/parameter.ts';
import { updateRunningStatistics } from './running-statistics.ts';
import type { TrainingPass } from './training-pass.ts';

/** What learns from batches. */
export interface Learner {
  config: RunConfig;
  /** The parameters, which the optimizer changes in place. */
  arrays: Arrays;
  optimizer: Optimizer;
  pass: TrainingPass;
}

/** One update from a batch at these rates; the loss is that before it. `step`: updates so far. */
export async function learn(
  { arrays, config, optimizer, pass }: Learner,
  batch: Batch,
  rates: LearningRates,
  step: number,
): Promise<{ loss: number; report: UpdateReport }> {
  const { loss, gradients, statistics } = await pass.run(batch, step);
  const report = optimizer.update(gradients, rates);
  if (report.skippedBranch === null) {
    for (const part of statistics) updateRunningStatistics(arrays, part);
    clampScale(arrays['logit_scale']!, config);
  }
  return { loss, report };
}

/** CLIP's clamp of a temperature that is learnt: never below `min_temperature`; and never above 1, or where it started if that is more. */
function clampScale(scale: Float32Array, { loss }: RunConfig): void {
  if (!loss.learn_temperature) return;
  const lowest = Math.min(0, -Math.log(loss.temperature));
  scale[0] = Math.min(Math.max(scale[0]!, lowest), -Math.log(loss.min_temperature));
}
