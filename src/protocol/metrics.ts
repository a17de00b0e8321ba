/**
 * Names of metrics, the keys in events, TensorBoard files and tables. `train/` stands in step events, `val/` in eval events, `system/` in
 * system events.
 *
 * | name | unit |
 * |---|---|
 * | `train/loss`, `val/loss` | nats, mean of both directions |
 * | `train/temperature` | the divisor of the similarities |
 * | `train/logit_bias` | what the sigmoid loss adds to the logits |
 * | `train/grad_norm/<branch>` | L2 norm before clipping; `train/grad_norm` is over all branches |
 * | `train/clip_factor` | what gradients were multiplied with, 1 when not clipped (by branch: the smallest) |
 * | `train/learning_rate/<branch>` | per step, after the schedule |
 * | `train/pairs_per_s` | pairs per second over the last step |
 * | `train/data_wait` | share of the step spent waiting for a batch, 0 to 1 |
 * | `train/epoch` | epochs done, fractional |
 * | `val/image_to_text/recall@K`, `val/text_to_image/recall@K` | share, 0 to 1 |
 * | `val/recall@K` | mean of both directions |
 * | `val/mean_cosine/<branch>` | mean cosine between different images, or captions, -1 to 1: 1 when all have one vector |
 * | `val/image_to_text/median_rank`, `val/text_to_image/median_rank` | 1 is best |
 * | `system/cpu` | percent of the time of all cores that the trainer may use |
 * | `system/rss` | bytes of the trainer's process in the machine's memory |
 * | `system/gpu_memory` | bytes in use on the run's device, by whatever program |
 * | `system/gpu_utilisation` | percent of the last moments in which the device computed |
 */
export const trainLoss = 'train/loss';
export const valLoss = 'val/loss';
export const temperature = 'train/temperature';
export const logitBias = 'train/logit_bias';
export const totalGradNorm = 'train/grad_norm';
export const clipFactor = 'train/clip_factor';
export const pairsPerS = 'train/pairs_per_s';
export const dataWait = 'train/data_wait';
export const epochsDone = 'train/epoch';
export const cpuUse = 'system/cpu';
export const residentMemory = 'system/rss';
export const gpuMemory = 'system/gpu_memory';
export const gpuUtilisation = 'system/gpu_utilisation';

export type Direction = 'image_to_text' | 'text_to_image';
export const directions: readonly Direction[] = ['image_to_text', 'text_to_image'];

export const gradNorm = (branch: string): string => `${totalGradNorm}/${branch}`;
export const learningRate = (branch: string): string => `train/learning_rate/${branch}`;
export const medianRank = (direction: Direction): string => `val/${direction}/median_rank`;
export const meanCosine = (branch: 'image' | 'text'): string => `val/mean_cosine/${branch}`;
export const recallAt = (k: number, direction?: Direction): string =>
  direction ? `val/${direction}/recall@${k}` : `val/recall@${k}`;

/** The K of `val/recall@K`; null for any other name, that of one direction too. */
export function recallK(metric: string): number | null {
  const match = /^val\/recall@(\d+)$/.exec(metric);
  return match && Number(match[1]);
}

/** Measured on the validation side, over all of it. */
export const isEvaluated = (metric: string): boolean => metric.startsWith('val/');

/** What the run takes of its machine: none of it is better or worse. */
export const isOfSystem = (metric: string): boolean => metric.startsWith('system/');

/** Whether a larger value of the metric is the better one. */
export function higherIsBetter(metric: string): boolean {
  return /recall|accuracy|pairs_per_s/.test(metric);
}

/** `recall@10` for `val/recall@10`; a loss keeps its side. */
export const shortMetric = (metric: string): string => metric.replace(/^val\/(?!loss$)/, '');

/** Whether a name is worth choosing settings by: what is measured, not what was set or how fast it went. */
const isResult = (metric: string): boolean =>
  !/^system\/|learning_rate|(^|\/)lr\b|grad_norm|clip_factor|pairs_per_s|data_wait|(^|\/)epoch$|temperature|logit_bias|mean_cosine/.test(
    metric,
  );

/**
 * The results among some metrics, the most telling first: recall with K up to 10, the largest first (a larger K saturates on small
 * validation sets), then larger K, the validation loss, what else is validated, the training loss, the rest by name.
 */
export function resultsOf(metrics: Iterable<string>): string[] {
  const rank = (name: string): number =>
    recallK(name) !== null ? 0 : name === valLoss ? 1 : isEvaluated(name) ? 2 : name === trainLoss ? 3 : 4;
  const preference = (name: string): number => {
    const k = recallK(name) ?? Number(/@(\d+)/.exec(name)?.[1] ?? 0);
    return k <= 10 ? k : -k;
  };
  return [...new Set(metrics)]
    .filter(isResult)
    .sort((a, b) => rank(a) - rank(b) || preference(b) - preference(a) || a.localeCompare(b));
}

/** The metric that tells runs apart, of those that were measured on the validation side; null when there is none. */
export function decidingMetric(metrics: Iterable<string>): string | null {
  const [first] = resultsOf(metrics);
  return first !== undefined && (recallK(first) !== null || first === valLoss) ? first : null;
}
