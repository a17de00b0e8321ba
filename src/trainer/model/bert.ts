import * as tf from '@tensorflow/tfjs';
import type { TextEncoderName } from '../../experiment/config.ts';
import { input, type ForwardPass } from './forward-pass.ts';
import { lookUp } from './layers.ts';
import { onLayer, type ParameterSpec } from './parameter.ts';
import {
  attentionBias,
  dropout,
  dropoutName,
  initialStd,
  norm,
  normSpecs,
  transformerDropoutShapes,
  transformerLayer,
  transformerParameters,
} from './transformer.ts';

/** The shape of a BERT; names and order of arrays are transformers' BertModel's, without its pooler. */
export interface BertShape {
  kind: 'bert';
  layers: number;
  width: number;
  heads: number;
  intermediate: number;
  vocabulary: number;
  positions: number;
  types: number;
}

const common = { kind: 'bert', vocabulary: 30522, positions: 512, types: 2 } as const;

export const bertShapes: Record<Extract<TextEncoderName, `bert-${string}`>, BertShape> = {
  'bert-tiny': { layers: 2, width: 128, heads: 2, intermediate: 512, ...common },
  'bert-mini': { layers: 4, width: 256, heads: 4, intermediate: 1024, ...common },
  'bert-base-uncased': { layers: 12, width: 768, heads: 12, intermediate: 3072, ...common },
};

/** Every array of the network, in transformers' order and with its names under `prefix`. */
export function bertParameters(shape: BertShape, prefix: string): ParameterSpec[] {
  const embedding = (name: string, rows: number, zeroRow?: number): ParameterSpec => ({
    name: `${prefix}embeddings.${name}.weight`,
    shape: [rows, shape.width],
    branch: 'text',
    kind: 'parameter',
    initial: { kind: 'normal', std: initialStd, ...(zeroRow === undefined ? {} : { zeroRow }) },
  });
  const specs = onLayer(0, [
    embedding('word_embeddings', shape.vocabulary, 0),
    embedding('position_embeddings', shape.positions),
    embedding('token_type_embeddings', shape.types),
    ...normSpecs(`${prefix}embeddings.LayerNorm`, shape.width, 'text'),
  ]);
  for (let layer = 0; layer < shape.layers; layer++)
    specs.push(
      ...onLayer(layer + 1, transformerParameters(shape, `${prefix}encoder.layer.${layer}.`, 'text')),
    );
  return specs;
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
    x = transformerLayer(pass, shape, `${prefix}encoder.layer.${layer}.`, x, maskBias, batch);
  return tf.reshape(x, [batch, length, shape.width]);
}

/**
 * The dropout masks that a training pass wants as inputs, with their shapes: of the layers that learn, from `learnsFrom` on. They are drawn
 * outside of the graph, so that every engine uses the same ones.
 */
export function bertDropoutShapes(
  shape: BertShape,
  prefix: string,
  batch: number,
  length: number,
  learnsFrom = 0,
): Record<string, number[]> {
  const shapes: Record<string, number[]> = {};
  if (learnsFrom === 0) shapes[dropoutName(`${prefix}embeddings`)] = [batch * length, shape.width];
  for (let layer = Math.max(0, learnsFrom - 1); layer < shape.layers; layer++)
    Object.assign(shapes, transformerDropoutShapes(shape, `${prefix}encoder.layer.${layer}.`, batch, length));
  return shapes;
}
