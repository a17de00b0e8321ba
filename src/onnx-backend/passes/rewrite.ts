import { Graph, type Node, type Value } from '../graph.ts';
import { binary, cast, unary, where } from '../ops/elementwise.ts';
import { expand } from '../ops/broadcast.ts';
import { concat, reshape, transpose } from '../ops/shape.ts';

/**
 * What a pass does with one node: new values for its outputs, or null to leave it as it is. `inputs` are the node's
 * inputs in the new graph; `users(value)` counts the uses of a value of the old graph.
 */
export type Rewrite = (
  g: Graph,
  node: Node,
  inputs: readonly (Value | null)[],
  users: (value: Value) => number,
) => readonly Value[] | Value | null;

/**
 * Builds the graph anew, node by node, offering each node to `rewrite`. Nodes that no output needs are left out, and
 * building applies the simplifications of ops/ again. Inputs and outputs keep their names; unused inputs go.
 */
export function rewriteGraph(graph: Graph, rewrite: Rewrite): Graph {
  const needed = neededNodes(graph);
  const counts = countUsers(graph, needed);
  const users = (value: Value): number => counts.get(value) ?? 0;
  const g = new Graph();
  const values = new Map<Value, Value>();
  for (const input of graph.inputs) {
    if (users(input) > 0) values.set(input, g.input(input.name, input.type, input.shape));
  }
  const moved = (value: Value | null): Value | null => {
    if (!value) return null;
    const known = values.get(value);
    if (known) return known;
    const copy = copyConstant(g, value);
    values.set(value, copy);
    return copy;
  };
  for (const node of graph.nodes) {
    if (!needed.has(node)) continue;
    const inputs = node.inputs.map(moved);
    const made = [rewrite(g, node, inputs, users) ?? rebuild(g, node, inputs)].flat() as Value[];
    node.outputs.forEach((output, i) => values.set(output, made[i]!));
  }
  for (const { name, value } of graph.outputs) g.outputs.push({ name, value: moved(value)! });
  return g;
}

/** The node again on new inputs, through the functions that simplify where there is one. */
function rebuild(g: Graph, node: Node, inputs: readonly (Value | null)[]): readonly Value[] {
  const [a, b, c] = inputs as Value[];
  const { type, shape } = node.outputs[0]!;
  if (node.domain === '') {
    if (node.op === 'Reshape') return [reshape(g, a!, shape)];
    if (node.op === 'Transpose') return [transpose(g, a!, node.attributes.perm as number[])];
    if (node.op === 'Expand') return [expand(g, a!, shape)];
    if (node.op === 'Cast') return [cast(g, a!, type)];
    if (node.op === 'Concat') return [concat(g, inputs as Value[], node.attributes.axis as number)];
    if (node.op === 'Where') return [where(g, a!, b!, c!)];
    if (binaryOps.has(node.op)) return [binary(g, node.op, a!, b!, type)];
    if (unaryOps.has(node.op)) return [unary(g, node.op, a!, node.attributes, type)];
  }
  return g.node(node.op, inputs, node.outputs, node.attributes, node.domain);
}

/** Operators of two inputs that broadcast. */
export const binaryOps: ReadonlySet<string> = new Set(
  'Add Sub Mul Div Pow Max Min Equal Less LessOrEqual Greater GreaterOrEqual And Or'.split(' '),
);

/** Operators that work element by element and need no axis. */
export const unaryOps: ReadonlySet<string> = new Set(
  (
    'Abs Neg Sign Floor Ceil Round Exp Log Sqrt Sigmoid Tanh Erf Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh ' +
    'Atanh Softplus Relu LeakyRelu HardSigmoid Elu Selu IsNaN IsInf Not Cast Gelu'
  ).split(' '),
);

function copyConstant(g: Graph, { type, shape, constant, name }: Value): Value {
  if (!constant) throw new Error(`The value ${name} is used before it is computed.`);
  return 'uniform' in constant
    ? g.uniform(type, shape, constant.uniform)
    : g.constant(type, shape, constant.data);
}

function neededNodes(graph: Graph): Set<Node> {
  const needed = new Set<Node>();
  const open = graph.outputs.map(({ value }) => value.node);
  while (open.length > 0) {
    const node = open.pop();
    if (!node || needed.has(node)) continue;
    needed.add(node);
    for (const input of node.inputs) if (input?.node) open.push(input.node);
  }
  return needed;
}

function countUsers(graph: Graph, needed: ReadonlySet<Node>): Map<Value, number> {
  const counts = new Map<Value, number>();
  const count = (value: Value | null): void => {
    if (value) counts.set(value, (counts.get(value) ?? 0) + 1);
  };
  for (const node of graph.nodes) if (needed.has(node)) node.inputs.forEach(count);
  for (const { value } of graph.outputs) count(value);
  return counts;
}
