import { OnnxError } from '../errors.ts';
import { Graph, type Node, type Value } from '../graph.ts';
import { said } from '../../text/say.ts';

/** The oldest version of ONNX's operators that graphs are written for: before it, Range and Slice's inputs are missing. */
const oldest = 11;

/** Operators that have been the same since version 11 in the way they are used here. */
const unchanged = new Set(
  'Reshape Transpose MatMul Gemm Add Sub Mul Div Sqrt Expand Concat Slice Gather Range Cast Identity Max Min Where'.split(
    ' ',
  ),
);

/** From which version on the reductions take their axes as an input. */
const axesAsInput = new Map([
  ['ReduceSum', 13],
  ['ReduceMean', 18],
  ['ReduceMax', 18],
  ['ReduceMin', 18],
  ['Squeeze', 13],
  ['Unsqueeze', 13],
]);

/** A graph in the operators of an older version, for a place beside what others exported for that one. */
export function olderOperators(graph: Graph, version: number): Graph {
  if (version < oldest)
    throw new OnnxError(
      said(
        "The encoder's ONNX file is written for version {0} of the operators, and this needs {1} or later.",
        version,
        oldest,
      ),
      said('Export the encoder again with a newer opset (optimum-cli export onnx --opset 17).'),
      'old_opset',
    );
  const g = new Graph('older/');
  g.inputs.push(...graph.inputs);
  const values = new Map<Value, Value>();
  const moved = (value: Value | null): Value | null => value && (values.get(value) ?? value);
  for (const node of graph.nodes) {
    const made = older(g, node, node.inputs.map(moved), version);
    node.outputs.forEach((output, at) => values.set(output, made[at]!));
  }
  g.outputs.push(...graph.outputs.map(({ name, value }) => ({ name, value: moved(value)! })));
  return g;
}

function older(g: Graph, node: Node, inputs: (Value | null)[], version: number): readonly Value[] {
  const { op, outputs, attributes } = node;
  const again = () => g.node(op, inputs, outputs, attributes);
  if (unchanged.has(op)) return again();
  if (op === 'Shape') {
    if (version >= 15 || !('start' in attributes)) return again();
    const whole = g.node1('Shape', [inputs[0]!], 'int64', [1]);
    const [start, end, axis] = [attributes['start'], attributes['end'], 0].map((at) =>
      g.uniform('int64', [1], at as number),
    );
    return g.node('Slice', [whole, start!, end!, axis!], outputs);
  }
  const since = axesAsInput.get(op);
  if (since === undefined)
    throw new Error(`The operator ${op} is not known to be the same in version ${version}.`);
  const [x, axes] = inputs;
  if (version >= since || !axes) return again();
  const { constant } = axes;
  if (!constant) throw new Error(`The axes of ${op} are computed.`);
  const numbers = 'data' in constant ? Array.from(constant.data, Number) : [constant.uniform];
  return g.node(op, [x!], outputs, { ...attributes, axes: numbers });
}
