import type { Graph, Node, Value } from '../graph.ts';
import { rewriteGraph } from '../passes/rewrite.ts';
import { lowerFilterGrad, lowerInputGrad } from './conv-grad.ts';
import { lowerAveragePoolGrad, lowerMaxPoolGrad } from './pool-grad.ts';

/** Replaces the operators of domain `tandem`, which ONNX Runtime does not know, by ones that it does. */
export function lower(graph: Graph): Graph {
  return rewriteGraph(graph, (g, node, inputs) =>
    node.domain === 'tandem' ? lowerNode(g, node, inputs as Value[]) : null,
  );
}

function lowerNode(g: Graph, node: Node, inputs: Value[]): Value {
  switch (node.op) {
    case 'ConvInputGrad':
      return lowerInputGrad(g, node, inputs as [Value, Value]);
    case 'ConvFilterGrad':
      return lowerFilterGrad(g, node, inputs as [Value, Value]);
    case 'MaxPoolGrad':
      return lowerMaxPoolGrad(g, node, inputs as [Value, Value]);
    case 'AveragePoolGrad':
      return lowerAveragePoolGrad(g, node, inputs as [Value]);
    default:
      throw new Error(`The operator ${node.op} has no lowering.`);
  }
}
