import * as tf from '@tensorflow/tfjs';
import { createOnnxBackend } from '../../onnx-backend/backend.ts';
import { exportModel, type ExportInput } from '../../onnx-backend/export/export.ts';
import { evaluating } from '../../trainer/model/forward-pass.ts';
import type { FinishedModel } from '../finished-model.ts';

/** The files of a model in ONNX form by name: `image.onnx`, `text.onnx` and, where the fusion scores pairs itself, `pair.onnx`. */
export async function onnxFiles(finished: FinishedModel): Promise<Map<string, Uint8Array>> {
  const { model, config, engine } = finished;
  if (engine.name !== 'onnx') await createOnnxBackend({ provider: 'cpu', threads: 1 });
  const arrays = Object.fromEntries(
    model.parameters.map(({ name, shape }) => [name, { shape, data: finished.arrays[name]! }]),
  );
  const write = async (
    fn: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>,
    inputs: Record<string, ExportInput>,
  ): Promise<Uint8Array> => (await exportModel(fn, inputs, arrays)).bytes;
  const pair = model.fusion.pairSimilarity;
  const side = config.data.image_size;
  const files = new Map<string, Uint8Array>();
  files.set(
    'image.onnx',
    await write(
      (inputs) => {
        const pixels = tf.transpose(inputs['pixel_values']!, [0, 2, 3, 1]);
        const { pooled, regions } = model.encodeImages(evaluating(inputs), pixels);
        return pair ? { image_embeds: pooled, regions } : { image_embeds: pooled };
      },
      { pixel_values: { shape: ['batch', 3, side, side], dtype: 'float32' } },
    ),
  );
  files.set(
    'text.onnx',
    await write(
      (inputs) => {
        const { pooled, tokens } = model.encodeTexts(
          evaluating(inputs),
          inputs['input_ids']!,
          inputs['attention_mask']!,
        );
        return pair ? { text_embeds: pooled, tokens } : { text_embeds: pooled };
      },
      {
        input_ids: { shape: ['batch', 'length'], dtype: 'int32', fileType: 'int64' },
        attention_mask: { shape: ['batch', 'length'], dtype: 'float32', fileType: 'int64' },
      },
    ),
  );
  if (!pair) return files;
  const [regions, width] = await regionShape(finished);
  files.set(
    'pair.onnx',
    await write(
      (inputs) => {
        const image = { pooled: inputs['regions'] as tf.Tensor2D, regions: inputs['regions'] as tf.Tensor3D };
        const text = {
          pooled: inputs['tokens'] as tf.Tensor2D,
          tokens: inputs['tokens'] as tf.Tensor3D,
          mask: inputs['attention_mask']!,
        };
        // Of the features a pair's score is computed from regions and tokens alone.
        return { scores: pair(evaluating(inputs), image, text) };
      },
      {
        regions: { shape: ['images', regions, width], dtype: 'float32' },
        tokens: { shape: ['captions', 'length', width], dtype: 'float32' },
        attention_mask: { shape: ['captions', 'length'], dtype: 'float32', fileType: 'int64' },
      },
    ),
  );
  return files;
}

/** Regions of an image, and the numbers of each. */
async function regionShape({ single, config, model }: FinishedModel): Promise<[number, number]> {
  const side = config.data.image_size;
  const { regions } = await single.images(new Float32Array(side * side * 3), side);
  const width = model.parameters.find(({ name }) => name === 'image_projection.weight')!.shape[0]!;
  return [regions!.length / width, width];
}
