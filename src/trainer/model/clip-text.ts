import * as tf from '@tensorflow/tfjs';
import { input, type ForwardPass } from './forward-pass.ts';
import { lookUp } from './layers.ts';
import { onLayer, type ParameterSpec } from './parameter.ts';
import { preNormLayers, preNormParameters, type PreNormShape } from './pre-norm.ts';
import { norm, normSpecs } from './transformer.ts';

/** The shape of CLIP's text tower; names and order of arrays are transformers' CLIPTextModel's. */
export interface ClipTextShape extends PreNormShape {
  kind: 'clip_text';
  vocabulary: number;
  positions: number;
}

/** Every array of the network, with transformers' names under `prefix`. */
export function clipTextParameters(shape: ClipTextShape, prefix: string): ParameterSpec[] {
  const table = (name: string, rows: number, std: number): ParameterSpec => ({
    name: `${prefix}embeddings.${name}.weight`,
    shape: [rows, shape.width],
    branch: 'text',
    kind: 'parameter',
    initial: { kind: 'normal', std },
  });
  return [
    ...onLayer(0, [
      table('token_embedding', shape.vocabulary, 0.02),
      table('position_embedding', shape.positions, 0.01),
    ]),
    ...preNormParameters(shape, prefix, 'text'),
    ...onLayer(shape.layers + 1, normSpecs(`${prefix}final_layer_norm`, shape.width, 'text')),
  ];
}

/**
 * Token states [batch, length, width] of token ids [batch, length]. A token sees itself and those before it, so padding, which comes last,
 * needs no mask.
 */
export function clipText(
  pass: ForwardPass,
  shape: ClipTextShape,
  prefix: string,
  tokenIds: tf.Tensor,
): tf.Tensor3D {
  const { width, eps } = shape;
  const [batch, length] = tokenIds.shape as [number, number];
  const words = lookUp(input(pass, `${prefix}embeddings.token_embedding.weight`), tf.reshape(tokenIds, [-1]));
  const positions = tf.slice(
    input(pass, `${prefix}embeddings.position_embedding.weight`),
    [0, 0],
    [length, width],
  );
  let x: tf.Tensor = tf.add(tf.reshape(words, [batch, length, width]), positions);
  x = tf.reshape(x, [batch * length, width]);
  x = preNormLayers(pass, shape, prefix, x, causalBias(length), batch);
  return tf.reshape(norm(pass, `${prefix}final_layer_norm`, x, eps), [batch, length, width]);
}

/** -1e9 where a token (row) would see a later one (column): [1, 1, length, length]. Written with operators, so that an exported model takes any length. */
function causalBias(length: number): tf.Tensor {
  const places = (...shape: number[]): tf.Tensor => tf.reshape(tf.range(0, length, 1, 'int32'), shape);
  const isLater = tf.greater(places(1, 1, 1, length), places(1, 1, length, 1));
  return tf.mul(tf.cast(isLater, 'float32'), -1e9);
}

/** States of each caption's last real token, [EOS] in CLIP's vocabulary: [batch, width]. */
export function lastToken(states: tf.Tensor3D, mask: tf.Tensor): tf.Tensor2D {
  const [batch, length] = mask.shape as [number, number];
  const next = tf.concat(
    [tf.slice(mask as tf.Tensor2D, [0, 1], [batch, length - 1]), tf.zeros([batch, 1]) as tf.Tensor2D],
    1,
  );
  return tf.sum(tf.mul(states, tf.expandDims(tf.sub(mask, next), 2)), 1) as tf.Tensor2D;
}
