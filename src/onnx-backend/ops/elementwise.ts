import { elementTypes, type Attribute, type ElementType, type Graph, type Value } from '../graph.ts';
import { broadcastShape, expand, unexpanded } from './broadcast.ts';

/** One repeated number as a scalar that broadcasts to anything. */
export const scalar = (g: Graph, type: ElementType, value: number): Value => g.uniform(type, [], value);

/** x -> op(x), same shape and type. */
export function unary(
  g: Graph,
  op: string,
  x: Value,
  attributes: Readonly<Record<string, Attribute>> = {},
  type: ElementType = x.type,
): Value {
  const source = unexpanded(g, x);
  return expand(g, g.node1(op, [source], type, source.shape, attributes), x.shape);
}

/** op(a, b) with broadcasting. Expanded operands are taken as they were before, so that ones(shape) costs nothing. */
export function binary(g: Graph, op: string, a: Value, b: Value, type: ElementType = a.type): Value {
  const shape = broadcastShape(a.shape, b.shape);
  const left = unexpanded(g, a);
  const right = unexpanded(g, b);
  const inner = broadcastShape(left.shape, right.shape);
  const same = neutral(op, left, right);
  if (same) return expand(g, same, shape);
  const erf = op === 'Mul' && uniformOf(right) === 0.5 ? erfPlusOne(left) : null;
  if (erf) return expand(g, g.node1('HardSigmoid', [erf], type, inner, { alpha: half, beta: half }), shape);
  const folded = fold(op, left, right);
  if (folded !== null && type === 'float32') return g.uniform(type, shape, folded);
  return expand(g, g.node1(op, [left, right], type, inner), shape);
}

export const add = (g: Graph, a: Value, b: Value): Value => binary(g, 'Add', a, b);
export const sub = (g: Graph, a: Value, b: Value): Value => binary(g, 'Sub', a, b);
export const mul = (g: Graph, a: Value, b: Value): Value => binary(g, 'Mul', a, b);
export const div = (g: Graph, a: Value, b: Value): Value => binary(g, 'Div', a, b);

/** op(a, b) as booleans. ONNX compares booleans only for equality. */
export const compare = (g: Graph, op: string, a: Value, b: Value): Value => binary(g, op, a, b, 'bool');

export const not = (g: Graph, x: Value): Value => unary(g, 'Not', x);

/** condition ? a : b, all three broadcast together. */
export function where(g: Graph, condition: Value, a: Value, b: Value): Value {
  const shape = broadcastShape(condition.shape, broadcastShape(a.shape, b.shape));
  const [c, x, y] = [unexpanded(g, condition), unexpanded(g, a), unexpanded(g, b)];
  const inner = broadcastShape(c.shape, broadcastShape(x.shape, y.shape));
  return expand(g, g.node1('Where', [c, x, y], a.type, inner), shape);
}

/** x as another type; tfjs's casts to bool test against zero, as ONNX's do. */
export function cast(g: Graph, x: Value, type: ElementType): Value {
  if (x.type === type) return x;
  if (x.constant && 'uniform' in x.constant)
    return g.uniform(type, x.shape, castNumber(x.constant.uniform, type));
  return unary(g, 'Cast', x, { to: elementTypes[type] }, type);
}

const castNumber = (value: number, type: ElementType): number =>
  type === 'float32' ? value : type === 'bool' ? Number(value !== 0) : Math.trunc(value);

const half = { float: 0.5 };

/** erf of (erf + 1), whose half is the normal distribution: from 0 to 1, so that HardSigmoid does both in one pass. */
function erfPlusOne(x: Value): Value | null {
  const [erf, one] = x.node?.op === 'Add' ? x.node.inputs : [];
  return erf?.node?.op === 'Erf' && one && uniformOf(one) === 1 ? erf : null;
}

/** The operand that an operation with a neutral number leaves as it is: x + 0, x - 0, x * 1, x / 1. */
function neutral(op: string, a: Value, b: Value): Value | null {
  const left = uniformOf(a);
  const right = uniformOf(b);
  if (op === 'Add' || op === 'Sub') {
    if (right === 0) return a;
    return op === 'Add' && left === 0 ? b : null;
  }
  if (op === 'Mul' || op === 'Div') {
    if (right === 1) return a;
    return op === 'Mul' && left === 1 ? b : null;
  }
  return null;
}

/** The number of an operation between two repeated numbers. */
function fold(op: string, a: Value, b: Value): number | null {
  const left = uniformOf(a);
  const right = uniformOf(b);
  if (left === null || right === null || a.type !== 'float32') return null;
  if (op === 'Add') return Math.fround(left + right);
  if (op === 'Sub') return Math.fround(left - right);
  if (op === 'Mul') return Math.fround(left * right);
  if (op === 'Div') return Math.fround(left / right);
  return null;
}

/** The repeated number of a uniform constant, or null. */
const uniformOf = (value: Value): number | null =>
  value.constant && 'uniform' in value.constant ? value.constant.uniform : null;
