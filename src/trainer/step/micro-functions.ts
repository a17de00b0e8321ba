import * as tf from '@tensorflow/tfjs';
import type { TensorFunction } from '../engines/engine.ts';
import { samePairs } from '../loss.ts';
import type { ForwardPass } from '../model/forward-pass.ts';
import type { SimilarityMatrix } from '../model/fusion.ts';
import type { Model } from '../model/model.ts';

/*
 * The parts of a step over micro-batches (Gao et al. 2021, "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup"), each a
 * pure function: features, similarities, loss, and the last two's gradients back to the parameters. B pairs in the batch, M in a micro-batch.
 */

type Tensors = Record<string, tf.Tensor>;

/** A micro-batch in, what is compared of it out: `image` and `text`, each [M, numbers]. */
export const featuresOf =
  (model: Model, matrix: SimilarityMatrix): TensorFunction =>
  (inputs) =>
    features(model, matrix, training(inputs));

/** The same again, for its gradients: `image_gradient` and `text_gradient` come in, `grad/<parameter>` and `stat/<layer>` go out. */
export function gradientsOfFeatures(model: Model, matrix: SimilarityMatrix): TensorFunction {
  const names = encodingParameters(model, matrix);
  return (inputs) => {
    const statistics: Tensors = {};
    const product = (own: Tensors): tf.Scalar => {
      const { image, text } = features(model, matrix, { ...training(own), statistics });
      const part = (feature: tf.Tensor, side: string) => tf.sum(tf.mul(feature, inputs[`${side}_gradient`]!));
      return tf.add(part(image, 'image'), part(text, 'text'));
    };
    const outputs = prefixed('grad/', gradientsBy(names, inputs, product).gradients);
    return { ...outputs, ...prefixed('stat/', statistics) };
  };
}

/** All images [B, numbers] with the captions of a micro-batch: `similarity` [B, M]. */
export const similarityOf =
  (matrix: SimilarityMatrix): TensorFunction =>
  (inputs) => ({ similarity: similarity(matrix, inputs) });

/** The same again, for its gradients: `similarity_gradient` comes in; `image_gradient`, `text_gradient` and `grad/<parameter>` go out. */
export function gradientsOfSimilarity(model: Model, matrix: SimilarityMatrix): TensorFunction {
  const own = learning(model).filter((name) => matrix.parameters.includes(name));
  return (inputs) => {
    const product = (values: Tensors): tf.Scalar =>
      tf.sum(tf.mul(similarity(matrix, values), inputs['similarity_gradient']!));
    const { image, text, ...rest } = gradientsBy(['image', 'text', ...own], inputs, product).gradients;
    return { image_gradient: image!, text_gradient: text!, ...prefixed('grad/', rest) };
  };
}

/** The loss of the whole matrix, `similarity` [B, B], and its gradients `similarity_gradient` and, where they learn, `grad/logit_scale` and `grad/logit_bias`. */
export function lossOfSimilarity(model: Model): TensorFunction {
  const own = learning(model).filter((name) => isOfLoss(name));
  return (inputs) => {
    const same = samePairs(inputs['image_ids']!, inputs['caption_ids']!);
    const loss = (values: Tensors): tf.Scalar =>
      model.objective(training(values)).ofBatch(values['similarity'] as tf.Tensor2D, same);
    const { value, gradients } = gradientsBy(['similarity', ...own], inputs, loss);
    const { similarity: ofMatrix, ...rest } = gradients;
    return { loss: value, similarity_gradient: ofMatrix!, ...prefixed('grad/', rest) };
  };
}

/** Parameters that learn and act on each pair alone. */
export const encodingParameters = (model: Model, matrix: SimilarityMatrix): string[] =>
  learning(model).filter((name) => !isOfLoss(name) && !matrix.parameters.includes(name));

const isOfLoss = (name: string): boolean => name === 'logit_scale' || name === 'logit_bias';

const learning = (model: Model): string[] =>
  model.parameters.filter((spec) => model.isTrainable(spec)).map((spec) => spec.name);

const training = (inputs: Tensors): ForwardPass => ({ inputs, training: true, statistics: {} });

function features(model: Model, matrix: SimilarityMatrix, pass: ForwardPass) {
  const { inputs } = pass;
  const flat = (rows: tf.Tensor) => tf.reshape(rows, [rows.shape[0]!, -1]);
  return {
    image: flat(matrix.image(model.encodeImages(pass, model.readImages(pass)))),
    text: flat(matrix.text(model.encodeTexts(pass, inputs[model.captions.name]!, inputs['mask']!))),
  };
}

const similarity = (matrix: SimilarityMatrix, inputs: Tensors): tf.Tensor2D =>
  matrix.similarity(
    training(inputs),
    inputs['image'] as tf.Tensor2D,
    inputs['text'] as tf.Tensor2D,
    inputs['mask']!,
  );

/** The function's value and its gradients by the inputs of these names. */
function gradientsBy(
  names: readonly string[],
  inputs: Tensors,
  of: (inputs: Tensors) => tf.Scalar,
): { value: tf.Scalar; gradients: Tensors } {
  const scalar = (...values: tf.Tensor[]): tf.Scalar =>
    of({ ...inputs, ...Object.fromEntries(names.map((name, index) => [name, values[index]!])) });
  const { value, grads } = tf.valueAndGrads(scalar)(names.map((name) => inputs[name]!));
  return {
    value: value as tf.Scalar,
    gradients: Object.fromEntries(names.map((name, index) => [name, grads[index]!])),
  };
}

const prefixed = (prefix: string, tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));
