import type { Graph, Node, Value } from '../graph.ts';
import type { Window } from '../kernels/window.ts';
import { rewriteGraph } from './rewrite.ts';

/**
 * Zeros put around an image before a convolution become the convolution's own padding, and the cut after the gradient of one likewise. Before
 * a max pooling that holds for what a ReLU left: nothing there is below zero, so the border never wins.
 */
export function foldPadding(graph: Graph): Graph {
  return rewriteGraph(graph, (g, node, inputs, users) => {
    const [a, b] = inputs as [Value, Value];
    if (node.domain === 'tandem') {
      if (node.op === 'Conv') return overPadded(g, node, [a, b], 0);
      if (node.op === 'ConvFilterGrad') return overPadded(g, node, [a, b], 0);
      if (node.op === 'MaxPool') return isAfterRelu(a) ? overPadded(g, node, [a], 0) : null;
      return null;
    }
    if (node.op !== 'Slice' || a.node?.domain !== 'tandem' || users(node.inputs[0]!) !== 1) return null;
    const start = cropOf(node);
    if (!start) return null;
    if (a.node.op === 'ConvInputGrad')
      return cropped(g, a.node, a.node.inputs as Value[], start, node.outputs[0]!.shape);
    if (a.node.op === 'MaxPoolGrad' && isAfterRelu(a.node.inputs[1]!)) {
      const [dy, padded] = a.node.inputs as [Value, Value];
      const x = padded.node!.inputs[0]!;
      const before = padOf(padded)?.before;
      if (!before || before[0] !== start[0] || before[1] !== start[1]) return null;
      return cropped(g, a.node, [dy, x], start, node.outputs[0]!.shape);
    }
    return null;
  });
}

/** The operator on the image before it was padded. */
function overPadded(g: Graph, node: Node, inputs: Value[], at: number): Value | null {
  const padding = padOf(inputs[at]!);
  if (!padding) return null;
  const { pads } = node.attributes as unknown as Window;
  const [top, left, bottom, right] = pads as [number, number, number, number];
  const { before, after } = padding;
  const wider = [top + before[0], left + before[1], bottom + after[0], right + after[1]];
  const own = inputs.map((input, i) => (i === at ? input.node!.inputs[0]! : input));
  const { type, shape } = node.outputs[0]!;
  return g.node1(node.op, own, type, shape, { ...node.attributes, pads: wider }, node.domain);
}

/** The gradient of a window without the rows and columns that are cut off: they are padding. */
function cropped(
  g: Graph,
  { op, attributes, domain, outputs }: Node,
  inputs: Value[],
  start: [number, number],
  shape: readonly number[],
): Value {
  const [top, left, bottom, right] = attributes.pads as [number, number, number, number];
  const [below, beyond] = [1, 2].map(
    (axis) => outputs[0]!.shape[axis]! - shape[axis]! - start[axis - 1]!,
  ) as [number, number];
  const pads = [top + start[0], left + start[1], bottom + below, right + beyond];
  return g.node1(op, inputs, 'float32', shape, { ...attributes, pads }, domain);
}

/** Zeros around height and width alone of [batch, height, width, channels]. */
function padOf(x: Value): { before: [number, number]; after: [number, number] } | null {
  if (x.node?.op !== 'Pad' || x.shape.length !== 4 || x.node.attributes.mode !== 'constant') return null;
  const [, sizes, fill] = x.node.inputs;
  const value = fill?.constant && 'uniform' in fill.constant ? fill.constant.uniform : null;
  if (value !== 0 || !sizes?.constant) return null;
  const [n, top, left, c, nAfter, bottom, right, cAfter] = numbersOf(sizes) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (n !== 0 || c !== 0 || nAfter !== 0 || cAfter !== 0) return null;
  return { before: [top, left], after: [bottom, right] };
}

/** Where a slice of height and width alone starts. */
function cropOf(node: Node): [number, number] | null {
  const [x, starts, , axes, steps] = node.inputs;
  if (!x || x.shape.length !== 4 || steps || !starts || !axes) return null;
  const { shape } = node.outputs[0]!;
  if (shape[0] !== x.shape[0] || shape[3] !== x.shape[3]) return null;
  const from = [0, 0, 0, 0];
  const places = numbersOf(starts);
  numbersOf(axes).forEach((axis, i) => (from[axis] = places[i]!));
  return [from[1]!, from[2]!];
}

/** What a pooling sees is a ReLU's result with a border of zeros. */
const isAfterRelu = (x: Value): boolean => padOf(x) !== null && x.node?.inputs[0]?.node?.op === 'Relu';

/** The numbers of a constant vector of indices. */
function numbersOf({ constant, shape }: Value): number[] {
  if (constant && 'data' in constant) return Array.from(constant.data as BigInt64Array, Number);
  return new Array<number>(shape[0]!).fill(constant ? constant.uniform : 0);
}
