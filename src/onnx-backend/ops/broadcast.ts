import type { Graph, Value } from '../graph.ts';
import { sameShape } from '../graph.ts';

/** The shape of a and b broadcast together; throws when they do not fit. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new Error(`[${a.join()}] and [${b.join()}] do not broadcast.`);
    return x === 1 ? y : x;
  });
}

/** x repeated along its axes of size one up to `shape`. Repeating twice is repeating once. */
export function expand(g: Graph, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  if (x.constant && 'uniform' in x.constant) return g.uniform(x.type, shape, x.constant.uniform);
  const source = x.node?.op === 'Expand' ? x.node.inputs[0]! : x;
  const dims = g.constant('int64', [shape.length], BigInt64Array.from(shape, BigInt));
  return g.node1('Expand', [source, dims], x.type, shape);
}

/** What x was before it was repeated: an operation that broadcasts can take that instead. */
export function unexpanded(g: Graph, x: Value): Value {
  if (x.constant && 'uniform' in x.constant) return g.uniform(x.type, [], x.constant.uniform);
  return x.node?.op === 'Expand' ? x.node.inputs[0]! : x;
}
