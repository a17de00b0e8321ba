import type { Graph, Value } from '../graph.ts';

/** Inputs by tfjs's names; kernels of a list of tensors get them as '0', '1', ... in order. */
export type Inputs<K extends string = string> = Record<K, Value>;

/**
 * One tfjs kernel as ONNX nodes: called with the graph to add to, values for its input tensors (shapes and types known)
 * and the attributes that tfjs gave. The same description serves eager calls and captured graphs.
 */
export type Kernel = (g: Graph, inputs: Inputs, attributes: unknown) => Value | Value[];

export type KernelTable = Record<string, Kernel>;

/**
 * A kernel with its input names and attribute type written out. tfjs's registry is untyped at this border, so the
 * two casts stand here and nowhere else.
 */
export const kernel =
  <K extends string, A = object>(
    describe: (g: Graph, inputs: Inputs<K>, attributes: A) => Value | Value[],
  ): Kernel =>
  (g, inputs, attributes) =>
    describe(g, inputs, attributes as A);
