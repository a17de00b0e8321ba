import type { Graph, Node, Value } from '../graph.ts';
import { broadcastShape } from './broadcast.ts';
import { transpose } from './shape.ts';

/** a @ b over the last two axes, either one transposed; the axes before broadcast. */
export function matmul(g: Graph, a: Value, b: Value, transA = false, transB = false): Value {
  const rows = a.shape.at(transA ? -1 : -2)!;
  const columns = b.shape.at(transB ? -2 : -1)!;
  if (a.shape.length === 2 && b.shape.length === 2 && a.type === 'float32') {
    return g.node1('Gemm', [a, b], a.type, [rows, columns], {
      transA: Number(transA),
      transB: Number(transB),
    });
  }
  const shape = [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns];
  if (a.type !== 'float32') {
    return g.node1('MatMul', [transA ? swapLast(g, a) : a, transB ? swapLast(g, b) : b], a.type, shape);
  }
  if (!transA && !transB) return g.node1('MatMul', [a, b], a.type, shape);
  const attributes = { transA: Number(transA), transB: Number(transB) };
  return g.node1('FusedMatMul', [a, b], a.type, shape, attributes, 'com.microsoft');
}

/** FusedMatMul, which ONNX itself and some providers do not have, as transposes and a product. */
export function plainMatMul(g: Graph, { attributes, outputs }: Node, [a, b]: [Value, Value]): Value {
  const { type, shape } = outputs[0]!;
  const factors = [attributes['transA'] ? swapLast(g, a) : a, attributes['transB'] ? swapLast(g, b) : b];
  return g.node1('MatMul', factors, type, shape);
}

/** The last two axes exchanged. */
function swapLast(g: Graph, x: Value): Value {
  const rank = x.shape.length;
  const perm = x.shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
  return transpose(g, x, perm);
}
