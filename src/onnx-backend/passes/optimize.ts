import type { Graph } from '../graph.ts';
import type { Abilities } from '../lowering/abilities.ts';
import { lower } from '../lowering/lower.ts';
import { gatherChannels } from './channels.ts';
import { foldPadding } from './padding.ts';
import { rewriteGraph } from './rewrite.ts';

/**
 * All rewrites of a captured graph, in the order in which they help each other. `shaped`: outputs whose
 * shape matters, since another graph takes them as they are.
 */
export function optimize(graph: Graph, abilities: Abilities, shaped: ReadonlySet<string> = new Set()): Graph {
  const lowered = lower(gatherChannels(foldPadding(graph)), abilities);
  flattenOutputs(lowered, shaped);
  return clean(lowered);
}

/** Results are read as flat arrays: the last reshape of one, which would be a copy, is left out. */
function flattenOutputs(graph: Graph, shaped: ReadonlySet<string>): void {
  for (const output of graph.outputs) {
    if (shaped.has(output.name)) continue;
    const { node } = output.value;
    const source = node?.op === 'Reshape' ? node.inputs[0]! : null;
    if (source?.node) output.value = source;
  }
}

/** Leaves out what nobody needs. */
const clean = (graph: Graph): Graph => rewriteGraph(graph, () => null);
