import type { Graph } from '../graph.ts';
import { lower } from '../lowering/lower.ts';

/** All rewrites of a captured graph, in the order in which they help each other. */
export function optimize(graph: Graph): Graph {
  return lower(graph);
}
