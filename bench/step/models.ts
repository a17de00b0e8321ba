import * as tf from '@tensorflow/tfjs';
import type { Branch } from '../../src/experiment/config.ts';
import { rng } from '../../src/data/hash.ts';
import type { TensorFunction, TensorSpec, Values } from '../../src/trainer/engines/engine.ts';
import { objectiveOf } from '../../src/trainer/loss.ts';
import { bert, bertParameters, type BertShape } from '../../src/trainer/model/bert.ts';
import { crossAttentionFusion } from '../../src/trainer/model/cross-attention.ts';
import { linear, maskedMean, unitLength } from '../../src/trainer/model/layers.ts';
import type { ParameterSpec } from '../../src/trainer/model/parameter.ts';
import type { ForwardPass } from '../../src/trainer/model/forward-pass.ts';
import { resnet, resnetParameters, resnetShapes, resnetWidth } from '../../src/trainer/model/resnet.ts';

/** A model whose training step is timed; test/reference/bench_torch.py has the same ones. */
export interface BenchModel {
  batch: number;
  parameters: ParameterSpec[];
  loss(pass: ForwardPass): tf.Scalar;
  /** What is fed beside the parameters. */
  specs: Record<string, TensorSpec>;
  feeds: Values;
}

const dim = 256;

export const benchModels: Record<string, () => BenchModel> = {
  bert_small: () => textModel({ layers: 2, width: 128, heads: 2 }),
  bert_medium: () => textModel({ layers: 4, width: 384, heads: 6 }),
  resnet_small: () => imageModel('resnet_small', 32, 64),
  resnet50: () => imageModel('resnet50', 8, 224),
  head,
};

/** `loss`, `grad/<parameter>` and the batch statistics, as the trainer's own step gives them. */
export function stepOf(model: BenchModel): TensorFunction {
  const names = model.parameters.filter((spec) => spec.kind === 'parameter').map((spec) => spec.name);
  return (inputs) => {
    const statistics: Record<string, tf.Tensor> = {};
    const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
      const own = { ...inputs };
      names.forEach((name, index) => (own[name] = values[index]!));
      return model.loss({ inputs: own, training: true, statistics });
    })(names.map((name) => inputs[name]!));
    const outputs: Record<string, tf.Tensor> = { loss: value };
    names.forEach((name, index) => (outputs[`grad/${name}`] = grads[index]!));
    for (const name in statistics) outputs[`stat/${name}`] = statistics[name]!;
    return outputs;
  };
}

function textModel(size: { layers: number; width: number; heads: number }): BenchModel {
  const [batch, length] = [64, 32];
  const shape: BertShape = {
    ...size,
    kind: 'bert',
    intermediate: 4 * size.width,
    vocabulary: 30522,
    positions: 512,
    types: 2,
  };
  const random = rng('bench', 0);
  return {
    batch,
    parameters: [...bertParameters(shape, 'text.'), projection(size.width, 'text')],
    loss: (pass) => {
      const states = bert(pass, shape, 'text.', pass.inputs['token_ids']!, pass.inputs['mask']!);
      return against(pass, maskedMean(states, pass.inputs['mask']!));
    },
    specs: {
      token_ids: { shape: [batch, length], dtype: 'int32' },
      mask: { shape: [batch, length], dtype: 'float32' },
      other: { shape: [batch, dim], dtype: 'float32' },
    },
    feeds: {
      token_ids: Int32Array.from({ length: batch * length }, () => 1000 + Math.floor(random.next() * 29000)),
      mask: new Float32Array(batch * length).fill(1),
      other: unitRows(batch),
    },
  };
}

function imageModel(name: 'resnet_small' | 'resnet50', batch: number, side: number): BenchModel {
  const shape = resnetShapes[name];
  return {
    batch,
    parameters: [...resnetParameters(shape, 'image.'), projection(resnetWidth(shape), 'image')],
    loss: (pass) => against(pass, tf.mean(resnet(pass, shape, 'image.', pass.inputs['pixels']!, 0), [1, 2])),
    specs: {
      pixels: { shape: [batch, side, side, 3], dtype: 'float32' },
      other: { shape: [batch, dim], dtype: 'float32' },
    },
    feeds: { pixels: normal(batch * side * side * 3), other: unitRows(batch) },
  };
}

/** Cross-attention over cached features, the projections left out: what the fusion costs. */
function head(): BenchModel {
  const [batch, regions, length] = [64, 49, 32];
  const config = { kind: 'cross_attention', layers: 1, heads: 8, dim, hard_negatives: 0 } as const;
  const fusion = crossAttentionFusion(config, dim, dim);
  return {
    batch,
    parameters: fusion.parameters.filter((spec) => spec.name.startsWith('fusion.')),
    loss: (pass) => {
      const mask = pass.inputs['mask']!;
      const image = {
        regions: pass.inputs['regions'] as tf.Tensor3D,
        pooled: tf.zeros([batch, dim]) as tf.Tensor2D,
      };
      const text = { tokens: pass.inputs['tokens'] as tf.Tensor3D, pooled: image.pooled, mask };
      return fusion.loss(pass, image, text, tf.zeros([batch, batch]), atTenth());
    },
    specs: {
      regions: { shape: [batch, regions, dim], dtype: 'float32' },
      tokens: { shape: [batch, length, dim], dtype: 'float32' },
      mask: { shape: [batch, length], dtype: 'float32' },
    },
    feeds: {
      regions: normal(batch * regions * dim),
      tokens: normal(batch * length * dim),
      mask: new Float32Array(batch * length).fill(1),
    },
  };
}

/** InfoNCE at T = 0.1 of the projected features against fixed unit vectors. */
function against(pass: ForwardPass, features: tf.Tensor): tf.Scalar {
  const own = unitLength(linear(features, pass.inputs['projection.weight']!, null));
  const similarity = tf.matMul(own, pass.inputs['other'] as tf.Tensor2D, false, true);
  const batch = similarity.shape[0];
  return atTenth().ofBatch(similarity as tf.Tensor2D, tf.zeros([batch, batch]));
}

const atTenth = () => objectiveOf('info_nce', tf.scalar(Math.log(10)), null);

function projection(width: number, branch: Branch): ParameterSpec {
  const initial = { kind: 'normal', std: width ** -0.5 } as const;
  return { name: 'projection.weight', shape: [dim, width], branch, kind: 'parameter', initial };
}

function normal(size: number): Float32Array {
  const random = rng('bench', size);
  return Float32Array.from({ length: size }, () => random.normal());
}

function unitRows(rows: number): Float32Array {
  const values = normal(rows * dim);
  for (let row = 0; row < rows; row++) {
    const part = values.subarray(row * dim, (row + 1) * dim);
    const length = Math.hypot(...part);
    for (let i = 0; i < dim; i++) part[i]! /= length;
  }
  return values;
}
