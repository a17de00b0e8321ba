import { adamwKernel } from './adamw-kernel.ts';

export interface AdamwSettings {
  /** After the schedule. */
  rate: number;
  beta1: number;
  beta2: number;
  eps: number;
  weightDecay: number;
  /** What the gradient is multiplied with (clipping). */
  gradientFactor: number;
  /** This update's number, from 1: it corrects the bias of the moments. */
  updates: number;
}

/**
 * One AdamW update in place of the elements [start, end), as torch.optim.AdamW: the weight decays by rate * weightDecay, and moves by
 * the bias-corrected first moment over the root of the second. In float32, as PyTorch computes it.
 */
export function adamw(
  parameter: Float32Array,
  gradient: Float32Array,
  first: Float32Array,
  second: Float32Array,
  settings: AdamwSettings,
  start = 0,
  end = parameter.length,
): void {
  const { rate, beta1, beta2, eps, weightDecay, gradientFactor, updates } = settings;
  const kernel = adamwKernel();
  const scalars = {
    factor: gradientFactor,
    beta1,
    share1: 1 - beta1,
    beta2,
    share2: 1 - beta2,
    decay: rate * weightDecay,
    stepSize: rate / (1 - beta1 ** updates),
    root: 1 / Math.sqrt(1 - beta2 ** updates),
    eps,
  };
  for (let at = start; at < end; at += kernel.blockLength) {
    const stop = Math.min(end, at + kernel.blockLength);
    kernel.parameter.set(parameter.subarray(at, stop));
    kernel.gradient.set(gradient.subarray(at, stop));
    kernel.first.set(first.subarray(at, stop));
    kernel.second.set(second.subarray(at, stop));
    kernel.run(stop - at, scalars);
    parameter.set(kernel.parameter.subarray(0, stop - at), at);
    first.set(kernel.first.subarray(0, stop - at), at);
    second.set(kernel.second.subarray(0, stop - at), at);
  }
}

/** What the update does to elements whose gradient and moments are zero: it decays them, to the same bit. */
export function decay(
  parameter: Float32Array,
  { rate, weightDecay }: Pick<AdamwSettings, 'rate' | 'weightDecay'>,
  start: number,
  end: number,
): void {
  const share = Math.fround(rate * weightDecay);
  if (share === 0) return;
  for (let i = start; i < end; i++) {
    const value = parameter[i]!;
    parameter[i] = value - (Math.fround(value * share) + 0); // + 0: of -0 nothing is taken away
  }
}
