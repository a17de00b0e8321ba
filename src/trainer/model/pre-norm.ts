import * as tf from '@tensorflow/tfjs';
import type { Branch } from '../../experiment/config.ts';
import type { ForwardPass } from './forward-pass.ts';
import { gelu, quickGelu } from './layers.ts';
import { onLayer, type ParameterSpec } from './parameter.ts';
import {
  attention,
  dense,
  linearSpecs,
  norm,
  normSpecs,
  type AttentionNames,
  type TransformerShape,
} from './transformer.ts';

/** The shape of a stack of transformer layers that normalise before each part, as ViT's and CLIP's do. */
export interface PreNormShape extends TransformerShape {
  layers: number;
  eps: number;
  activation: 'gelu' | 'quick_gelu';
  names: PreNormNames;
}

/** Under which names a stack's arrays are saved. */
export interface PreNormNames {
  /** Of all layers; the layer's number and a dot follow. */
  stack: string;
  attention: AttentionNames;
  norm1: string;
  norm2: string;
  inner: string;
  outer: string;
}

/** Names and order of transformers' CLIPEncoderLayer. */
export const clipNames: PreNormNames = {
  stack: 'encoder.layers.',
  attention: {
    query: 'self_attn.q_proj',
    key: 'self_attn.k_proj',
    value: 'self_attn.v_proj',
    output: 'self_attn.out_proj',
  },
  norm1: 'layer_norm1',
  norm2: 'layer_norm2',
  inner: 'mlp.fc1',
  outer: 'mlp.fc2',
};

/** Names and order of transformers' ViTLayer. */
export const vitNames: PreNormNames = {
  stack: 'encoder.layer.',
  attention: {
    query: 'attention.attention.query',
    key: 'attention.attention.key',
    value: 'attention.attention.value',
    output: 'attention.output.dense',
  },
  norm1: 'layernorm_before',
  norm2: 'layernorm_after',
  inner: 'intermediate.dense',
  outer: 'output.dense',
};

/** The arrays of all layers; the first is layer 1 of its encoder. */
export function preNormParameters(shape: PreNormShape, prefix: string, branch: Branch): ParameterSpec[] {
  const { width, intermediate, names } = shape;
  return Array.from({ length: shape.layers }, (_, layer) => {
    const own = (name: string): string => `${prefix}${names.stack}${layer}.${name}`;
    return onLayer(layer + 1, [
      ...normSpecs(own(names.norm1), width, branch),
      ...Object.values(names.attention).flatMap((name: string) =>
        linearSpecs(own(name), width, width, branch),
      ),
      ...normSpecs(own(names.norm2), width, branch),
      ...linearSpecs(own(names.inner), intermediate, width, branch),
      ...linearSpecs(own(names.outer), width, intermediate, branch),
    ]);
  }).flat();
}

/** x [batch * length, width] through all layers; `bias` as `attention` takes it. */
export function preNormLayers(
  pass: ForwardPass,
  shape: PreNormShape,
  prefix: string,
  x: tf.Tensor,
  bias: tf.Tensor | null,
  batch: number,
): tf.Tensor {
  const { names, eps } = shape;
  const activate = shape.activation === 'gelu' ? gelu : quickGelu;
  let rows = x;
  for (let layer = 0; layer < shape.layers; layer++) {
    const own = `${prefix}${names.stack}${layer}.`;
    const first = norm(pass, `${own}${names.norm1}`, rows, eps);
    rows = tf.add(rows, attention(pass, shape, own, names.attention, first, bias, batch));
    const second = norm(pass, `${own}${names.norm2}`, rows, eps);
    const inner = activate(dense(pass, `${own}${names.inner}`, second)); // [batch * length, intermediate]
    rows = tf.add(rows, dense(pass, `${own}${names.outer}`, inner));
  }
  return rows;
}
