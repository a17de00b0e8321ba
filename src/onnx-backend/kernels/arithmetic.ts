import type { Graph, Value } from '../graph.ts';
import { add, binary, cast, compare, div, mul, not, scalar, sub, unary } from '../ops/elementwise.ts';
import { kernel, type KernelTable } from './kernel.ts';

const pair = (op: string) => kernel<'a' | 'b'>((g, { a, b }) => binary(g, op, a, b));
const test = (op: string) =>
  kernel<'a' | 'b'>((g, { a, b }) => compare(g, op, comparable(g, a), comparable(g, b)));

/** Kernels of two tensors that broadcast, and of lists of tensors of one shape. */
export const arithmetic: KernelTable = {
  Add: pair('Add'),
  Sub: pair('Sub'),
  Multiply: pair('Mul'),
  Pow: pair('Pow'),
  Maximum: pair('Max'),
  Minimum: pair('Min'),
  RealDiv: kernel<'a' | 'b'>((g, { a, b }) => div(g, cast(g, a, 'float32'), cast(g, b, 'float32'))),
  FloorDiv: kernel<'a' | 'b'>((g, { a, b }) => {
    const quotient = div(g, cast(g, a, 'float32'), cast(g, b, 'float32'));
    return cast(g, unary(g, 'Floor', quotient), a.type);
  }),
  // The sign follows the divisor, as tfjs's does: a - floor(a / b) * b.
  Mod: kernel<'a' | 'b'>((g, { a, b }) => {
    const [x, y] = [cast(g, a, 'float32'), cast(g, b, 'float32')];
    return cast(g, sub(g, x, mul(g, unary(g, 'Floor', div(g, x, y)), y)), a.type);
  }),
  SquaredDifference: kernel<'a' | 'b'>((g, { a, b }) => {
    const difference = sub(g, a, b);
    return mul(g, difference, difference);
  }),
  AddN: kernel((g, inputs) => Object.values(inputs).reduce((sum, value) => add(g, sum, value))),
  Atan2: kernel<'a' | 'b'>((g, { a, b }) => atan2(g, a, b)),

  Equal: test('Equal'),
  NotEqual: kernel<'a' | 'b'>((g, { a, b }) =>
    not(g, compare(g, 'Equal', comparable(g, a), comparable(g, b))),
  ),
  Less: test('Less'),
  LessEqual: test('LessOrEqual'),
  Greater: test('Greater'),
  GreaterEqual: test('GreaterOrEqual'),
  LogicalAnd: kernel<'a' | 'b'>((g, { a, b }) => binary(g, 'And', cast(g, a, 'bool'), cast(g, b, 'bool'))),
  LogicalOr: kernel<'a' | 'b'>((g, { a, b }) => binary(g, 'Or', cast(g, a, 'bool'), cast(g, b, 'bool'))),
  LogicalNot: kernel<'x'>((g, { x }) => not(g, cast(g, x, 'bool'))),
};

/** ONNX orders numbers only; truth is compared as 0 and 1. */
const comparable = (g: Graph, x: Value): Value => (x.type === 'bool' ? cast(g, x, 'int32') : x);

/** The angle of (x=b, y=a): 2 atan(y / (sqrt(x^2 + y^2) + x)), and pi where that divides zero by zero on the left. */
function atan2(g: Graph, a: Value, b: Value): Value {
  const radius = unary(g, 'Sqrt', add(g, mul(g, a, a), mul(g, b, b)));
  const half = unary(g, 'Atan', div(g, sub(g, radius, b), a));
  const right = unary(g, 'Atan', div(g, a, add(g, radius, b)));
  const onRight = compare(g, 'GreaterOrEqual', b, scalar(g, 'float32', 0));
  const shape = binary(g, 'Add', a, b).shape;
  const angle = g.node1('Where', [onRight, right, half], 'float32', shape);
  const doubled = mul(g, angle, scalar(g, 'float32', 2));
  const flat = compare(g, 'Equal', a, scalar(g, 'float32', 0));
  const onAxis = g.node1(
    'Where',
    [onRight, scalar(g, 'float32', 0), scalar(g, 'float32', Math.PI)],
    'float32',
    b.shape,
  );
  return g.node1('Where', [flat, onAxis, doubled], 'float32', shape);
}
