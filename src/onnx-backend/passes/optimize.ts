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

/** Leaves out what nobody needs. */
const clean = (graph: Graph): Graph => rewriteGraph(graph, () => null);
