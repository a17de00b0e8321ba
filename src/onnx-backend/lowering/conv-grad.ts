import type { Window } from '../kernels/window.ts';
import type { Graph, Value } from '../graph.ts';
import { slice, transpose } from '../ops/shape.ts';

/** dy [N, O, h, w], filter [O, I, kh, kw] -> dx [N, I, H, W], as the transposed convolution it is. */
export function plainInputGrad(
  g: Graph,
  dy: Value,
  filter: Value,
  shape: readonly number[],
  window: Window,
): Value {
  const { kernel_shape, strides, pads, dilations } = window;
  const output_padding = [0, 1].map((i) => {
    const reach = (dy.shape[2 + i]! - 1) * strides[i]! + (kernel_shape[i]! - 1) * dilations[i]! + 1;
    return shape[2 + i]! - (reach - pads[i]! - pads[2 + i]!);
  });
  const attributes = { kernel_shape, strides, pads, dilations, output_padding, group: 1 };
  return g.node1('ConvTranspose', [dy, filter], 'float32', shape, attributes);
}

/** x [N, I, H, W], dy [N, O, h, w] -> dw [O, I, kh, kw]: a convolution over the batch, with dy as the filter. */
export function plainFilterGrad(g: Graph, x: Value, dy: Value, window: Window): Value {
  const { kernel_shape, strides, pads, dilations } = window;
  const input = transpose(g, x, [1, 0, 2, 3]);
  const filter = transpose(g, dy, [1, 0, 2, 3]);
  const size = [0, 1].map((i) => {
    const free =
      input.shape[2 + i]! + pads[i]! + pads[2 + i]! - ((filter.shape[2 + i]! - 1) * strides[i]! + 1);
    return Math.floor(free / dilations[i]!) + 1;
  });
  const over = {
    kernel_shape: filter.shape.slice(2),
    strides: dilations,
    dilations: strides,
    pads,
    group: 1,
  };
  const shape = [input.shape[0]!, filter.shape[0]!, ...size];
  const taps = g.node1('Conv', [input, filter], 'float32', shape, over);
  return transpose(g, slice(g, taps, [2, 3], [0, 0], kernel_shape), [1, 0, 2, 3]);
}
