import type * as tf from '@tensorflow/tfjs';
import type { OnnxBackend } from './backend.ts';
import { Graph, type TypedArray, type Value } from './graph.ts';
import type { Inputs, Kernel } from './kernels/kernel.ts';
import { filled } from './proto.ts';
import { abilitiesOf } from './lowering/abilities.ts';
import { lower } from './lowering/lower.ts';
import { sizeOf } from './graph.ts';
import { createSession, type Buffer } from './session.ts';
import type { Dtype } from './tensor-store.ts';

/**
 * Runs one kernel at once, as a session of its few nodes. Sessions are kept by kernel, attributes, shapes and types.
 * Kernels that only rename memory run nothing.
 */
export function runEager(
  backend: OnnxBackend,
  name: string,
  kernel: Kernel,
  isView: boolean,
  inputs: tf.NamedTensorInfoMap,
  attributes: unknown,
): tf.TensorInfo | tf.TensorInfo[] {
  const given = Object.keys(inputs).filter((key) => inputs[key]);
  const graph = new Graph();
  if (isView) {
    const symbols = Object.fromEntries(given.map((key) => [key, symbol(graph, key, inputs[key]!)]));
    const view = kernel(graph, symbols, attributes) as Value;
    return backend.share(inputs[given[0]!]!, view.shape);
  }
  const key = JSON.stringify([name, attributes, given.map((k) => [k, inputs[k]!.dtype, inputs[k]!.shape])]);
  const eager = backend.eagerSessions.memo(key, {
    context: () => prepare(backend, kernel, graph, given, inputs, attributes),
  });
  const feeds: Record<string, Buffer> = {};
  for (const k of eager.fed) feeds[k] = bufferOf(backend, inputs[k]!);
  const results = eager.run(feeds);
  const held = results.map(({ type, shape, data }) => backend.hold(data, shape, type as Dtype));
  return eager.isList ? held : held[0]!;
}

/** A kernel ready to run on inputs of fixed shapes. */
export interface EagerSession {
  /** The inputs that matter to the result. */
  fed: string[];
  isList: boolean;
  run(feeds: Record<string, Buffer>): Buffer[];
  dispose(): void;
}

function prepare(
  backend: OnnxBackend,
  kernel: Kernel,
  graph: Graph,
  given: string[],
  inputs: tf.NamedTensorInfoMap,
  attributes: unknown,
): EagerSession {
  const symbols: Inputs = {};
  for (const key of given) symbols[key] = symbol(graph, key, inputs[key]!);
  const made = kernel(graph, symbols, attributes);
  const outputs = [made].flat();
  outputs.forEach((value, i) => graph.outputs.push({ name: `out${i}`, value }));
  const isList = Array.isArray(made);
  if (outputs.every((value) => value.constant)) {
    return { fed: [], isList, run: () => outputs.map(constantBuffer), dispose: () => undefined };
  }
  const { provider, threads } = backend.settings;
  const lowered = lower(graph, { ...abilitiesOf(backend.settings), block: null });
  const session = createSession(lowered, { provider, threads });
  const names = outputs.map((_, i) => `out${i}`);
  return {
    fed: lowered.inputs.map(({ name }) => name),
    isList,
    run: (feeds) => {
      const results = session.run(feeds, names);
      return outputs.map(({ type, shape }, i) => ({ type, shape, data: results[`out${i}`]! }));
    },
    dispose: () => session.dispose(),
  };
}

const symbol = (graph: Graph, key: string, { dtype, shape }: tf.TensorInfo): Value =>
  graph.input(key, dtype as Dtype, shape);

const bufferOf = (backend: OnnxBackend, { dataId, dtype, shape }: tf.TensorInfo): Buffer => ({
  type: dtype as Dtype,
  shape,
  data: backend.readSync(dataId) as TypedArray,
});

function constantBuffer({ type, shape, constant }: Value): Buffer {
  const data =
    constant && 'data' in constant
      ? constant.data.slice()
      : filled(type, sizeOf(shape), constant?.uniform ?? 0);
  return { type, shape, data };
}
