import * as tf from '@tensorflow/tfjs';
import { input, type ForwardPass } from './forward-pass.ts';
import { linear } from './layers.ts';
import { onLayer, zeros, type ParameterSpec } from './parameter.ts';
import { preNormLayers, preNormParameters, type PreNormShape } from './pre-norm.ts';
import { norm, normSpecs } from './transformer.ts';

/** The shape of a vision transformer: transformers' ViTModel (without its pooler) or CLIPVisionModel. */
export interface VisionShape extends PreNormShape {
  kind: 'vit' | 'clip_vision';
  /** Pixels of the images' side, and of a patch's. */
  imageSize: number;
  patch: number;
}

/** What differs between the two besides the layers' own names. */
const kinds = {
  vit: {
    classToken: 'embeddings.cls_token',
    patches: 'embeddings.patch_embeddings.projection',
    hasPatchBias: true,
    positions: 'embeddings.position_embeddings',
    firstNorm: null,
    lastNorm: 'layernorm',
  },
  clip_vision: {
    classToken: 'embeddings.class_embedding',
    patches: 'embeddings.patch_embedding',
    hasPatchBias: false,
    positions: 'embeddings.position_embedding.weight',
    firstNorm: 'pre_layrnorm',
    lastNorm: 'post_layernorm',
  },
} as const;

const patchesOf = ({ imageSize, patch }: VisionShape): number => Math.floor(imageSize / patch) ** 2;

/** Every array of the network, with transformers' names under `prefix`. */
export function visionParameters(shape: VisionShape, prefix: string): ParameterSpec[] {
  const { width, patch, layers } = shape;
  const kind = kinds[shape.kind];
  const count = 1 + patchesOf(shape);
  const spec = { branch: 'image', kind: 'parameter', initial: { kind: 'normal', std: 0.02 } } as const;
  const isVit = shape.kind === 'vit';
  return [
    ...onLayer(0, [
      { ...spec, name: `${prefix}${kind.classToken}`, shape: isVit ? [1, 1, width] : [width] },
      { ...spec, name: `${prefix}${kind.positions}`, shape: isVit ? [1, count, width] : [count, width] },
      { ...spec, name: `${prefix}${kind.patches}.weight`, shape: [width, 3, patch, patch] },
      ...(kind.hasPatchBias
        ? [{ ...spec, name: `${prefix}${kind.patches}.bias`, shape: [width], initial: zeros }]
        : []),
      ...(kind.firstNorm ? normSpecs(`${prefix}${kind.firstNorm}`, width, 'image') : []),
    ]),
    ...preNormParameters(shape, prefix, 'image'),
    ...onLayer(layers + 1, normSpecs(`${prefix}${kind.lastNorm}`, width, 'image')),
  ];
}

/** States of the class token and of each patch, row by row, after the last layer norm: [batch, 1 + patches, width]. */
export function visionTransformer(
  pass: ForwardPass,
  shape: VisionShape,
  prefix: string,
  pixels: tf.Tensor,
): tf.Tensor3D {
  const { width, eps } = shape;
  const kind = kinds[shape.kind];
  const batch = pixels.shape[0]!;
  const count = 1 + patchesOf(shape);
  const of = (name: string): tf.Tensor => input(pass, `${prefix}${name}`);
  const patches = patchEmbeddings(
    pixels,
    of(`${kind.patches}.weight`),
    kind.hasPatchBias ? of(`${kind.patches}.bias`) : null,
  );
  const first = tf.tile(tf.reshape(of(kind.classToken), [1, 1, width]), [batch, 1, 1]);
  const tokens = tf.concat([first, tf.reshape(patches, [batch, count - 1, width])], 1);
  let x: tf.Tensor = tf.add(tokens, tf.reshape(of(kind.positions), [1, count, width]));
  x = tf.reshape(x, [batch * count, width]);
  if (kind.firstNorm) x = norm(pass, `${prefix}${kind.firstNorm}`, x, eps);
  x = preNormLayers(pass, shape, prefix, x, null, batch);
  return tf.reshape(norm(pass, `${prefix}${kind.lastNorm}`, x, eps), [batch, count, width]);
}

/** Each patch of pixels [batch, side, side, 3] times PyTorch's filters [width, 3, patch, patch]: [batch * patches, width]. What is over at the right and below is left out. */
function patchEmbeddings(pixels: tf.Tensor, filters: tf.Tensor, bias: tf.Tensor | null): tf.Tensor2D {
  const [batch, side] = pixels.shape as [number, number];
  const [width, , patch] = filters.shape as [number, number, number];
  const across = Math.floor(side / patch);
  const used = across * patch;
  const whole = used === side ? pixels : tf.slice(pixels, [0, 0, 0, 0], [batch, used, used, 3]);
  const rows = tf.reshape(whole, [batch * across, patch, across, patch * 3]);
  const patches = tf.reshape(tf.transpose(rows, [0, 2, 1, 3]), [batch * across * across, patch * patch * 3]);
  const weight = tf.reshape(tf.transpose(filters, [0, 2, 3, 1]), [width, patch * patch * 3]);
  return linear(patches, weight, bias);
}
