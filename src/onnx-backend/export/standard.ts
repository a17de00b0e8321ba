import { OnnxError } from '../errors.ts';
import type { Graph, Node, Value } from '../graph.ts';
import { lower } from '../lowering/lower.ts';
import { swapLast } from '../ops/matmul.ts';
import { gatherChannels } from '../passes/channels.ts';
import { foldPadding } from '../passes/padding.ts';
import { rewriteGraph } from '../passes/rewrite.ts';

/** A recorded graph in ONNX's own operators alone, so that any runtime can run it. */
export function standardOperators(graph: Graph): Graph {
  const lowered = lower(gatherChannels(foldPadding(graph)), { block: null, hasMaxPlaces: true });
  const standard = rewriteGraph(lowered, (g, node, inputs) =>
    node.op === 'FusedMatMul' ? plainMatMul(g, node, inputs as [Value, Value]) : null,
  );
  const other = standard.nodes.find(({ domain }) => domain !== '');
  if (other)
    throw new OnnxError(
      `The operator ${other.domain}.${other.op} is not one of ONNX itself.`,
      'This model cannot be exported as ONNX; --format safetensors has its weights.',
      'not_standard',
    );
  return standard;
}

function plainMatMul(g: Graph, { attributes, outputs }: Node, [a, b]: [Value, Value]): Value {
  const { type, shape } = outputs[0]!;
  const [first, second] = [
    attributes['transA'] ? swapLast(g, a) : a,
    attributes['transB'] ? swapLast(g, b) : b,
  ];
  return g.node1('MatMul', [first, second], type, shape);
}
