import * as tf from '@tensorflow/tfjs';
import type { TensorFunction, TensorSpec } from '../engines/engine.ts';
import { samePairs } from '../loss.ts';
import type { Model } from '../model/model.ts';
import { input, type ForwardPass } from '../model/forward-pass.ts';

export interface BatchShape {
  batch: number;
  /** Pixels of an image's side. */
  imageSize: number;
  /** Tokens, the padded length. */
  length: number;
}

/**
 * The training step as one pure function: parameters, buffers, a batch and dropout masks in; out come `loss`, `grad/<parameter>` for each
 * parameter that learns, and `stat/<layer>.batch_mean` and `.batch_var` for batch norm's running statistics.
 */
export function lossAndGradients(model: Model): TensorFunction {
  const trainable = model.parameters.filter((spec) => model.isTrainable(spec)).map((spec) => spec.name);
  return (inputs) => {
    const statistics: Record<string, tf.Tensor> = {};
    const loss = (...values: tf.Tensor[]): tf.Scalar => {
      const own: Record<string, tf.Tensor> = { ...inputs };
      trainable.forEach((name, index) => (own[name] = values[index]!));
      return batchLoss(model, { inputs: own, training: true, statistics });
    };
    const { value, grads } = tf.valueAndGrads(loss)(trainable.map((name) => inputs[name]!));
    const outputs: Record<string, tf.Tensor> = { loss: value };
    trainable.forEach((name, index) => (outputs[`grad/${name}`] = grads[index]!));
    for (const name in statistics) outputs[`stat/${name}`] = statistics[name]!;
    return outputs;
  };
}

/** What `lossAndGradients` takes for batches of a shape. */
export function stepSpecs(model: Model, shape: BatchShape): Record<string, TensorSpec> {
  const ids: TensorSpec = { shape: [shape.batch], dtype: 'int32' };
  return { ...encodingSpecs(model, shape), image_ids: ids, caption_ids: ids };
}

/** What both encoders take for pairs of a shape. */
export function encodingSpecs(model: Model, shape: BatchShape): Record<string, TensorSpec> {
  const { batch, imageSize, length } = shape;
  const specs = parameterSpecs(model);
  specs[model.images.name] = model.images.spec(batch, imageSize);
  specs[model.captions.name] = model.captions.spec(batch, length);
  specs['mask'] = { shape: [batch, length], dtype: 'float32' };
  for (const [name, sides] of Object.entries(model.dropoutShapes(batch, length)))
    specs[name] = { shape: sides, dtype: 'float32' };
  return specs;
}

export function parameterSpecs(model: Model): Record<string, TensorSpec> {
  return Object.fromEntries(
    model.parameters.map((spec) => [
      spec.name,
      { shape: [...spec.shape], dtype: 'float32' } satisfies TensorSpec,
    ]),
  );
}

function batchLoss(model: Model, pass: ForwardPass): tf.Scalar {
  const image = model.encodeImages(pass, model.readImages(pass));
  const text = model.encodeTexts(pass, input(pass, model.captions.name), input(pass, 'mask'));
  const same = samePairs(pass.inputs['image_ids']!, pass.inputs['caption_ids']!);
  return model.fusion.loss(pass, image, text, same, model.objective(pass));
}
