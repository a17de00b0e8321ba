import { batchNormMomentum } from '../model/convolution.ts';
import type { Arrays } from '../model/parameter.ts';

/** Moves batch norm's running mean and variance towards a step's `stat/<layer>.batch_mean` and `.batch_var`, in place. */
export function updateRunningStatistics(
  arrays: Arrays,
  outputs: Readonly<Record<string, ArrayLike<number>>>,
): void {
  for (const name in outputs) {
    const match = /^stat\/(.*)\.batch_(mean|var)$/.exec(name);
    if (!match) continue;
    const running = arrays[`${match[1]}.running_${match[2]}`]!;
    const batch = outputs[name]!;
    for (let i = 0; i < running.length; i++)
      running[i] = running[i]! * (1 - batchNormMomentum) + batch[i]! * batchNormMomentum;
  }
}
