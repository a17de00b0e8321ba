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
 * One AdamW update in place, as torch.optim.AdamW: the weight decays by rate * weightDecay, then moves by the bias-corrected
 * first moment over the root of the second. One pass over the elements [start, end): memory decides the time.
 */
export function adamw(
  parameter: Float32Array,
  gradient: Float32Array,
  first: Float32Array,
  second: Float32Array,
  { rate, beta1, beta2, eps, weightDecay, gradientFactor, updates }: AdamwSettings,
  start = 0,
  end = parameter.length,
): void {
  const keep = 1 - rate * weightDecay;
  const stepSize = rate / (1 - beta1 ** updates);
  const rootCorrection = 1 / Math.sqrt(1 - beta2 ** updates);
  const share1 = 1 - beta1;
  const share2 = 1 - beta2;
  for (let i = start; i < end; i++) {
    const g = gradient[i]! * gradientFactor;
    const m = first[i]! * beta1 + g * share1;
    const v = second[i]! * beta2 + g * g * share2;
    first[i] = m;
    second[i] = v;
    parameter[i] = parameter[i]! * keep - (stepSize * m) / (Math.sqrt(v) * rootCorrection + eps);
  }
}

/** What the update does to elements whose gradient and moments are zero: it decays them. */
export function decay(
  parameter: Float32Array,
  { rate, weightDecay }: Pick<AdamwSettings, 'rate' | 'weightDecay'>,
  start: number,
  end: number,
): void {
  const keep = 1 - rate * weightDecay;
  if (keep === 1) return;
  for (let i = start; i < end; i++) parameter[i]! *= keep;
}
