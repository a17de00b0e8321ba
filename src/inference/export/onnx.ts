import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { createOnnxBackend } from '../../onnx-backend/backend.ts';
import { exportModel, type ExportInput } from '../../onnx-backend/export/export.ts';
import { evaluating } from '../../trainer/model/forward-pass.ts';
import type { FinishedModel } from '../finished-model.ts';
import { joinedFile, type OnnxFile } from './encoder-of-others.ts';
import { aroundImages } from './image-of-others.ts';
import { aroundTexts } from './text-of-others.ts';

/**
 * Writes a model in ONNX form into a folder: `image.onnx`, `text.onnx` and, where the fusion scores pairs itself, `pair.onnx`. An encoder that others
 * exported is in its file as it was. `made`: called after each.
 */
export async function writeOnnxFiles(
  finished: FinishedModel,
  folder: string,
  made: () => void = () => undefined,
): Promise<void> {
  const { model, config, engine, exported, shapes } = finished;
  if (engine.name !== 'onnx') await createOnnxBackend({ provider: 'cpu', threads: 1 });
  const arrays = Object.fromEntries(
    model.parameters.map(({ name, shape }) => [name, { shape, data: finished.arrays[name]! }]),
  );
  const keep = async (name: string, { bytes, beside }: OnnxFile): Promise<void> => {
    await writeFile(join(folder, name), bytes);
    for (const [data, source] of beside) await copyFile(source, join(folder, data));
    made();
  };
  const write = async (
    name: string,
    fn: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>,
    inputs: Record<string, ExportInput>,
  ): Promise<void> => {
    const most = shapes.text && { length: shapes.text.positions };
    await keep(name, { bytes: await exportModel(fn, inputs, arrays, most), beside: new Map() });
  };
  const pair = model.fusion.pairSimilarity;
  const side = config.data.image_size;
  if (exported.image) {
    const around = await aroundImages(finished, exported.image);
    await keep('image.onnx', await joinedFile('image.onnx', exported.image, around, arrays));
  } else
    await write(
      'image.onnx',
      (inputs) => {
        const pixels = tf.transpose(inputs['pixel_values']!, [0, 2, 3, 1]);
        const { pooled, regions } = model.encodeImages(evaluating(inputs), pixels);
        return pair ? { image_embeds: pooled, regions } : { image_embeds: pooled };
      },
      { pixel_values: { shape: ['batch', 3, side, side], dtype: 'float32' } },
    );
  if (exported.text) {
    const around = await aroundTexts(finished, exported.text);
    await keep('text.onnx', await joinedFile('text.onnx', exported.text, around, arrays));
  } else
    await write(
      'text.onnx',
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
    );
  if (!pair) return;
  const [regions, width] = await regionShape(finished);
  await write(
    'pair.onnx',
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
  );
}

/** Regions of an image, and the numbers of each. */
async function regionShape({ single, config, model }: FinishedModel): Promise<[number, number]> {
  const side = config.data.image_size;
  const { regions } = await single.images(new Uint8Array(side * side * 3), side);
  const width = model.parameters.find(({ name }) => name === 'image_projection.weight')!.shape[0]!;
  return [regions!.length / width, width];
}
