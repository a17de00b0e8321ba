/**
 * Names of metrics, the keys in events, TensorBoard files and tables. `train/` stands in step events, `val/` in eval events.
 *
 * | name | unit |
 * |---|---|
 * | `train/loss`, `val/loss` | nats, mean of both directions |
 * | `train/temperature` | the divisor of the similarities |
 * | `train/grad_norm/<branch>` | L2 norm before clipping; `train/grad_norm` is over all branches |
 * | `train/clip_factor` | what gradients were multiplied with, 1 when not clipped (by branch: the smallest) |
 * | `train/learning_rate/<branch>` | per step, after the schedule |
 * | `train/pairs_per_s` | pairs per second over the last step |
 * | `train/data_wait` | share of the step spent waiting for a batch, 0 to 1 |
 * | `train/epoch` | epochs done, fractional |
 * | `val/image_to_text/recall@K`, `val/text_to_image/recall@K` | share, 0 to 1 |
 * | `val/recall@K` | mean of both directions |
 * | `val/image_to_text/median_rank`, `val/text_to_image/median_rank` | 1 is best |
 */
export const branches = ['image', 'text', 'fusion', 'scale'] as const;

export const gradNorm = (branch: string): string => `train/grad_norm/${branch}`;
export const learningRate = (branch: string): string => `train/learning_rate/${branch}`;
export const recallAt = (k: number, direction?: 'image_to_text' | 'text_to_image'): string =>
  direction ? `val/${direction}/recall@${k}` : `val/recall@${k}`;

/** Whether a larger value of the metric is the better one. */
export function higherIsBetter(metric: string): boolean {
  return /recall|accuracy|pairs_per_s/.test(metric);
}
