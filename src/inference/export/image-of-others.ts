import * as tf from '@tensorflow/tfjs';
import { insideName } from '../../onnx-backend/join/join.ts';
import { imageReading, type ImageReading } from '../../trainer/frozen/image-reading.ts';
import { loadModel } from '../../trainer/frozen/transformers.ts';
import { evaluating } from '../../trainer/model/forward-pass.ts';
import type { OnnxSource } from '../../weights/onnx-files.ts';
import type { FinishedModel } from '../finished-model.ts';
import { onProcessor, probed, type Around } from './encoder-of-others.ts';

/** How an image encoder of others is read, and the shape of one image's output. */
export async function readImages(
  { model, config }: FinishedModel,
  source: OnnxSource,
): Promise<ImageReading & { shape: readonly number[] }> {
  const side = config.data.image_size;
  const pixels = { data: new Float32Array(3 * side * side), shape: [1, 3, side, side] };
  const shapes = await probed(loadModel(source, 'image', onProcessor), { pixel_values: pixels });
  const reading = imageReading(shapes, source, side, model.fusion.pairSimilarity ? 'all' : 'pooled');
  return { ...reading, shape: shapes[reading.output]!.slice(1) };
}

/** What stands around an image encoder of others: after it, what training learnt. */
export async function aroundImages(finished: FinishedModel, source: OnnxSource): Promise<Around> {
  const { model, config } = finished;
  const side = config.data.image_size;
  const reading = await readImages(finished, source);
  const { output, shape } = reading;
  const hasPairs = model.fusion.pairSimilarity !== null;
  return {
    inputs: { pixel_values: { type: 'float32', shape: ['batch', 3, side, side] } },
    before: (_g, inputs) => inputs['pixel_values']!,
    output,
    shape: ['batch', ...shape],
    again: {},
    after(inputs) {
      const features = featuresOf(inputs[insideName(output)]!, reading);
      const { pooled, regions } = model.encodeImages(evaluating(inputs), features);
      return hasPairs ? { image_embeds: pooled, regions } : { image_embeds: pooled };
    },
  };
}

/** [batch, rows, width], as the encoder is read while it is trained on. */
function featuresOf(output: tf.Tensor, { take, isGrid, before }: ImageReading): tf.Tensor {
  const [batch] = output.shape as [number];
  if (take === 'vector') return tf.reshape(output, [batch, 1, output.size / batch]);
  const states = isGrid ? gridRows(output as tf.Tensor4D) : (output as tf.Tensor3D);
  const [, rows, width] = states.shape;
  if (take === 'mean') return tf.mean(states, 1, true);
  const [start, count] = take === 'first' ? [0, 1] : [before, rows - before];
  return tf.slice(states, [0, start, 0], [batch, count, width]);
}

/** A grid [batch, width, rows, columns] as [batch, rows * columns, width]. */
function gridRows(grid: tf.Tensor4D): tf.Tensor3D {
  const [batch, width, rows, columns] = grid.shape;
  return tf.transpose(tf.reshape(grid, [batch, width, rows * columns]), [0, 2, 1]);
}
