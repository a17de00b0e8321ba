import { add } from '../ops/elementwise.ts';
import { reshape } from '../ops/shape.ts';
import { kernel, type KernelTable } from './kernel.ts';
import { activate, type Fused } from './matmuls.ts';
import {
  channelsFirstShape,
  convInfo,
  filterFromOnnx,
  filterToOnnx,
  fromChannelsFirst,
  toChannelsFirst,
  windowOf,
  type ConvAttributes,
} from './window.ts';

/**
 * Convolutions and their two gradients. The gradients have no ONNX operator: they go into the graph as ConvInputGrad
 * and ConvFilterGrad of domain `tandem`, and lowering/ chooses how each is computed.
 */
export const convolutions: KernelTable = {
  Conv2D: kernel<'x' | 'filter', ConvAttributes>((g, { x, filter }, attributes) => {
    const info = convInfo(x.shape, filter.shape, attributes);
    const shape = channelsFirstShape(info, 'out');
    const input = toChannelsFirst(g, x, attributes.dataFormat);
    const y = g.node1('Conv', [input, filterToOnnx(g, filter)], 'float32', shape, {
      ...windowOf(info),
      group: 1,
    });
    return fromChannelsFirst(g, y, attributes.dataFormat);
  }),

  FusedConv2D: kernel<'x' | 'filter' | 'bias' | 'preluActivationWeights', ConvAttributes & Fused>(
    (g, { x, filter, bias, preluActivationWeights }, attributes) => {
      const y = convolutions.Conv2D!(g, { x, filter }, attributes) as typeof x;
      const isFirst = attributes.dataFormat === 'NCHW' && bias?.shape.length === 1;
      const offset = bias && isFirst ? reshape(g, bias, [bias.shape[0]!, 1, 1]) : bias;
      return activate(g, offset ? add(g, y, offset) : y, attributes, preluActivationWeights);
    },
  ),

  Conv2DBackpropInput: kernel<'dy' | 'filter', ConvAttributes & { inputShape: number[] }>(
    (g, { dy, filter }, attributes) => {
      const info = convInfo(attributes.inputShape, filter.shape, attributes);
      const inputs = [toChannelsFirst(g, dy, attributes.dataFormat), filterToOnnx(g, filter)];
      const shape = channelsFirstShape(info, 'in');
      const dx = g.node1('ConvInputGrad', inputs, 'float32', shape, { ...windowOf(info) }, 'tandem');
      return fromChannelsFirst(g, dx, attributes.dataFormat);
    },
  ),

  Conv2DBackpropFilter: kernel<'x' | 'dy', ConvAttributes & { filterShape: number[] }>(
    (g, { x, dy }, attributes) => {
      const info = convInfo(x.shape, attributes.filterShape, attributes);
      const inputs = [
        toChannelsFirst(g, x, attributes.dataFormat),
        toChannelsFirst(g, dy, attributes.dataFormat),
      ];
      const shape = [info.outChannels, info.inChannels, info.filterHeight, info.filterWidth];
      const dw = g.node1('ConvFilterGrad', inputs, 'float32', shape, { ...windowOf(info) }, 'tandem');
      return filterFromOnnx(g, dw);
    },
  ),

  DepthwiseConv2dNative: kernel<'x' | 'filter', ConvAttributes>((g, { x, filter }, attributes) => {
    const [height, width, channels, multiplier] = filter.shape as [number, number, number, number];
    const info = convInfo(x.shape, [height, width, channels, channels * multiplier], attributes);
    const perChannel = filterToOnnx(g, reshape(g, filter, [height, width, 1, channels * multiplier]));
    const shape = channelsFirstShape(info, 'out');
    const window = { ...windowOf(info), group: channels };
    const y = g.node1(
      'Conv',
      [toChannelsFirst(g, x, attributes.dataFormat), perChannel],
      'float32',
      shape,
      window,
    );
    return fromChannelsFirst(g, y, attributes.dataFormat);
  }),
};
