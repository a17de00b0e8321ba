import * as tf from '@tensorflow/tfjs';
import type { TensorFunction, TensorSpec } from '../engines/engine.ts';
import { batchNormMomentum } from '../model/convolution.ts';
import type { SimilarityMatrix } from '../model/fusion.ts';
import type { Model } from '../model/model.ts';
import { scaleOutputs } from './device-functions.ts';
import { mapValues } from './map-values.ts';
import {
  featuresOf,
  gradientsOfFeatures,
  gradientsOfSimilarity,
  lossOfSimilarity,
  similarityOf,
} from './micro-functions.ts';
import type { FeatureWidths } from './micro-graphs.ts';

/*
 * The functions of micro-functions.ts where what they exchange stays on a device: P parts of M pairs, B = P M. What a part has is added to
 * what the others had, from zeros on; `part`, an int32 [1], tells which one it is.
 */

type Tensors = Record<string, tf.Tensor>;

export interface MicroSizes {
  parts: number;
  micro: number;
  widths: FeatureWidths;
}

/** What is added up besides gradients and statistics: a row a part. */
export const sumSpecs = ({ parts, micro, widths }: MicroSizes): Record<string, TensorSpec> => ({
  images: float(parts, micro * widths.image),
  texts: float(parts, micro * widths.text),
  similarity: float(parts, parts * micro * micro), // each [B, M]
  image_upstream: float(parts, micro * widths.image),
  text_upstream: float(parts, micro * widths.text),
});

/** Zeros for all of these sums; `zero` comes in, as constants would be kept in memory. */
export const zerosOf =
  (specs: Record<string, TensorSpec>): TensorFunction =>
  (inputs) =>
    mapValues(specs, ({ shape }) => tf.broadcastTo(inputs['zero']!, shape));

/** A part's features, `image_rows` and `text_rows` [M, numbers]. */
export function featureRows(model: Model, matrix: SimilarityMatrix): TensorFunction {
  const features = featuresOf(model, matrix);
  return (inputs) => {
    const { image, text } = features(inputs);
    return { image_rows: image!, text_rows: text! };
  };
}

/** These in their places in `images` and `texts`. */
export const placeRows =
  ({ parts }: MicroSizes): TensorFunction =>
  (inputs) => ({
    images: tf.add(inputs['images']!, placed(inputs['image_rows']!, parts, inputs)),
    texts: tf.add(inputs['texts']!, placed(inputs['text_rows']!, parts, inputs)),
  });

/** The part's columns of `similarity`. */
export function addSimilarity(matrix: SimilarityMatrix, sizes: MicroSizes): TensorFunction {
  const compare = similarityOf(matrix);
  return (inputs) => {
    const { similarity } = compare(compared(sizes, inputs));
    return { similarity: tf.add(inputs['similarity']!, placed(similarity!, sizes.parts, inputs)) };
  };
}

/** The loss with its `temperature` and, where it has one, `negative_bias`; `similarity_gradient` has the form of `similarity`. */
export function lossOnDevice(model: Model, { parts, micro }: MicroSizes): TensorFunction {
  const batch = parts * micro;
  const lossOf = lossOfSimilarity(model);
  return (inputs) => {
    const blocks = tf.reshape(inputs['similarity']!, [parts, batch, micro]);
    const similarity = tf.reshape(tf.transpose(blocks, [1, 0, 2]), [batch, batch]);
    const { similarity_gradient, ...outputs } = lossOf({ ...inputs, similarity });
    const gradient = tf.reshape(similarity_gradient!, [batch, parts, micro]);
    const ofBlocks = tf.reshape(tf.transpose(gradient, [1, 0, 2]), [parts, batch * micro]);
    return { ...added(inputs, outputs), ...scaleOutputs(inputs), similarity_gradient: ofBlocks };
  };
}

/** The gradients of the part's columns. */
export function addSimilarityGradients(
  model: Model,
  matrix: SimilarityMatrix,
  sizes: MicroSizes,
): TensorFunction {
  const { parts, micro } = sizes;
  const gradientsOf = gradientsOfSimilarity(model, matrix);
  return (inputs) => {
    const { image_gradient, text_gradient, ...rest } = gradientsOf({
      ...compared(sizes, inputs),
      similarity_gradient: rowOf('similarity_gradient', [parts * micro, micro], inputs),
    });
    const upstream = {
      image_upstream: tf.reshape(image_gradient!, [parts, -1]),
      text_upstream: placed(text_gradient!, parts, inputs),
    };
    return added(inputs, { ...upstream, ...rest });
  };
}

/** The gradients of what encodes the part; its statistics are `part/stat/...`. */
export function addGradients(
  model: Model,
  matrix: SimilarityMatrix,
  { micro, widths }: MicroSizes,
): TensorFunction {
  const gradientsOf = gradientsOfFeatures(model, matrix);
  return (inputs) => {
    const outputs = gradientsOf({
      ...inputs,
      image_gradient: rowOf('image_upstream', [micro, widths.image], inputs),
      text_gradient: rowOf('text_upstream', [micro, widths.text], inputs),
    });
    const named = Object.entries(outputs).map(([name, tensor]) => {
      const ownName = name.startsWith('stat/') ? ofPart + name : name;
      return [ownName, tensor] as const;
    });
    return added(inputs, Object.fromEntries(named));
  };
}

/** Before the name of a statistic that is one part's. */
export const ofPart = 'part/';

/** How far the statistics of so many parts, one after the other, move the running ones. */
export const momentumOf = (parts: number): number => 1 - (1 - batchNormMomentum) ** parts;

/** The mean of the parts' statistics with which one move of `momentumOf` is the moves of all: each weighs less than the next. */
export const addStatistics =
  (statistics: readonly string[], parts: number): TensorFunction =>
  (inputs) =>
    Object.fromEntries(
      statistics.map((name) => [
        name,
        tf.add(
          tf.mul(inputs[name]!, 1 - batchNormMomentum),
          tf.mul(inputs[ofPart + name]!, batchNormMomentum / momentumOf(parts)),
        ),
      ]),
    );

/** A row of an array with a row a part, in its own shape. */
const rowOf = (name: string, shape: [number, number], inputs: Tensors): tf.Tensor2D =>
  tf.reshape(tf.gather(inputs[name]!, inputs['part'] as tf.Tensor1D), shape);

/** The part's row among zeros, [P, numbers]. */
function placed(row: tf.Tensor, parts: number, inputs: Tensors): tf.Tensor {
  const isPart = tf.equal(tf.range(0, parts, 1, 'int32'), inputs['part']!);
  return tf.mul(tf.reshape(tf.cast(isPart, 'float32'), [parts, 1]), tf.reshape(row, [1, -1]));
}

/** What `similarityOf` takes: all images and the part's captions. */
const compared = ({ parts, micro, widths }: MicroSizes, inputs: Tensors): Tensors => ({
  ...inputs,
  image: tf.reshape(inputs['images']!, [parts * micro, widths.image]),
  text: rowOf('texts', [micro, widths.text], inputs),
});

/** Outputs that have an input of their name are added to it. */
const added = (inputs: Tensors, outputs: Tensors): Tensors =>
  mapValues(outputs, (output, name) => (inputs[name] ? tf.add(inputs[name], output) : output));

const float = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' });
