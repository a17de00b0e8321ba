import { Tensor } from 'onnxruntime-common';
import { loadBinding, type NativeSession } from './binding.ts';
import { runtimeError } from './errors.ts';
import type { ElementType, Graph, TypedArray } from './graph.ts';
import { encodeModel } from './proto.ts';

export type Provider = 'cpu' | 'webgpu' | 'cuda';

export interface SessionSettings {
  provider: Provider;
  threads: number;
}

/** A value that goes into or comes out of a run. */
export interface Buffer {
  type: ElementType;
  shape: readonly number[];
  data: TypedArray;
}

/** A graph made ready to run. Owns native memory until `dispose`. */
export interface Session {
  /** Runs at once on this thread. `outputs` are written where they have memory, else get some. */
  run(feeds: Record<string, Buffer>, outputs: Record<string, Buffer | null>): Record<string, TypedArray>;
  dispose(): void;
}

/** Compiles a graph. Throws an OnnxError when ONNX Runtime refuses it or memory runs out. */
export function createSession(graph: Graph, { provider, threads }: SessionSettings): Session {
  const bytes = encodeModel(graph);
  const native = loadBinding().createSession();
  try {
    native.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      enableCpuMemArena: true,
      enableMemPattern: true,
      logSeverityLevel: 3,
    });
  } catch (error) {
    throw runtimeError(error, 'load');
  }
  return { run: (feeds, outputs) => run(native, feeds, outputs), dispose: () => native.dispose() };
}

function run(
  native: NativeSession,
  feeds: Record<string, Buffer>,
  outputs: Record<string, Buffer | null>,
): Record<string, TypedArray> {
  try {
    const given = mapValues(feeds, toTensor);
    const wanted = mapValues(outputs, (output) => (output ? toTensor(output) : null));
    const results = native.run(given, wanted, {});
    return mapValues(results, (tensor) => tensor.data as TypedArray); // no strings or float16 in our graphs
  } catch (error) {
    throw runtimeError(error, 'run');
  }
}

const toTensor = ({ type, shape, data }: Buffer): Tensor =>
  new Tensor(type as 'float32', data as Float32Array, shape); // the constructor checks type against data

function mapValues<T, U>(record: Record<string, T>, map: (value: T) => U): Record<string, U> {
  const result: Record<string, U> = {};
  for (const key of Object.keys(record)) result[key] = map(record[key]!);
  return result;
}
