import * as tf from '@tensorflow/tfjs';
import type { Graph, Value } from '../../onnx-backend/graph.ts';
import { insideName } from '../../onnx-backend/join/join.ts';
import { fixedLength, textReading, type TextReading } from '../../trainer/frozen/text-model.ts';
import { loadModel } from '../../trainer/frozen/transformers.ts';
import { evaluating } from '../../trainer/model/forward-pass.ts';
import type { OnnxSource } from '../../weights/onnx-files.ts';
import type { FinishedModel } from '../finished-model.ts';
import { onProcessor, probed, type Around } from './encoder-of-others.ts';

const captions = { shape: ['batch', 'length'] as const, type: 'int64' as const };

/** How a text encoder of others is read, the width of what it gives, and the length that it wants all captions at. */
export async function readTexts(
  { model }: FinishedModel,
  source: OnnxSource,
): Promise<TextReading & { width: number; fixed: number | null }> {
  const fixed = fixedLength(source);
  const probe = { data: new BigInt64Array(fixed ?? 1).fill(1n), shape: [1, fixed ?? 1] };
  const shapes = await probed(loadModel(source, 'text', onProcessor), {
    input_ids: probe,
    attention_mask: probe,
  });
  const reading = textReading(shapes, source, model.fusion.pairSimilarity ? 'all' : 'pooled');
  return { ...reading, width: shapes[reading.output]!.at(-1)!, fixed };
}

/** What stands around a text encoder of others: before it captions as long as it wants them, after it what training learnt. */
export async function aroundTexts(finished: FinishedModel, source: OnnxSource): Promise<Around> {
  const { model, tokenizer } = finished;
  const { output, isVector, width, fixed } = await readTexts(finished, source);
  const hasPairs = model.fusion.pairSimilarity !== null;
  return {
    inputs: { input_ids: captions, attention_mask: captions },
    before(g, { input_ids: ids, attention_mask: mask }, name) {
      if (name === 'token_type_ids')
        return g.node1('Sub', [padded(g, ids!, 0), padded(g, ids!, 0)], 'int64', [0, 0]);
      return name === 'input_ids' ? padded(g, ids!, tokenizer.padId) : padded(g, mask!, 0);
    },
    output,
    shape: isVector ? ['batch', width] : ['batch', fixed ?? 'length', width],
    again: isVector
      ? {}
      : { attention_mask: { shape: ['batch', 'length'], dtype: 'float32', fileType: 'int64' } },
    after(inputs) {
      const found = inputs[insideName(output)]!;
      const [batch] = found.shape as [number];
      const mask = isVector ? tf.ones([batch, 1]) : inputs['attention_mask']!;
      const states = tf.slice(
        isVector ? tf.reshape(found, [batch, 1, width]) : (found as tf.Tensor3D),
        [0, 0, 0],
        [batch, mask.shape[1]!, width],
      );
      const { pooled, tokens } = model.encodeTexts(evaluating(inputs), states, mask);
      return hasPairs ? { text_embeds: pooled, tokens } : { text_embeds: pooled };
    },
    ...(fixed !== null && { most: { length: fixed } }),
  };

  /** Rows [batch, length] as long as the encoder wants them. */
  function padded(g: Graph, rows: Value, value: number): Value {
    if (fixed === null) return rows;
    const sizes = g.node1('Shape', [rows], 'int64', [2]);
    const one = (number: number): Value => g.uniform('int64', [1], number);
    const size = (axis: number): Value => g.node1('Gather', [sizes, one(axis)], 'int64', [1], { axis: 0 });
    const missing = g.node1('Sub', [one(fixed), size(1)], 'int64', [1]);
    const shape = g.node1('Concat', [size(0), missing], 'int64', [2], { axis: 0 });
    const filling = g.node1('Expand', [g.uniform('int64', [], value), shape], 'int64', [0, 0]);
    return g.node1('Concat', [rows, filling], 'int64', [0, fixed], { axis: 1 });
  }
}
