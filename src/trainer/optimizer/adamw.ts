import type { TrainableArrays } from './simd/trainable-arrays.ts';

export interface AdamwSettings {
  /** After the schedule. */
  learningRate: number;
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
 * One AdamW update in place of the elements [start, end), as torch.optim.AdamW: the weight decays by learningRate * weightDecay, and moves by
 * the bias-corrected first moment over the root of the second. In float32, as PyTorch computes it. `start` and `end` are multiples
 * of 4, or the array's own end.
 */
export function adamw(
  { parameter, gradient, first, second, kernels }: TrainableArrays,
  { learningRate, beta1, beta2, eps, weightDecay, gradientFactor, updates }: AdamwSettings,
  start = 0,
  end = parameter.length,
): void {
  const at = (array: Float32Array): number => array.byteOffset + start * 4;
  kernels.adamw(at(parameter), at(gradient), at(first), at(second), (end - start) * 4, {
    factor: gradientFactor,
    beta1,
    share1: 1 - beta1,
    beta2,
    share2: 1 - beta2,
    decay: learningRate * weightDecay,
    stepSize: learningRate / (1 - beta1 ** updates),
    root: 1 / Math.sqrt(1 - beta2 ** updates),
    eps,
  });
}

/** What the update does to elements whose gradient and moments are zero: it decays them. */
export function decay(
  { parameter, kernels }: TrainableArrays,
  { learningRate, weightDecay }: Pick<AdamwSettings, 'learningRate' | 'weightDecay'>,
  start: number,
  end: number,
): void {
  const share = learningRate * weightDecay;
  if (share > 0) kernels.decay(parameter.byteOffset + start * 4, (end - start) * 4, share);
}

/** The sum of squares of the gradient's elements [start, end), in float64. */
export function gradientSquares(
  { gradient, kernels }: Pick<TrainableArrays, 'gradient' | 'kernels'>,
  start = 0,
  end = gradient.length,
): number {
  return kernels.squareSum(gradient.byteOffset + start * 4, (end - start) * 4);
}
