import type { Graph } from '../graph.ts';
import { lower } from '../lowering/lower.ts';
import { gatherChannels } from './channels.ts';
import { foldPadding } from './padding.ts';
import { rewriteGraph } from './rewrite.ts';

/** All rewrites of a captured graph, in the order in which they help each other. `block`: see lowering/block-size.ts. */
export function optimize(graph: Graph, block: number | null): Graph {
  const gathered = gatherChannels(foldPadding(graph));
  return clean(lower(gathered, block));
}

/** Leaves out what nobody needs. Results are read as flat arrays, so the last reshape of one, which would be a copy, goes too. */
function clean(graph: Graph): Graph {
  const cleaned = rewriteGraph(graph, () => null);
  for (const output of cleaned.outputs) {
    const { node } = output.value;
    const source = node?.op === 'Reshape' ? node.inputs[0]! : null;
    if (source?.node) output.value = source;
  }
  return rewriteGraph(cleaned, () => null);
}
