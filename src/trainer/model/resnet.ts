import * as tf from '@tensorflow/tfjs';
import type { ImageEncoderName } from '../../experiment/config.ts';
import { batchNorm, convolution, maxPoolAfterRelu } from './convolution.ts';
import { onLayer, ones, zeros, type ParameterSpec } from './parameter.ts';
import { input, type ForwardPass } from './forward-pass.ts';

/** The shape of a residual network; names and order of layers are torchvision's. */
export interface ResNetShape {
  kind: 'resnet';
  block: 'basic' | 'bottleneck';
  /** Blocks of each stage. */
  depths: number[];
  /** Channels of each stage (of a bottleneck's 3x3 convolution). */
  channels: number[];
  stem: { kernel: number; stride: number; pool: boolean };
}

/**
 * `resnet18` and `resnet50` are torchvision's. `resnet_small` is for processors and images of 64 pixels: 4 stages of one basic block,
 * a 3x3 stem of stride 2 and no pooling, which leaves 4x4 regions of 256 channels and costs 0.12 GFLOP (forward) an image.
 */
export const resnetShapes: Record<Extract<ImageEncoderName, `resnet${string}`>, ResNetShape> = {
  resnet_small: {
    kind: 'resnet',
    block: 'basic',
    depths: [1, 1, 1, 1],
    channels: [32, 64, 128, 256],
    stem: { kernel: 3, stride: 2, pool: false },
  },
  resnet18: {
    kind: 'resnet',
    block: 'basic',
    depths: [2, 2, 2, 2],
    channels: [64, 128, 256, 512],
    stem: { kernel: 7, stride: 2, pool: true },
  },
  resnet50: {
    kind: 'resnet',
    block: 'bottleneck',
    depths: [3, 4, 6, 3],
    channels: [64, 128, 256, 512],
    stem: { kernel: 7, stride: 2, pool: true },
  },
};

/** Channels that the network ends with. */
export function resnetWidth(shape: ResNetShape): number {
  return shape.channels.at(-1)! * expansion(shape);
}

/** Every array of the network, in torchvision's order and with its names under `prefix`. */
export function resnetParameters(shape: ResNetShape, prefix: string): ParameterSpec[] {
  const stem = shape.channels[0]!;
  return [
    ...onLayer(0, [
      convolutionSpec(`${prefix}conv1`, stem, 3, shape.stem.kernel),
      ...normSpecs(`${prefix}bn1`, stem),
    ]),
    ...blocks(shape).flatMap((block) => onLayer(block.stage, blockParameters(shape, block, prefix))),
  ];
}

function blockParameters(shape: ResNetShape, block: Block, prefix: string): ParameterSpec[] {
  const { from, channels, to, downsample } = block;
  const name = `${prefix}${block.name}`;
  const part = (number: number, out: number, into: number, kernel: number): ParameterSpec[] => [
    convolutionSpec(`${name}.conv${number}`, out, into, kernel),
    ...normSpecs(`${name}.bn${number}`, out),
  ];
  const shortcut = downsample
    ? [convolutionSpec(`${name}.downsample.0`, to, from, 1), ...normSpecs(`${name}.downsample.1`, to)]
    : [];
  return shape.block === 'basic'
    ? [...part(1, channels, from, 3), ...part(2, to, channels, 3), ...shortcut]
    : [
        ...part(1, channels, from, 1),
        ...part(2, channels, channels, 3),
        ...part(3, to, channels, 1),
        ...shortcut,
      ];
}

/**
 * Features of pixels [batch, side, side, 3] before the average pool: [batch, side / 32, side / 32, width]
 * (`resnet_small`: side / 16). In training, batch norm of the layers that learn, the stages from `learnsFrom` on, uses the batch's statistics.
 */
export function resnet(
  pass: ForwardPass,
  shape: ResNetShape,
  prefix: string,
  pixels: tf.Tensor,
  learnsFrom: number,
): tf.Tensor4D {
  const convolve = (name: string, x: tf.Tensor, stride: number, padding: number) =>
    convolution(x, input(pass, `${prefix}${name}.weight`), stride, padding);
  let stage = 0;
  const norm = (name: string, x: tf.Tensor) =>
    batchNorm(pass, `${prefix}${name}`, x, pass.training && stage >= learnsFrom);

  let x: tf.Tensor = convolve('conv1', pixels, shape.stem.stride, (shape.stem.kernel - 1) / 2);
  x = tf.relu(norm('bn1', x));
  if (shape.stem.pool) x = maxPoolAfterRelu(x);
  for (const { name, stride, downsample, ...block } of blocks(shape)) {
    stage = block.stage;
    let y: tf.Tensor;
    if (shape.block === 'basic') {
      y = tf.relu(norm(`${name}.bn1`, convolve(`${name}.conv1`, x, stride, 1)));
      y = norm(`${name}.bn2`, convolve(`${name}.conv2`, y, 1, 1));
    } else {
      y = tf.relu(norm(`${name}.bn1`, convolve(`${name}.conv1`, x, 1, 0)));
      y = tf.relu(norm(`${name}.bn2`, convolve(`${name}.conv2`, y, stride, 1)));
      y = norm(`${name}.bn3`, convolve(`${name}.conv3`, y, 1, 0));
    }
    const shortcut = downsample
      ? norm(`${name}.downsample.1`, convolve(`${name}.downsample.0`, x, stride, 0))
      : x;
    x = tf.relu(tf.add(y, shortcut));
  }
  return x as tf.Tensor4D;
}

interface Block {
  name: string;
  /** From 1; the stem is 0. */
  stage: number;
  /** Channels that come in, of the inner convolutions, and that go out. */
  from: number;
  channels: number;
  to: number;
  stride: number;
  downsample: boolean;
}

function blocks(shape: ResNetShape): Block[] {
  const list: Block[] = [];
  let from = shape.channels[0]!;
  shape.channels.forEach((channels, stage) => {
    const to = channels * expansion(shape);
    for (let index = 0; index < shape.depths[stage]!; index++) {
      const stride = stage > 0 && index === 0 ? 2 : 1;
      const downsample = index === 0 && (stride > 1 || from !== to);
      list.push({
        name: `layer${stage + 1}.${index}`,
        stage: stage + 1,
        from,
        channels,
        to,
        stride,
        downsample,
      });
      from = to;
    }
  });
  return list;
}

const expansion = (shape: ResNetShape): number => (shape.block === 'basic' ? 1 : 4);

/** torchvision: kaiming normal over the fan out, for a ReLU. */
function convolutionSpec(name: string, out: number, into: number, kernel: number): ParameterSpec {
  return {
    name: `${name}.weight`,
    shape: [out, into, kernel, kernel],
    branch: 'image',
    kind: 'parameter',
    initial: { kind: 'normal', std: Math.sqrt(2 / (out * kernel * kernel)) },
  };
}

function normSpecs(name: string, channels: number): ParameterSpec[] {
  const spec = { shape: [channels], branch: 'image' } as const;
  return [
    { ...spec, name: `${name}.weight`, kind: 'parameter', initial: ones },
    { ...spec, name: `${name}.bias`, kind: 'parameter', initial: zeros },
    { ...spec, name: `${name}.running_mean`, kind: 'buffer', initial: zeros },
    { ...spec, name: `${name}.running_var`, kind: 'buffer', initial: ones },
  ];
}
