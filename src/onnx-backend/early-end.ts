import { OnnxError } from './errors.ts';
import { elementTypes, type Graph, type Node, type Value } from './graph.ts';
import type { Model } from './proto.ts';

/*
 * When a run has ended, onnxruntime-node 1.30 copies each output into a new array, also those that were written into memory which it
 * was given: 60 ms for the gradients of 25 million weights, a tenth of a small BERT's step and 4% of ResNet-50's, and garbage of as many
 * bytes. It stops at the first output of a type that it does not know. So a writer's model has such a one, `unread`, before the others,
 * and its runs end in the error that says so, when all is computed and written.
 *
 * Releases after 1.30 do not copy: then this file goes. A release that knows the type would copy again. Tests fail in both cases.
 */

/** The output that ends a run. */
export const unread = 'unread';

const zero: Value = { name: 'unread/zero', type: 'float32', shape: [], node: null, constant: { uniform: 0 } };
const node: Node & { outputs: Value[] } = {
  op: 'Cast',
  domain: '',
  inputs: [zero],
  attributes: { to: elementTypes.bfloat16 },
  outputs: [],
};
const value: Value = { name: unread, type: 'bfloat16', shape: [], node, constant: null };
node.outputs.push(value);

/** The graph with `unread` before its outputs. */
export const endingEarly = ({ inputs, nodes, outputs }: Graph): Model => ({
  inputs,
  nodes: [...nodes, node],
  outputs: [{ name: unread, value }, ...outputs],
});

/** Whether a run ended at `unread`: everything is written. */
export const isWritten = (error: unknown): boolean =>
  error instanceof OnnxError && /Tensor type \(16\) is not supported/.test(String(error.cause));
