import * as tf from '@tensorflow/tfjs';

/** Added to the logit of a pair that is not a negative: e to it is 0 in float32 beside any other. */
const never = -1e9;

/**
 * Symmetric InfoNCE over similarities [batch, batch], the mean of both directions, in nats:
 * -log(exp(s_ii k) / sum_j exp(s_ij k)) with k = exp(logitScale) = 1 / T. `same` [batch, batch] is 1 (off the diagonal) where
 * the pair repeats another's image or caption: it is left out of the sums. Stable: log-softmax takes the maximum off first.
 */
export function infoNce(similarity: tf.Tensor2D, same: tf.Tensor2D, logitScale: tf.Tensor): tf.Scalar {
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
export function infoNceFirst(scores: tf.Tensor2D, excluded: tf.Tensor2D, logitScale: tf.Tensor): tf.Scalar {
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
