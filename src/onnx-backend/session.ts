import { Tensor } from 'onnxruntime-common';
import { loadBinding, type NativeSession } from './binding.ts';
import { runtimeError } from './errors.ts';
import { endingEarly, isWritten, unread } from './early-end.ts';
import type { ElementType, Graph, TypedArray } from './graph.ts';
import { countingProcessorNodes } from './placement.ts';
import { encodeModel, type Model } from './proto.ts';

export type Provider = 'cpu' | 'webgpu' | 'cuda';

export interface SessionSettings {
  provider: Provider;
  threads: number;
  /** Where graphs that are made ready count the operators that their provider leaves to the processor; absent: they are not looked for. */
  leftToProcessor?: Map<string, number>;
}

/** A value that goes into or comes out of a run. */
export interface Buffer {
  type: ElementType;
  shape: readonly number[];
  data: TypedArray;
}

interface Disposable {
  /** Frees the native memory. */
  dispose(): void;
}

/** A graph made ready to run. */
export interface Session extends Disposable {
  /** Runs at once on this thread; gives the outputs named. */
  run(feeds: Record<string, Buffer>, outputs: readonly string[]): Record<string, TypedArray>;
}

/** A graph made ready to run into memory that is there already. */
export interface Writer extends Disposable {
  /** Runs at once on this thread and writes all `outputs` where they have their memory. */
  write(feeds: Record<string, Buffer>, outputs: Record<string, Buffer>): void;
}

/** A graph made ready to run on arrays that lie on the device, and to leave some of its outputs there. */
export interface DeviceSession extends Disposable {
  /** Tensors are on the device. Gives the outputs named: those that stay on the device as tensors, the others as arrays. */
  run(
    feeds: Record<string, Buffer | Tensor>,
    outputs: readonly string[],
  ): Record<string, Tensor | TypedArray>;
}

/** The same for a device session; `kept` are the outputs that stay on the device. */
export function createDeviceSession(
  graph: Graph,
  settings: SessionSettings,
  kept: ReadonlySet<string>,
): DeviceSession {
  const places = graph.outputs.map(({ name }) => [name, kept.has(name) ? 'gpu-buffer' : 'cpu'] as const);
  const options = kept.size > 0 ? { preferredOutputLocation: Object.fromEntries(places) } : {};
  const native = load(graph, settings, options);
  return {
    run(feeds, outputs) {
      const wanted = Object.fromEntries(outputs.map((name) => [name, null]));
      const results = run(native, feeds, wanted);
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [
          name,
          kept.has(name) ? tensor : (tensor.data as TypedArray),
        ]),
      );
    },
    dispose: () => native.dispose(),
  };
}

/** Compiles a graph. Throws an OnnxError when ONNX Runtime refuses it or memory runs out. */
export function createSession(graph: Graph, settings: SessionSettings): Session {
  const native = load(graph, settings);
  return {
    run(feeds, outputs) {
      const wanted = Object.fromEntries(outputs.map((name) => [name, null]));
      const results = run(native, feeds, wanted);
      return mapValues(results, (tensor) => tensor.data as TypedArray); // no strings or float16 in our graphs
    },
    dispose: () => native.dispose(),
  };
}

/** The same for a writer, whose runs end early: see early-end.ts. */
export function createWriter(graph: Graph, settings: SessionSettings): Writer {
  const native = load(endingEarly(graph), settings);
  return {
    write(feeds, outputs) {
      try {
        run(native, feeds, { [unread]: null, ...mapValues(outputs, toTensor) });
      } catch (error) {
        if (!isWritten(error)) throw error;
      }
    },
    dispose: () => native.dispose(),
  };
}

/** Runs a whole model file once, on the processor. */
export function runModel(
  file: string,
  feeds: Record<string, Buffer>,
  outputs: readonly string[],
): Record<string, TypedArray> {
  // By its path: weights may lie in files beside it.
  const native = loadModel({ provider: 'cpu', threads: 1 }, (native, options) =>
    native.loadModel(file, options),
  );
  try {
    const results = run(native, feeds, Object.fromEntries(outputs.map((name) => [name, null])));
    return mapValues(results, (tensor) => tensor.data as TypedArray);
  } finally {
    native.dispose();
  }
}

/**
 * Whether graphs take their memory from malloc at each run instead of keeping some each. Each length of caption is a graph of its own, as
 * are those of micro-batches and of evaluation: kept apart, their memory adds up. Where the launcher told glibc to keep what is freed
 * (trainer-program.ts) all of them use one heap, and a step takes no longer; elsewhere malloc gives large blocks back to the system, and
 * each step would have to be given them anew, page by page.
 */
const sharesMalloc = (provider: Provider): boolean =>
  provider === 'cpu' && process.platform === 'linux' && process.env['MALLOC_TRIM_THRESHOLD_'] !== undefined;

function load(model: Model, settings: SessionSettings, options: object = {}): NativeSession {
  const bytes = encodeModel(model);
  const { provider, leftToProcessor } = settings;
  if (provider === 'cpu' || !leftToProcessor) return loadBytes(bytes, settings, options);
  return countingProcessorNodes(
    (more) => loadBytes(bytes, settings, { ...options, ...more }),
    leftToProcessor,
  );
}

const loadBytes = (bytes: Uint8Array, settings: SessionSettings, more: object = {}): NativeSession =>
  loadModel(settings, (native, options) =>
    native.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, { ...options, ...more }),
  );

function loadModel(
  { provider, threads }: SessionSettings,
  load: (native: NativeSession, options: object) => void,
): NativeSession {
  const native = loadBinding().createSession();
  try {
    load(native, {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      enableCpuMemArena: !sharesMalloc(provider),
      enableMemPattern: !sharesMalloc(provider),
      logSeverityLevel: 3,
    });
  } catch (error) {
    throw runtimeError(error, 'load');
  }
  return native;
}

function run(
  native: NativeSession,
  feeds: Record<string, Buffer | Tensor>,
  wanted: Record<string, Tensor | null>,
): Record<string, Tensor> {
  try {
    return native.run(mapValues(feeds, toTensor), wanted, {});
  } catch (error) {
    throw runtimeError(error, 'run');
  }
}

const toTensor = (value: Buffer | Tensor): Tensor =>
  'location' in value ? value : new Tensor(value.type as 'float32', value.data as Float32Array, value.shape); // the constructor checks type against data

function mapValues<T, U>(record: Record<string, T>, map: (value: T) => U): Record<string, U> {
  const result: Record<string, U> = {};
  for (const key of Object.keys(record)) result[key] = map(record[key]!);
  return result;
}
