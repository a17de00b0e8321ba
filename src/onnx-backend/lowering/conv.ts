import type { Node, Value } from '../graph.ts';
import type { Window } from '../kernels/window.ts';
import { sizeOf } from '../graph.ts';
import { matmul } from '../ops/matmul.ts';
import { reshape, transpose } from '../ops/shape.ts';
import { blockedConv, blockedLayout } from './blocked.ts';
import { blockedFilter } from './blocked-filter.ts';
import { blockedFilterGrad } from './blocked-filter-grad.ts';
import { blockedInputGrad } from './blocked-input-grad.ts';
import { plainFilterGrad, plainInputGrad } from './conv-grad.ts';
import { channelsFirst, type Forms } from './layout.ts';

/** x [N, H, W, I] and filter [kh, kw, I, O] -> y [N, h, w, O], in blocks where the channels allow it. */
export function lowerConv(forms: Forms, node: Node, [x, filter]: [Value, Value]): Value {
  const { g, block } = forms;
  const window = node.attributes as unknown as Window;
  const shape = channelsFirst(node.outputs[0]!.shape);
  const weights = transpose(g, filter, [3, 2, 0, 1]); // [O, I, kh, kw]
  const [out, into] = weights.shape as [number, number];
  const layout = forms.layoutFor(out);
  if (layout === blockedLayout && block && (into % block === 0 || into < block)) {
    // With fewer channels in than a block, the blocked convolution reads plain channels-first images.
    const input = forms.in(forms.layoutFor(into), x);
    return forms.out(layout, blockedConv(g, input, blockedFilter(g, weights, block), shape, window));
  }
  const { first } = forms.layouts;
  const y = g.node1('Conv', [forms.in(first, x), weights], 'float32', shape, { ...window, group: 1 });
  return forms.out(first, y);
}

/** dy [N, h, w, O] and filter [kh, kw, I, O] -> dx [N, H, W, I]. */
export function lowerInputGrad(forms: Forms, node: Node, [dy, filter]: [Value, Value]): Value {
  const { g, block } = forms;
  const window = node.attributes as unknown as Window;
  const shape = channelsFirst(node.outputs[0]!.shape);
  const weights = transpose(g, filter, [3, 2, 0, 1]);
  const layout = forms.layoutFor(shape[1]!);
  if (layout === blockedLayout && block && weights.shape[0]! % block === 0) {
    const dx = blockedInputGrad(g, forms.in(layout, dy), weights, shape, window, block);
    if (dx) return forms.out(layout, dx);
  }
  const { first } = forms.layouts;
  return forms.out(first, plainInputGrad(g, forms.in(first, dy), weights, shape, window));
}

/** x [N, H, W, I] and dy [N, h, w, O] -> dw [kh, kw, I, O]. */
export function lowerFilterGrad(forms: Forms, node: Node, [x, dy]: [Value, Value]): Value {
  const { g, block } = forms;
  const window = node.attributes as unknown as Window;
  const [kh, kw, into, out] = node.outputs[0]!.shape as [number, number, number, number];
  if (kh * kw === 1 && window.pads.every((size) => size === 0)) {
    // Over four axes, as who takes the gradient turns it back: then neither transpose is left.
    const dw = reshape(g, pointFilterGrad(forms, x, dy, window), [out, into, 1, 1]);
    return transpose(g, dw, [2, 3, 1, 0]);
  }
  const layout = forms.layoutFor(out);
  if (layout === blockedLayout && block) {
    const isBlocked = into % block === 0;
    const inputs = { x: isBlocked ? forms.in(layout, x) : x, isBlocked, dy: forms.in(layout, dy) };
    const dw = blockedFilterGrad(g, inputs, window, block);
    if (dw) return transpose(g, dw, [2, 3, 1, 0]);
  }
  const { first } = forms.layouts;
  const dw = plainFilterGrad(g, forms.in(first, x), forms.in(first, dy), window);
  return transpose(g, dw, [2, 3, 1, 0]);
}

/** The gradient of a 1x1 filter, [out, in]: one matrix product over all places. */
function pointFilterGrad(forms: Forms, x: Value, dy: Value, { strides }: Window): Value {
  const { g } = forms;
  let seen = x;
  if (strides.some((stride) => stride > 1)) {
    const layout = forms.layoutFor(x.shape[3]!);
    const shape = [x.shape[0]!, x.shape[3]!, dy.shape[1]!, dy.shape[2]!];
    const window = { kernel_shape: [1, 1], strides, pads: [0, 0, 0, 0] };
    seen = forms.out(layout, layout.pool(g, 'MaxPool', forms.in(layout, x), window, shape));
  }
  const rows = (value: Value): Value => reshape(g, value, [sizeOf(value.shape.slice(0, 3)), value.shape[3]!]);
  return matmul(g, rows(dy), rows(seen), true, false);
}
