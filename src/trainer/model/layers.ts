import * as tf from '@tensorflow/tfjs';

/** y = x W^T + b for x [rows, in], W [out, in], b [out] or none -> [rows, out]. */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor | null): tf.Tensor2D {
  const product = tf.matMul(x, weight, false, true);
  return (bias ? tf.add(product, bias) : product) as tf.Tensor2D;
}

/** The same over the last axis of x [..., in] -> [..., out]. */
export function linearLast(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor | null): tf.Tensor {
  const width = x.shape[x.rank - 1]!;
  return tf.reshape(linear(tf.reshape(x, [-1, width]), weight, bias), [
    ...x.shape.slice(0, -1),
    weight.shape[0],
  ]);
}

/**
 * Layer norm over the last axis with its gradient in closed form: fewer nodes in a captured step than the chain rule over each operation.
 * With n the normalised x and g = dy * gamma:  dx = (g - mean(g) - n mean(g n)) / std.
 */
export function layerNorm(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, eps: number): tf.Tensor {
  const width = x.shape[x.rank - 1]!;
  const normalise = tf.customGrad((...args) => {
    const [rows, scale, shift, save] = args as unknown as [
      tf.Tensor2D,
      tf.Tensor1D,
      tf.Tensor1D,
      tf.GradSaveFunc,
    ];
    const centred = tf.sub(rows, tf.mean(rows, 1, true));
    const variance = tf.mean(tf.square(centred), 1, true);
    const inverse = tf.rsqrt(tf.add(variance, eps)); // [rows, 1]
    const normal = tf.mul(centred, inverse);
    save([normal, inverse, scale]);
    return {
      value: tf.add(tf.mul(normal, scale), shift),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [n, inv, gammaSaved] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
        const g = tf.mul(dy, gammaSaved);
        const along = tf.mul(n, tf.mean(tf.mul(g, n), 1, true));
        const dx = tf.mul(tf.sub(tf.sub(g, tf.mean(g, 1, true)), along), inv);
        return [dx, tf.sum(tf.mul(dy, n), 0), tf.sum(dy, 0)];
      },
    };
  });
  return tf.reshape(normalise(tf.reshape(x, [-1, width]), gamma, beta), x.shape);
}

/**
 * gelu(x) = x Phi(x) with the exact normal distribution (erf), as BERT's; derivative Phi(x) + x phi(x). With y = x / sqrt(2) the last term is
 * y exp(-y^2) / sqrt(pi), the factor written as part of the exponent: a pass over memory less.
 */
export function gelu(x: tf.Tensor): tf.Tensor {
  const exact = tf.customGrad((...args) => {
    const [value, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    const y = tf.mul(value, Math.SQRT1_2);
    const distribution = tf.mul(tf.add(tf.erf(y), 1), 0.5);
    save([y, distribution]);
    return {
      value: tf.mul(value, distribution),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [half, phi] = saved as [tf.Tensor, tf.Tensor];
        const density = tf.exp(tf.sub(-0.5 * Math.log(Math.PI), tf.square(half)));
        return [tf.mul(dy, tf.add(phi, tf.mul(half, density)))];
      },
    };
  });
  return exact(x);
}

/** x sigmoid(1.702 x), CLIP's; with s the sigmoid the derivative is s + 1.702 x s (1 - s). */
export function quickGelu(x: tf.Tensor): tf.Tensor {
  const steep = 1.702;
  const quick = tf.customGrad((...args) => {
    const [value, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    const share = tf.sigmoid(tf.mul(value, steep));
    const result = tf.mul(value, share);
    save([share, result]);
    return {
      value: result,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [s, y] = saved as [tf.Tensor, tf.Tensor];
        return [tf.mul(dy, tf.add(s, tf.mul(tf.mul(y, steep), tf.sub(1, s))))];
      },
    };
  });
  return quick(x);
}

/**
 * Rows of length 1 along the last axis: x / |x|, with |x| held above 1e-6. The gradient in closed form:
 * dx = (dy - y sum(dy y)) / |x|.
 */
export function unitLength(x: tf.Tensor): tf.Tensor {
  const unit = tf.customGrad((...args) => {
    const [value, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    const inverse = tf.rsqrt(tf.add(tf.sum(tf.square(value), -1, true), 1e-12));
    const result = tf.mul(value, inverse);
    save([result, inverse]);
    return {
      value: result,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [y, inv] = saved as [tf.Tensor, tf.Tensor];
        return [tf.mul(tf.sub(dy, tf.mul(y, tf.sum(tf.mul(dy, y), -1, true))), inv)];
      },
    };
  });
  return unit(x);
}

/**
 * Rows of `table` [rows, width] at `indices` [n] -> [n, width]. The gradient is one scatter with addition; tfjs's own goes through
 * a sum per row of the table, which takes minutes for a vocabulary in plain JavaScript. `paddingRow` gets no gradient, as with torch's
 * Embedding(padding_idx).
 */
export function lookUp(table: tf.Tensor, indices: tf.Tensor, paddingRow: number | null = null): tf.Tensor2D {
  const [rows, width] = table.shape as [number, number];
  const gather = tf.customGrad((...args) => {
    const [values, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    save([indices]);
    return {
      value: tf.gather(values, indices),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const at = saved[0]!;
        const column = tf.reshape(at, [at.size, 1]);
        const kept =
          paddingRow === null ? dy : tf.mul(dy, tf.cast(tf.notEqual(column, paddingRow), 'float32'));
        return [tf.scatterND(column, kept, [rows, width])];
      },
    };
  });
  return gather(table);
}

/** Mean over the real tokens: states [batch, length, width], mask [batch, length] with 1 for a real token -> [batch, width]. */
export function maskedMean(states: tf.Tensor, mask: tf.Tensor): tf.Tensor2D {
  const share = tf.div(mask, tf.sum(mask, 1, true)); // [batch, length]
  return tf.sum(tf.mul(states, tf.expandDims(share, 2)), 1) as tf.Tensor2D;
}
