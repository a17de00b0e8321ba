import * as tf from '@tensorflow/tfjs';
import type { Branch, TextEncoderName } from '../../experiment/config.ts';
import { gelu, layerNorm, linear, lookUp } from './layers.ts';
import { ones, zeros, type ParameterSpec } from './parameter.ts';
import { input, type ForwardPass } from './forward-pass.ts';

/** The shape of a BERT; names and order of arrays are transformers' BertModel's, without its pooler. */
export interface BertShape {
  layers: number;
  width: number;
  heads: number;
  intermediate: number;
  vocabulary: number;
  positions: number;
  types: number;
}

const common = { vocabulary: 30522, positions: 512, types: 2 };

export const bertShapes: Record<TextEncoderName, BertShape> = {
  'bert-tiny': { layers: 2, width: 128, heads: 2, intermediate: 512, ...common },
  'bert-mini': { layers: 4, width: 256, heads: 4, intermediate: 1024, ...common },
  'bert-base-uncased': { layers: 12, width: 768, heads: 12, intermediate: 3072, ...common },
};

export const bertEps = 1e-12;
/** transformers' initializer_range. */
const std = 0.02;

/** Every array of the network, in transformers' order and with its names under `prefix`. */
export function bertParameters(shape: BertShape, prefix: string): ParameterSpec[] {
  const embedding = (name: string, rows: number, zeroRow?: number): ParameterSpec => ({
    name: `${prefix}embeddings.${name}.weight`,
    shape: [rows, shape.width],
    branch: 'text',
    kind: 'parameter',
    initial: { kind: 'normal', std, ...(zeroRow === undefined ? {} : { zeroRow }) },
  });
  const specs = [
    embedding('word_embeddings', shape.vocabulary, 0),
    embedding('position_embeddings', shape.positions),
    embedding('token_type_embeddings', shape.types),
    ...normSpecs(`${prefix}embeddings.LayerNorm`, shape.width, 'text'),
  ];
  for (let layer = 0; layer < shape.layers; layer++)
    specs.push(...bertLayerParameters(shape, `${prefix}encoder.layer.${layer}.`, 'text'));
  return specs;
}

/** One transformer layer's arrays. */
export function bertLayerParameters(
  shape: Pick<BertShape, 'width' | 'intermediate'>,
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

/** Token states [batch, length, width] of token ids [batch, length]; mask [batch, length] with 1 for a real token. */
export function bert(
  pass: ForwardPass,
  shape: BertShape,
  prefix: string,
  tokenIds: tf.Tensor,
  mask: tf.Tensor,
): tf.Tensor3D {
  const [batch, length] = tokenIds.shape as [number, number];
  const words = lookUp(
    input(pass, `${prefix}embeddings.word_embeddings.weight`),
    tf.reshape(tokenIds, [-1]),
    0,
  );
  const positions = tf.slice(
    input(pass, `${prefix}embeddings.position_embeddings.weight`),
    [0, 0],
    [length, shape.width],
  );
  // All tokens are of type 0: a caption is one segment.
  const type = tf.slice(
    input(pass, `${prefix}embeddings.token_type_embeddings.weight`),
    [0, 0],
    [1, shape.width],
  );
  let x: tf.Tensor = tf.add(tf.reshape(words, [batch, length, shape.width]), tf.add(positions, type));
  x = norm(pass, `${prefix}embeddings.LayerNorm`, tf.reshape(x, [batch * length, shape.width]));
  x = dropout(pass, `${prefix}embeddings`, x); // [batch * length, width]
  const maskBias = attentionBias(mask);
  for (let layer = 0; layer < shape.layers; layer++)
    x = bertLayer(pass, shape, `${prefix}encoder.layer.${layer}.`, x, maskBias, batch);
  return tf.reshape(x, [batch, length, shape.width]);
}

/** What is added to attention scores: 0 for a real token, -1e9 for a padded one; [batch, 1, 1, length]. */
export function attentionBias(mask: tf.Tensor): tf.Tensor {
  const [batch, length] = mask.shape as [number, number];
  return tf.reshape(tf.mul(tf.sub(mask, 1), 1e9), [batch, 1, 1, length]);
}

/** One post-norm transformer layer over x [batch * length, width]. */
export function bertLayer(
  pass: ForwardPass,
  shape: Pick<BertShape, 'width' | 'heads'>,
  prefix: string,
  x: tf.Tensor,
  maskBias: tf.Tensor,
  batch: number,
): tf.Tensor2D {
  const { width, heads } = shape;
  const length = x.shape[0] / batch;
  const dense = (name: string, rows: tf.Tensor) =>
    linear(rows, input(pass, `${prefix}${name}.weight`), input(pass, `${prefix}${name}.bias`));
  const headsOf = (name: string) =>
    tf.transpose(
      tf.reshape(dense(`attention.self.${name}`, x), [batch, length, heads, width / heads]),
      [0, 2, 1, 3],
    );

  const scores = tf.mul(tf.matMul(headsOf('query'), headsOf('key'), false, true), Math.sqrt(heads / width));
  const shares = dropout(pass, `${prefix}attention.self`, tf.softmax(tf.add(scores, maskBias))); // [batch, heads, length, length]
  const attended = tf.transpose(tf.matMul(shares, headsOf('value')), [0, 2, 1, 3]); // [batch, length, heads, width / heads]
  const mixed = dense('attention.output.dense', tf.reshape(attended, [batch * length, width]));
  const middle = norm(
    pass,
    `${prefix}attention.output.LayerNorm`,
    tf.add(dropout(pass, `${prefix}attention.output`, mixed), x),
  );
  const inner = gelu(dense('intermediate.dense', middle)); // [batch * length, intermediate]
  const out = dropout(pass, `${prefix}output`, dense('output.dense', inner));
  return norm(pass, `${prefix}output.LayerNorm`, tf.add(out, middle)) as tf.Tensor2D;
}

/**
 * The dropout masks that a training pass wants as inputs, with their shapes. They are drawn outside of the graph, so that every
 * engine uses the same ones.
 */
export function bertDropoutShapes(
  shape: BertShape,
  prefix: string,
  batch: number,
  length: number,
): Record<string, number[]> {
  const rows = [batch * length, shape.width];
  const shapes: Record<string, number[]> = { [dropoutName(`${prefix}embeddings`)]: rows };
  for (let layer = 0; layer < shape.layers; layer++) {
    const name = `${prefix}encoder.layer.${layer}.`;
    shapes[dropoutName(`${name}attention.self`)] = [batch, shape.heads, length, length];
    shapes[dropoutName(`${name}attention.output`)] = rows;
    shapes[dropoutName(`${name}output`)] = rows;
  }
  return shapes;
}

const dropoutName = (place: string): string => `dropout/${place}`;

/** x times the mask of that place (0 or 1 / (1 - p)); without a mask, x. */
function dropout(pass: ForwardPass, place: string, x: tf.Tensor): tf.Tensor {
  const mask = pass.training ? pass.inputs[dropoutName(place)] : undefined;
  return mask ? tf.mul(x, mask) : x;
}

function norm(pass: ForwardPass, name: string, x: tf.Tensor): tf.Tensor {
  return layerNorm(x, input(pass, `${name}.weight`), input(pass, `${name}.bias`), bertEps);
}

export function linearSpecs(name: string, out: number, into: number, branch: Branch): ParameterSpec[] {
  return [
    {
      name: `${name}.weight`,
      shape: [out, into],
      branch,
      kind: 'parameter',
      initial: { kind: 'normal', std },
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
