import * as tf from '@tensorflow/tfjs';
import type { Branch } from '../../experiment/config.ts';
import { input, type ForwardPass } from './forward-pass.ts';
import { gelu, layerNorm, linear } from './layers.ts';
import { ones, zeros, type ParameterSpec } from './parameter.ts';

/** The shape of a transformer layer: names and order of its arrays are those of transformers' BertLayer. */
export interface TransformerShape {
  width: number;
  heads: number;
  intermediate: number;
}

/** transformers' initializer_range and layer_norm_eps of a BERT. */
export const initialStd = 0.02;
const normEps = 1e-12;

/** One transformer layer's arrays. */
export function transformerParameters(
  shape: Omit<TransformerShape, 'heads'>,
  prefix: string,
  branch: Branch,
): ParameterSpec[] {
  const { width, intermediate } = shape;
  return [
    ...linearSpecs(`${prefix}attention.self.query`, width, width, branch),
    ...linearSpecs(`${prefix}attention.self.key`, width, width, branch),
    ...linearSpecs(`${prefix}attention.self.value`, width, width, branch),
    ...linearSpecs(`${prefix}attention.output.dense`, width, width, branch),
    ...normSpecs(`${prefix}attention.output.LayerNorm`, width, branch),
    ...linearSpecs(`${prefix}intermediate.dense`, intermediate, width, branch),
    ...linearSpecs(`${prefix}output.dense`, width, intermediate, branch),
    ...normSpecs(`${prefix}output.LayerNorm`, width, branch),
  ];
}

/** What is added to attention scores: 0 for a real token, -1e9 for a padded one; [batch, 1, 1, length]. */
export function attentionBias(mask: tf.Tensor): tf.Tensor {
  const [batch, length] = mask.shape as [number, number];
  return tf.reshape(tf.mul(tf.sub(mask, 1), 1e9), [batch, 1, 1, length]);
}

/** Names of the linear layers of an attention. */
export interface AttentionNames {
  query: string;
  key: string;
  value: string;
  output: string;
}

const ofBert: AttentionNames = {
  query: 'attention.self.query',
  key: 'attention.self.key',
  value: 'attention.self.value',
  output: 'attention.output.dense',
};

/** The linear layer of that name, over rows. */
export const dense = (pass: ForwardPass, name: string, rows: tf.Tensor): tf.Tensor2D =>
  linear(rows, input(pass, `${name}.weight`), input(pass, `${name}.bias`));

/**
 * What each of the rows x [batch * length, width] attends to among those of its sequence. `bias`, added to the scores [batch, heads, length,
 * length], keeps it from some; null: it sees all.
 */
export function attention(
  pass: ForwardPass,
  { width, heads }: Omit<TransformerShape, 'intermediate'>,
  prefix: string,
  names: AttentionNames,
  x: tf.Tensor,
  bias: tf.Tensor | null,
  batch: number,
): tf.Tensor2D {
  const length = x.shape[0] / batch;
  const headsOf = (name: string) =>
    tf.transpose(
      tf.reshape(dense(pass, `${prefix}${name}`, x), [batch, length, heads, width / heads]),
      [0, 2, 1, 3],
    );
  const products = tf.matMul(headsOf(names.query), headsOf(names.key), false, true);
  const scores = tf.mul(products, Math.sqrt(heads / width));
  const shares = tf.softmax(bias ? tf.add(scores, bias) : scores); // [batch, heads, length, length]
  const kept = dropout(pass, `${prefix}attention.self`, shares);
  const attended = tf.transpose(tf.matMul(kept, headsOf(names.value)), [0, 2, 1, 3]); // [batch, length, heads, width / heads]
  return dense(pass, `${prefix}${names.output}`, tf.reshape(attended, [batch * length, width]));
}

/** One post-norm transformer layer over x [batch * length, width]. */
export function transformerLayer(
  pass: ForwardPass,
  shape: Omit<TransformerShape, 'intermediate'>,
  prefix: string,
  x: tf.Tensor,
  maskBias: tf.Tensor,
  batch: number,
): tf.Tensor2D {
  const mixed = attention(pass, shape, prefix, ofBert, x, maskBias, batch);
  const middle = norm(
    pass,
    `${prefix}attention.output.LayerNorm`,
    tf.add(dropout(pass, `${prefix}attention.output`, mixed), x),
  );
  const inner = gelu(dense(pass, `${prefix}intermediate.dense`, middle)); // [batch * length, intermediate]
  const out = dropout(pass, `${prefix}output`, dense(pass, `${prefix}output.dense`, inner));
  return norm(pass, `${prefix}output.LayerNorm`, tf.add(out, middle)) as tf.Tensor2D;
}

/** The dropout masks of one layer in training, with their shapes. */
export function transformerDropoutShapes(
  { heads, width }: TransformerShape,
  prefix: string,
  batch: number,
  length: number,
): Record<string, number[]> {
  const rows = [batch * length, width];
  return {
    [dropoutName(`${prefix}attention.self`)]: [batch, heads, length, length],
    [dropoutName(`${prefix}attention.output`)]: rows,
    [dropoutName(`${prefix}output`)]: rows,
  };
}

export const dropoutName = (place: string): string => `dropout/${place}`;

/** x times the mask of that place (0 or 1 / (1 - p)); without a mask, x. */
export function dropout(pass: ForwardPass, place: string, x: tf.Tensor): tf.Tensor {
  const mask = pass.training ? pass.inputs[dropoutName(place)] : undefined;
  return mask ? tf.mul(x, mask) : x;
}

/** Layer norm with the arrays of that name. */
export function norm(pass: ForwardPass, name: string, x: tf.Tensor, eps = normEps): tf.Tensor {
  return layerNorm(x, input(pass, `${name}.weight`), input(pass, `${name}.bias`), eps);
}

export function linearSpecs(name: string, out: number, into: number, branch: Branch): ParameterSpec[] {
  return [
    {
      name: `${name}.weight`,
      shape: [out, into],
      branch,
      kind: 'parameter',
      initial: { kind: 'normal', std: initialStd },
    },
    { name: `${name}.bias`, shape: [out], branch, kind: 'parameter', initial: zeros },
  ];
}

export function normSpecs(name: string, width: number, branch: Branch): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape: [width], branch, kind: 'parameter', initial: ones },
    { name: `${name}.bias`, shape: [width], branch, kind: 'parameter', initial: zeros },
  ];
}
