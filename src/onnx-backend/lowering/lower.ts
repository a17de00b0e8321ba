import type { Graph, Node, Value } from '../graph.ts';
import { sameShape, sizeOf } from '../graph.ts';
import { expand } from '../ops/broadcast.ts';
import { plainMatMul } from '../ops/matmul.ts';
import { reshape } from '../ops/shape.ts';
import { binaryOps, rewriteGraph, unaryOps } from '../passes/rewrite.ts';
import { blockedLayout, withSum } from './blocked.ts';
import { firstLayout } from './channels-first.ts';
import { lowerConv, lowerFilterGrad, lowerInputGrad } from './conv.ts';
import { fewRows } from './few-rows.ts';
import { channelsFirst, Forms, type Layout, type PoolWindow } from './layout.ts';
import type { Abilities } from './abilities.ts';
import { trigonometric } from './sine.ts';
import { averagePoolGrad, maxPoolGrad, maxPoolGradByPlace } from './pool-grad.ts';

/**
 * Replaces the operators of domain `tandem`, which ONNX Runtime does not know, by ones that it does, and chooses the layout of images:
 * what a convolution leaves stays in its layout through everything element by element, until somebody needs it as tfjs has it.
 */
export function lower(
  graph: Graph,
  { block, hasMaxPlaces, hasFusedMatMul, copiesFactors, hasSines }: Abilities,
): Graph {
  let forms: Forms | null = null;
  return rewriteGraph(graph, (g, node, inputs, users) => {
    forms ??= new Forms(g, { first: firstLayout, blocked: block ? blockedLayout : null }, block);
    if (node.domain === 'tandem') return lowerNode(forms, node, inputs as Value[], hasMaxPlaces);
    if (node.op === 'FusedMatMul' && !hasFusedMatMul) return plainMatMul(g, node, inputs as [Value, Value]);
    if (copiesFactors && node.op === 'Gemm') return fewRows(g, node, inputs as Value[]);
    if (/^(Sin|Cos|Tan)$/.test(node.op) && !hasSines) return trigonometric(g, node.op, inputs[0]!);
    const isSingle = node.inputs.map((input) => input !== null && users(input) === 1);
    return (
      addedByConv(forms, node, inputs as Value[], isSingle) ?? stayInLayout(forms, node, inputs as Value[])
    );
  });
}

function lowerNode(forms: Forms, node: Node, inputs: Value[], hasMaxPlaces: boolean): Value {
  const { g } = forms;
  const [a, b] = inputs as [Value, Value];
  const { shape } = node.outputs[0]!;
  const window = node.attributes as unknown as PoolWindow;
  const { first } = forms.layouts;
  switch (node.op) {
    case 'Conv':
      return lowerConv(forms, node, [a, b]);
    case 'ConvInputGrad':
      return lowerInputGrad(forms, node, [a, b]);
    case 'ConvFilterGrad':
      return lowerFilterGrad(forms, node, [a, b]);
    case 'MaxPool':
    case 'AveragePool': {
      const layout = forms.layoutFor(shape[3]!);
      return forms.out(layout, layout.pool(g, node.op, forms.in(layout, a), window, channelsFirst(shape)));
    }
    case 'MaxPoolGrad':
      return enterFrom(
        forms,
        (hasMaxPlaces ? maxPoolGrad : maxPoolGradByPlace)(g, forms.in(first, a), forms.in(first, b), window),
      );
    case 'AveragePoolGrad':
      return enterFrom(forms, averagePoolGrad(g, forms.in(first, a), channelsFirst(shape), window));
    case 'ChannelAffine': {
      const [x, scale, bias, sum] = inputs as [Value, Value, Value, Value | undefined];
      const layout = forms.layoutOf(x) ?? (sum && forms.layoutOf(sum)) ?? forms.layoutFor(shape[3]!);
      const added = sum ? whole(forms, layout, sum, shape) : null;
      const isRelu = node.attributes.relu === 1;
      return forms.out(layout, layout.affine(g, whole(forms, layout, x, shape), scale, bias, added, isRelu));
    }
    case 'ChannelSum': {
      const layout = forms.layoutOf(a) ?? forms.layoutFor(a.shape[3]!);
      return layout.channelSum(g, forms.in(layout, a));
    }
    case 'ChannelDot': {
      const layout = forms.layoutOf(a) ?? forms.layoutOf(b) ?? forms.layoutFor(a.shape[3]!);
      return layout.channelDot(g, forms.in(layout, a), forms.in(layout, b));
    }
    default:
      throw new Error(`The operator ${node.op} has no lowering.`);
  }
}

/** x + y where one is the result of a blocked convolution that nobody else needs: the convolution adds the other. */
function addedByConv(
  forms: Forms,
  { op, outputs }: Node,
  inputs: Value[],
  isSingle: boolean[],
): Value | null {
  if (op !== 'Add' || outputs[0]!.shape.length !== 4) return null;
  for (const [at, x] of inputs.entries()) {
    const other = inputs[1 - at]!;
    if (!isSingle[at] || !sameShape(x.shape, other.shape)) continue;
    const layout = forms.layoutOf(x);
    if (layout !== blockedLayout) continue;
    const sum = withSum(forms.g, forms.in(layout, x), forms.in(layout, other));
    if (sum) return forms.out(layout, sum);
  }
  return null;
}

/** A result [batch, channels, height, width] taken at once into the layout in which what follows is computed. */
function enterFrom(forms: Forms, result: Value): Value {
  const layout = forms.layoutFor(result.shape[1]!);
  return forms.out(layout, layout.enterFirst(forms.g, result));
}

/** Element by element, and means over a whole image: computed in the layout in which an input already is. */
function stayInLayout(forms: Forms, node: Node, inputs: Value[]): Value | null {
  const { g } = forms;
  const { shape, type } = node.outputs[0]!;
  const [x] = inputs;
  if (!x || node.domain !== '' || type !== 'float32') return null;
  if (
    node.op === 'ReduceMean' &&
    x.shape.length === 4 &&
    shape[1] === 1 &&
    shape[2] === 1 &&
    shape[0] === x.shape[0]
  ) {
    const layout = shape[3] === x.shape[3] ? forms.layoutOf(x) : null;
    return layout && reshape(g, layout.globalMean(g, forms.in(layout, x)), shape);
  }
  if (shape.length !== 4 || !(binaryOps.has(node.op) || unaryOps.has(node.op))) return null;
  if (inputs.some((input) => input.type !== 'float32')) return null;
  const layout = inputs.map((input) => forms.layoutOf(input)).find((known) => known !== null);
  if (!layout) return null;
  const operands = inputs.map((input) =>
    sizeOf(input.shape) === 1 ? reshape(g, input, []) : whole(forms, layout, input, shape),
  );
  return forms.out(layout, g.node1(node.op, operands, type, channelsFirst(shape), node.attributes));
}

/** x in the layout, repeated first where it is smaller than the result. */
function whole(forms: Forms, layout: Layout, x: Value, shape: readonly number[]): Value {
  return forms.in(layout, sameShape(x.shape, shape) ? x : expand(forms.g, x, shape));
}
