import type { Graph } from '../graph.ts';
import { lower } from '../lowering/lower.ts';
import { gatherChannels } from './channels.ts';
import { foldPadding } from './padding.ts';
import { rewriteGraph } from './rewrite.ts';

/** All rewrites of a captured graph, in the order in which they help each other. `block`: see lowering/block-size.ts. */
export function optimize(graph: Graph, block: number | null): Graph {
  const lowered = lower(gatherChannels(foldPadding(graph)), block);
  flattenOutputs(lowered);
  return clean(lowered);
}

/** Results are read as flat arrays: the last reshape of one, which would be a copy, is left out. */
function flattenOutputs(graph: Graph): void {
  for (const output of graph.outputs) {
    const { node } = output.value;
    const source = node?.op === 'Reshape' ? node.inputs[0]! : null;
    if (source?.node) output.value = source;
  }
}

/** Leaves out what nobody needs. */
const clean = (graph: Graph): Graph => rewriteGraph(graph, () => null);
