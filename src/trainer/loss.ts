import * as tf from '@tensorflow/tfjs';
import type { LossConfig } from '../experiment/config.ts';

/** What a batch's similarities come to: the smaller, the better right pairs stand out. */
export interface Objective {
  /** Of similarities of all images (rows) with all captions, the right pairs on the diagonal; `same` [batch, batch] is 1 where another pair must not count as wrong. */
  ofBatch(similarity: tf.Tensor2D, same: tf.Tensor2D): tf.Scalar;
  /** Of scores [batch, 1 + negatives] whose first column belongs to the right pairs; `excluded` is 1 where a negative is none. */
  ofFirst(scores: tf.Tensor2D, excluded: tf.Tensor2D): tf.Scalar;
}

/** The loss of the config at a logit scale (in log space) and, for `sigmoid`, a bias. */
export function objectiveOf(
  kind: LossConfig['kind'],
  logitScale: tf.Tensor,
  bias: tf.Tensor | null,
): Objective {
  if (kind === 'info_nce')
    return {
      ofBatch: (similarity, same) => infoNce(similarity, same, logitScale),
      ofFirst: (scores, excluded) => infoNceFirst(scores, excluded, logitScale),
    };
  const logits = (x: tf.Tensor2D) => tf.add(tf.mul(x, tf.exp(logitScale)), bias!) as tf.Tensor2D;
  return {
    ofBatch: (similarity, same) => sigmoidLoss(logits(similarity), tf.eye(similarity.shape[0]), same),
    ofFirst(scores, excluded) {
      const [batch, columns] = scores.shape;
      const first = tf.oneHot(tf.zeros([batch], 'int32'), columns);
      return sigmoidLoss(logits(scores), tf.cast(first, 'float32'), excluded);
    },
  };
}

/**
 * SigLIP's loss (Zhai et al., 2023): each pair is told right or wrong by itself, -log sigmoid(z logit) with z = 1 where `right` is 1 and -1 elsewhere,
 * summed over a row and averaged over the rows, in nats. Pairs that `excluded` marks are left out.
 */
function sigmoidLoss(logits: tf.Tensor2D, right: tf.Tensor, excluded: tf.Tensor2D): tf.Scalar {
  const towards = tf.sub(1, tf.mul(right, 2)); // -z: log(1 + exp(-z logit)) = -log sigmoid(z logit)
  const each = tf.softplus(tf.mul(logits, towards));
  return tf.mul(tf.sum(tf.mul(each, tf.sub(1, excluded))), 1 / logits.shape[0]) as tf.Scalar;
}

/** Added to the logit of a pair that is not a negative: e to it is 0 in float32 beside any other. */
const never = -1e9;

/**
 * Symmetric InfoNCE over similarities [batch, batch], the mean of both directions, in nats:
 * -log(exp(s_ii k) / sum_j exp(s_ij k)) with k = exp(logitScale) = 1 / T. `same` [batch, batch] is 1 (off the diagonal) where
 * the pair repeats another's image or caption: it is left out of the sums. Stable: log-softmax takes the maximum off first.
 */
function infoNce(similarity: tf.Tensor2D, same: tf.Tensor2D, logitScale: tf.Tensor): tf.Scalar {
  const batch = similarity.shape[0];
  const logits = tf.add(tf.mul(similarity, tf.exp(logitScale)), tf.mul(same, never));
  const diagonal = tf.eye(batch);
  const ofTexts = tf.sum(tf.mul(tf.logSoftmax(logits), diagonal)); // image i against all captions
  const ofImages = tf.sum(tf.mul(tf.logSoftmax(tf.transpose(logits)), diagonal));
  return tf.mul(tf.add(ofTexts, ofImages), -0.5 / batch) as tf.Scalar;
}

/**
 * One direction over scores of which the first column belongs to the right pair: scores [batch, 1 + negatives],
 * `excluded` [batch, 1 + negatives] 1 where a negative is none. Mean over the batch, in nats.
 */
function infoNceFirst(scores: tf.Tensor2D, excluded: tf.Tensor2D, logitScale: tf.Tensor): tf.Scalar {
  const [batch, columns] = scores.shape;
  const logits = tf.add(tf.mul(scores, tf.exp(logitScale)), tf.mul(excluded, never));
  const first = tf.slice(tf.logSoftmax(logits), [0, 0], [batch, 1]);
  if (columns === 1) return tf.mul(tf.sum(first), 0) as tf.Scalar;
  return tf.mul(tf.sum(first), -1 / batch) as tf.Scalar;
}

/**
 * 1 where pair (i, j), i not j, has the same image or the same caption as pair i or j, so that it is no negative: [batch, batch].
 * Ids are those of the batch: the same number means the same thing.
 */
export function samePairs(imageIds: tf.Tensor, captionIds: tf.Tensor): tf.Tensor2D {
  const batch = imageIds.shape[0];
  const equal = (ids: tf.Tensor) =>
    tf.cast(tf.equal(tf.reshape(ids, [batch, 1]), tf.reshape(ids, [1, batch])), 'float32');
  const either = tf.maximum(equal(imageIds), equal(captionIds));
  return tf.mul(either, tf.sub(1, tf.eye(batch))) as tf.Tensor2D;
}
