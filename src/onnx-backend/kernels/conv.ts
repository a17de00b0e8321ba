import type { Graph, Value } from '../graph.ts';
import { add } from '../ops/elementwise.ts';
import { reshape } from '../ops/shape.ts';
import { kernel, type KernelTable } from './kernel.ts';
import { activate, type Fused } from './matmuls.ts';
import { convInfo, fromFormat, toFormat, windowOf, type ConvAttributes } from './window.ts';

/**
 * Convolutions and their two gradients, in tfjs's layouts: images [batch, height, width, channels], filters [height, width, in, out].
 * They go into the graph as operators of domain `tandem`; lowering/ chooses the layout and how each is computed.
 */
export const convolutions: KernelTable = {
  Conv2D: kernel<'x' | 'filter', ConvAttributes>((g, { x, filter }, attributes) =>
    convolve(g, x, filter, attributes),
  ),

  FusedConv2D: kernel<'x' | 'filter' | 'bias' | 'preluActivationWeights', ConvAttributes & Fused>(
    (g, { x, filter, bias, preluActivationWeights }, attributes) => {
      const y = convolve(g, x, filter, attributes);
      const isFirst = attributes.dataFormat === 'NCHW' && bias?.shape.length === 1;
      const offset = bias && isFirst ? reshape(g, bias, [bias.shape[0]!, 1, 1]) : bias;
      return activate(g, offset ? add(g, y, offset) : y, attributes, preluActivationWeights);
    },
  ),

  Conv2DBackpropInput: kernel<'dy' | 'filter', ConvAttributes & { inputShape: number[] }>(
    (g, { dy, filter }, attributes) => {
      const info = convInfo(attributes.inputShape, filter.shape, attributes);
      const shape = [info.batchSize, info.inHeight, info.inWidth, info.inChannels];
      const gradient = toFormat(g, dy, attributes.dataFormat);
      const dx = g.node1(
        'ConvInputGrad',
        [gradient, filter],
        'float32',
        shape,
        { ...windowOf(info) },
        'tandem',
      );
      return fromFormat(g, dx, attributes.dataFormat);
    },
  ),

  Conv2DBackpropFilter: kernel<'x' | 'dy', ConvAttributes & { filterShape: number[] }>(
    (g, { x, dy }, attributes) => {
      const info = convInfo(x.shape, attributes.filterShape, attributes);
      const inputs = [toFormat(g, x, attributes.dataFormat), toFormat(g, dy, attributes.dataFormat)];
      return g.node1(
        'ConvFilterGrad',
        inputs,
        'float32',
        attributes.filterShape,
        { ...windowOf(info) },
        'tandem',
      );
    },
  ),
};

function convolve(g: Graph, x: Value, filter: Value, attributes: ConvAttributes): Value {
  const info = convInfo(x.shape, filter.shape, attributes);
  const shape = [info.batchSize, info.outHeight, info.outWidth, info.outChannels];
  const input = toFormat(g, x, attributes.dataFormat);
  const y = g.node1('Conv', [input, filter], 'float32', shape, { ...windowOf(info) }, 'tandem');
  return fromFormat(g, y, attributes.dataFormat);
}
