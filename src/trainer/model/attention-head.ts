import * as tf from '@tensorflow/tfjs';

/** One head's keys and values of some images, and the queries of all captions' n tokens. */
export interface Head {
  /** [images, regions, size] */
  keys: tf.Tensor3D;
  values: tf.Tensor3D;
  /** [n, size], or [images, n, size] where each pair has its own. */
  queries: tf.Tensor;
}

/** What each token gets from each image: softmax(queries keys^T over the regions) values, [images, n, size]. */
export const attend = (head: Head): tf.Tensor3D => tf.matMul(sharesOf(head), head.values) as tf.Tensor3D;

/** How each token's attention is shared out among the regions of each image, [images, n, regions]. */
export const sharesOf = ({ keys, queries }: Pick<Head, 'keys' | 'queries'>): tf.Tensor =>
  tf.softmax(tf.transpose(times(keys, queries, true), [0, 2, 1]));

/**
 * With a = softmax(keys queries^T over the regions) values: the dot products of a with the directions and the squares |a|^2, [2, images, n].
 * Sums of these over the heads give the cosine. The gradient in closed form, so that each array of scores is passed over as
 * rarely as can be: with e = exp(s - max), u = values^T e and t = sum(e), dot = u.d / t and square = u.u / t^2.
 */
export function dotAndSquare(head: Head, directions: tf.Tensor2D): tf.Tensor3D {
  const compute = tf.customGrad((...args) => {
    const [keys, values, queries, towards, save] = args as unknown as [
      tf.Tensor3D,
      tf.Tensor3D,
      tf.Tensor,
      tf.Tensor2D,
      tf.GradSaveFunc,
    ];
    const scores = times(keys, queries, true);
    const e = tf.exp(tf.sub(scores, tf.max(scores, 1, true))); // the maximum cancels
    const t = tf.sum(e, 1, true); // [images, 1, n]
    const u = tf.matMul(values, e, true, false) as tf.Tensor3D; // [images, size, n]
    const dot = tf.div(tf.sum(tf.mul(u, towards), 1, true), t);
    const square = tf.div(tf.sum(tf.square(u), 1, true), tf.square(t));
    save([keys, values, queries, towards, e, t, u, dot, square]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] =>
      gradient(dy as tf.Tensor3D, saved as Saved);
    return { value: tf.reshape(tf.stack([dot, square]), [2, keys.shape[0], -1]), gradFunc };
  });
  return compute(head.keys, head.values, head.queries, directions) as tf.Tensor3D;
}

type Saved = [
  keys: tf.Tensor3D,
  values: tf.Tensor3D,
  queries: tf.Tensor,
  directions: tf.Tensor2D,
  e: tf.Tensor3D,
  t: tf.Tensor3D,
  u: tf.Tensor3D,
  dot: tf.Tensor,
  square: tf.Tensor,
];

function gradient(
  dy: tf.Tensor3D,
  [keys, values, queries, directions, e, t, u, dot, square]: Saved,
): tf.Tensor[] {
  const [forDot, forSquare] = tf.unstack(dy).map((part) => tf.reshape(part, t.shape)) as [
    tf.Tensor,
    tf.Tensor,
  ];
  const byDirection = tf.div(forDot, t);
  const twice = tf.mul(forSquare, 2);
  const bySum = tf.div(twice, tf.square(t));
  const du = tf.add(tf.mul(bySum, u), tf.mul(byDirection, directions));
  const dt = tf.neg(tf.div(tf.add(tf.mul(forDot, dot), tf.mul(twice, square)), t));
  // values du + dt as one product: a pass over all scores less.
  const ones = tf.ones([values.shape[0], values.shape[1], 1]);
  const de = tf.matMul(tf.concat([values, ones], 2), tf.concat([du, dt], 1));
  const ds = tf.mul(de, e) as tf.Tensor3D;
  return [
    times(ds, queries, false),
    tf.matMul(e, du, false, true),
    queries.rank === 3 ? tf.matMul(ds, keys, true, false) : tf.matMul(flat(ds), flat(keys), true, false),
    tf.sum(tf.mul(byDirection, u), 0),
  ];
}

/** [images, a, b] times [b, c] (one for all images) or [images, b, c], `turned` as its transpose. */
function times(x: tf.Tensor3D, y: tf.Tensor, turned: boolean): tf.Tensor3D {
  if (y.rank === 3) return tf.matMul(x, y, false, turned);
  const product = tf.matMul(flat(x), y, false, turned);
  return tf.reshape(product, [x.shape[0], x.shape[1], product.shape[1]!]) as tf.Tensor3D;
}

const flat = (x: tf.Tensor3D): tf.Tensor2D => tf.reshape(x, [x.shape[0] * x.shape[1], x.shape[2]]);
