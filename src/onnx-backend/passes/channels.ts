import type { Graph, Node, Value } from '../graph.ts';
import { sameShape, sizeOf } from '../graph.ts';
import { add, div, mul, scalar, unary } from '../ops/elementwise.ts';
import { reshape } from '../ops/shape.ts';
import { rewriteGraph } from './rewrite.ts';

/**
 * Gathers arithmetic per channel of images [batch, height, width, channels] into a few operators of domain `tandem`, so that batch norm, its gradient, the
 * residual sum and the ReLU become one pass over memory each:
 *   ChannelAffine(x, scale [c], bias [c], sum?)   x * scale + bias (+ sum), with the attribute relu: max(0, .)
 *   ChannelSum(x) and ChannelDot(x, y)            sums over all but the channels -> [c]
 * A product with a ChannelAffine is summed as scale * sum(x y) + bias * sum(y).
 */
export function gatherChannels(graph: Graph): Graph {
  return rewriteGraph(graph, (g, node, inputs, users) => {
    const { shape, type } = node.outputs[0]!;
    if (node.domain !== '' || type !== 'float32') return null;
    const isSingle = (at: number): boolean => users(node.inputs[at]!) === 1;
    if (node.op === 'ReduceSum' || node.op === 'ReduceMean') return overChannels(g, node, inputs[0]!);
    if (shape.length !== 4 || sizeOf(shape) === shape[3]) return null;
    const [a, b] = inputs as [Value, Value];
    switch (node.op) {
      case 'Relu':
        return isSingle(0) ? withRelu(g, a) : null;
      case 'Mul':
        return scaled(g, a, channelVector(b, a)) ?? scaled(g, b, channelVector(a, b));
      case 'Div':
        return scaled(g, a, inverse(g, channelVector(b, a)));
      case 'Add':
        return (
          shifted(g, a, channelVector(b, a)) ??
          shifted(g, b, channelVector(a, b)) ??
          (isSingle(0) ? plus(g, a, b) : null) ??
          (isSingle(1) ? plus(g, b, a) : null)
        );
      case 'Sub': {
        const vector = channelVector(b, a);
        return (
          shifted(g, a, vector && unary(g, 'Neg', vector)) ?? (isSingle(1) ? plus(g, negated(g, b), a) : null)
        );
      }
      default:
        return null;
    }
  });
}

interface Affine {
  x: Value;
  scale: Value;
  bias: Value;
  sum: Value | null;
}

const affine = (g: Graph, { x, scale, bias, sum }: Affine, relu = 0): Value =>
  g.node1(
    'ChannelAffine',
    sum ? [x, scale, bias, sum] : [x, scale, bias],
    'float32',
    x.shape,
    { relu },
    'tandem',
  );

/** x taken apart, when it is a ChannelAffine without a ReLU. */
function affineOf(x: Value): Affine | null {
  if (x.node?.domain !== 'tandem' || x.node.op !== 'ChannelAffine' || x.node.attributes.relu === 1)
    return null;
  const [source, scale, bias, sum] = x.node.inputs as [Value, Value, Value, Value | undefined];
  return { x: source, scale, bias, sum: sum ?? null };
}

/** Any image as an affine of itself. */
function asAffine(g: Graph, x: Value): Affine {
  const channels = [x.shape[3]!];
  return (
    affineOf(x) ?? {
      x,
      scale: g.uniform('float32', channels, 1),
      bias: g.uniform('float32', channels, 0),
      sum: null,
    }
  );
}

function scaled(g: Graph, x: Value, vector: Value | null): Value | null {
  if (!vector) return null;
  const { x: source, scale, bias, sum } = asAffine(g, x);
  const bare = sum && (scaled(g, sum, vector) as Value);
  return affine(g, { x: source, scale: mul(g, scale, vector), bias: mul(g, bias, vector), sum: bare });
}

function shifted(g: Graph, x: Value, vector: Value | null): Value | null {
  if (!vector) return null;
  const own = asAffine(g, x);
  return affine(g, { ...own, bias: add(g, own.bias, vector) });
}

/** An affine without a sum takes `other` as its sum. */
function plus(g: Graph, x: Value | null, other: Value): Value | null {
  const own = x && affineOf(x);
  if (!own || own.sum || !sameShape(x.shape, other.shape)) return null;
  return affine(g, { ...own, sum: other });
}

function negated(g: Graph, x: Value): Value | null {
  const own = affineOf(x);
  if (!own || own.sum) return null;
  return affine(g, {
    x: own.x,
    scale: unary(g, 'Neg', own.scale),
    bias: unary(g, 'Neg', own.bias),
    sum: null,
  });
}

function withRelu(g: Graph, x: Value): Value | null {
  const own = affineOf(x);
  return own && affine(g, own, 1);
}

/** v as a vector of one number per channel of x, when it is one. */
function channelVector(v: Value, x: Value): Value | null {
  const channels = x.shape[3];
  if (x.shape.length !== 4 || channels === undefined || channels === 1 || sizeOf(v.shape) !== channels)
    return null;
  if (v.shape.at(-1) !== channels || v.node?.op === 'Expand') return null;
  if (v.shape.length === 1) return v;
  return v.node?.op === 'Reshape' && v.node.inputs[0]!.shape.length === 1 ? v.node.inputs[0]! : null;
}

const inverse = (g: Graph, vector: Value | null): Value | null =>
  vector && div(g, scalar(g, 'float32', 1), vector);

/** A sum or mean over batch, height and width of an image or of a product of two. */
function overChannels(g: Graph, node: Node, x: Value): Value | null {
  const { shape } = node.outputs[0]!;
  const channels = x.shape[3];
  const isAll =
    x.shape.length === 4 && shape.length === 4 && sizeOf(shape) === channels && shape[3] === channels;
  if (!isAll || channels === 1 || sizeOf(x.shape) === channels || x.constant) return null;
  const total = productSum(g, x) ?? sumOf(g, x);
  const count = sizeOf(x.shape) / channels;
  const result = node.op === 'ReduceMean' ? mul(g, total, scalar(g, 'float32', 1 / count)) : total;
  return reshape(g, result, shape);
}

function productSum(g: Graph, x: Value): Value | null {
  if (x.node?.domain !== '' || x.node.op !== 'Mul') return null;
  const [a, b] = x.node.inputs as [Value, Value];
  return sameShape(a.shape, b.shape) ? dot(g, a, b) : null;
}

function dot(g: Graph, a: Value, b: Value): Value {
  const own = affineOf(a);
  if (own && !own.sum) {
    const inner = dot(g, b, own.x);
    return add(g, mul(g, own.scale, inner), mul(g, own.bias, sumOf(g, b)));
  }
  const other = affineOf(b);
  if (other && !other.sum) return dot(g, b, a);
  return g.node1('ChannelDot', [a, b], 'float32', [a.shape[3]!], {}, 'tandem');
}

function sumOf(g: Graph, x: Value): Value {
  const own = affineOf(x);
  if (own && !own.sum) {
    const count = scalar(g, 'float32', sizeOf(x.shape) / x.shape[3]!);
    return add(g, mul(g, own.scale, sumOf(g, own.x)), mul(g, own.bias, count));
  }
  return g.node1('ChannelSum', [x], 'float32', [x.shape[3]!], {}, 'tandem');
}
