import * as tf from '@tensorflow/tfjs';
import type { ImageEncoderName } from '../../experiment/config.ts';
import { batchNorm, convolution, maxPoolAfterRelu } from './convolution.ts';
import { ones, zeros, type ParameterSpec } from './parameter.ts';
import { input, type ForwardPass } from './forward-pass.ts';

/** The shape of a residual network; names and order of layers are torchvision's. */
export interface ResNetShape {
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
export const resnetShapes: Record<ImageEncoderName, ResNetShape> = {
  resnet_small: {
    block: 'basic',
    depths: [1, 1, 1, 1],
    channels: [32, 64, 128, 256],
    stem: { kernel: 3, stride: 2, pool: false },
  },
  resnet18: {
    block: 'basic',
    depths: [2, 2, 2, 2],
    channels: [64, 128, 256, 512],
    stem: { kernel: 7, stride: 2, pool: true },
  },
  resnet50: {
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
  const specs: ParameterSpec[] = [];
  const stem = shape.channels[0]!;
  specs.push(
    convolutionSpec(`${prefix}conv1`, stem, 3, shape.stem.kernel),
    ...normSpecs(`${prefix}bn1`, stem),
  );
  for (const block of blocks(shape)) {
    const name = `${prefix}${block.name}`;
    if (shape.block === 'basic') {
      specs.push(
        convolutionSpec(`${name}.conv1`, block.channels, block.from, 3),
        ...normSpecs(`${name}.bn1`, block.channels),
      );
      specs.push(
        convolutionSpec(`${name}.conv2`, block.to, block.channels, 3),
        ...normSpecs(`${name}.bn2`, block.to),
      );
    } else {
      specs.push(
        convolutionSpec(`${name}.conv1`, block.channels, block.from, 1),
        ...normSpecs(`${name}.bn1`, block.channels),
      );
      specs.push(
        convolutionSpec(`${name}.conv2`, block.channels, block.channels, 3),
        ...normSpecs(`${name}.bn2`, block.channels),
      );
      specs.push(
        convolutionSpec(`${name}.conv3`, block.to, block.channels, 1),
        ...normSpecs(`${name}.bn3`, block.to),
      );
    }
    if (block.downsample) {
      specs.push(convolutionSpec(`${name}.downsample.0`, block.to, block.from, 1));
      specs.push(...normSpecs(`${name}.downsample.1`, block.to));
    }
  }
  return specs;
}

/**
 * Features of pixels [batch, side, side, 3] before the average pool: [batch, side / 32, side / 32, width]
 * (`resnet_small`: side / 16). `useBatch`: batch norm with the batch's statistics.
 */
export function resnet(
  pass: ForwardPass,
  shape: ResNetShape,
  prefix: string,
  pixels: tf.Tensor,
  useBatch: boolean,
): tf.Tensor4D {
  const convolve = (name: string, x: tf.Tensor, stride: number, padding: number) =>
    convolution(x, input(pass, `${prefix}${name}.weight`), stride, padding);
  const norm = (name: string, x: tf.Tensor) => batchNorm(pass, `${prefix}${name}`, x, useBatch);

  let x: tf.Tensor = convolve('conv1', pixels, shape.stem.stride, (shape.stem.kernel - 1) / 2);
  x = tf.relu(norm('bn1', x));
  if (shape.stem.pool) x = maxPoolAfterRelu(x);
  for (const { name, stride, downsample } of blocks(shape)) {
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
      list.push({ name: `layer${stage + 1}.${index}`, from, channels, to, stride, downsample });
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
