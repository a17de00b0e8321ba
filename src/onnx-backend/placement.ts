import { ByteBuffer } from 'flatbuffers';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unread } from './early-end.ts';

/**
 * ONNX Runtime gives operators that a provider has no kernel for to the processor, and says so in its log alone. A session that forbids this
 * is made first; where that is refused, one that allows it, which writes the graph with each node's provider into a file.
 */
export function countingProcessorNodes<T>(load: (options: object) => T, counts: Map<string, number>): T {
  try {
    return load({ logSeverityLevel: 4, extra: { session: { disable_cpu_ep_fallback: '1' } } });
  } catch (error) {
    if (!isLeftToProcessor(error)) throw error;
  }
  const folder = mkdtempSync(join(tmpdir(), 'tandem-graph-'));
  const file = join(folder, 'placed.ort');
  try {
    const loaded = load({ optimizedModelFilePath: file });
    for (const operator of processorNodes(readFileSync(file)))
      counts.set(operator, (counts.get(operator) ?? 0) + 1);
    return loaded;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const isLeftToProcessor = (error: unknown): boolean =>
  error instanceof Error && /fallback to CPU EP has been explicitly disabled/.test(String(error.cause));

/** Operators of the nodes that run on the processor in a graph of ONNX Runtime's own format. */
function processorNodes(file: Uint8Array): string[] {
  const buffer = new ByteBuffer(file);
  const root = buffer.readInt32(0);
  const graph = table(buffer, table(buffer, root, fields.session.model), fields.model.graph);
  const operators: string[] = [];
  for (const node of entries(buffer, graph, fields.graph.nodes).map((at) => buffer.__indirect(at))) {
    const outputs = entries(buffer, node, fields.node.outputs).map((at) => buffer.__string(at));
    if (text(buffer, node, fields.node.provider) === 'CPUExecutionProvider' && !outputs.includes(unread))
      operators.push(text(buffer, node, fields.node.operator));
  }
  return operators;
}

/** Where the tables of ONNX Runtime's `ort.fbs` (version 6 of its format) have the fields that are read: 4 and two for each field before. */
const fields = {
  session: { model: 6 },
  model: { graph: 18 },
  graph: { nodes: 8 },
  node: { operator: 14, provider: 18, outputs: 22 },
};

function table(buffer: ByteBuffer, at: number, field: number): number {
  return buffer.__indirect(at + offset(buffer, at, field));
}

/** Positions of a vector's entries; none where it is left out. */
function entries(buffer: ByteBuffer, at: number, field: number): number[] {
  const vector = buffer.__offset(at, field);
  if (vector === 0) return [];
  const first = buffer.__vector(at + vector);
  return Array.from({ length: buffer.__vector_len(at + vector) }, (_, i) => first + 4 * i);
}

/** '' where it is left out. */
function text(buffer: ByteBuffer, at: number, field: number): string {
  const place = buffer.__offset(at, field);
  return place === 0 ? '' : String(buffer.__string(at + place));
}

function offset(buffer: ByteBuffer, at: number, field: number): number {
  const place = buffer.__offset(at, field);
  if (place === 0) throw new Error('the graph that ONNX Runtime has written is of another form');
  return place;
}
