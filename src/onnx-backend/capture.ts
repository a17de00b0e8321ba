import * as tf from '@tensorflow/tfjs';
import type { Tensor } from 'onnxruntime-common';
import { onnxBackend, type OnnxBackend } from './backend.ts';
import { OnnxError } from './errors.ts';
import { Graph, sizeOf, type TypedArray } from './graph.ts';
import { abilitiesOf } from './lowering/abilities.ts';
import { optimize } from './passes/optimize.ts';
import { cast } from './ops/elementwise.ts';
import { countNodes, filled } from './proto.ts';
import {
  createDeviceSession,
  createWriter,
  type Buffer,
  type SessionSettings,
  type Writer,
} from './session.ts';
import type { DeviceArrays } from './device-arrays.ts';
import { said } from '../text/say.ts';

/** An array that is fed. One of 'uint8' is a float32 tensor in the function. */
export interface CaptureSpec {
  shape: number[];
  dtype: 'float32' | 'int32' | 'uint8';
}

type Feeds = Record<string, Float32Array | Int32Array | Uint8Array>;

/** A function of tensors that can be captured: plain tfjs, tf.grads inside it included. */
export type CapturableFunction = (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>;

/** A function compiled for fixed shapes. */
export interface Captured {
  /**
   * Runs it on the arrays of `feeds`, which are read where they are. The arrays that come back are the same ones at
   * each run: they hold until the next one.
   */
  run(feeds: Feeds): Promise<Record<string, Float32Array | Int32Array>>;
  /** Operators in the compiled graph, and milliseconds of recording and of compiling it. */
  stats: { nodes: number; traceMs: number; sessionMs: number };
  dispose(): void;
}

/**
 * Runs `fn` once on tensors without numbers, records what it computes, and compiles that as one graph. What `fn` draws
 * at random or reads from outside becomes part of the graph: let it come in as an input. Throws an OnnxError that names
 * the kernel when one is missing or a result is read. Results that have an array in `into` are written there.
 */
export async function captureFunction(
  fn: CapturableFunction,
  specs: Record<string, CaptureSpec>,
  into: Record<string, Float32Array | Int32Array> = {},
): Promise<Captured> {
  const backend = onnxBackend();
  const start = performance.now();
  const graph = optimize(await record(backend, fn, specs), abilitiesOf(backend.settings));
  const traced = performance.now();
  const writer = createWriter(graph, backend.settings);
  const stats = { nodes: countNodes(graph), traceMs: traced - start, sessionMs: performance.now() - traced };
  return { ...runner(graph, writer, specs, into, backend.settings), stats };
}

/** A function compiled for arrays that lie on the device. */
export interface CapturedOnDevice {
  /** Runs it on the arrays of `feeds` and those on the device. What stays there takes its place; the other results come back. */
  run(feeds: Feeds): Record<string, TypedArray>;
  /** The results that stay on the device, and their shapes. */
  kept: Record<string, readonly number[]>;
  dispose(): void;
}

/**
 * The same for a device: inputs that `arrays` has are read there, and results that `stays` holds of stay there, under their names. Host memory is
 * read and written for the rest only.
 */
export async function captureOnDevice(
  fn: CapturableFunction,
  specs: Record<string, CaptureSpec>,
  arrays: DeviceArrays,
  stays: (result: string) => boolean,
): Promise<CapturedOnDevice> {
  const backend = onnxBackend();
  const recorded = await record(backend, fn, specs);
  const outputs = recorded.outputs.map(({ name }) => name);
  const keptOutputs = recorded.outputs.filter(({ name }) => stays(nameOf(name)));
  const kept = new Set(keptOutputs.map(({ name }) => name));
  const graph = optimize(recorded, abilitiesOf(backend.settings), kept);
  const session = createDeviceSession(graph, backend.settings, kept);
  return {
    run(feeds) {
      const given: Parameters<typeof session.run>[0] = {};
      for (const { name } of graph.inputs) {
        if (arrays.has(name)) given[name] = arrays.tensor(name);
        else {
          const fed = feed(name, feeds[name], specs[name]!, backend.settings);
          given[name] = fed;
          arrays.traffic.up += fed.data.byteLength;
        }
      }
      const values: Record<string, TypedArray> = {};
      for (const [name, result] of Object.entries(session.run(given, outputs))) {
        const ownName = nameOf(name);
        if (kept.has(name)) arrays.replace(ownName, result as Tensor, session);
        else {
          values[ownName] = result as TypedArray;
          arrays.traffic.down += values[ownName].byteLength;
        }
      }
      return values;
    },
    kept: Object.fromEntries(keptOutputs.map(({ name, value }) => [nameOf(name), value.shape])),
    dispose: () => arrays.end(session),
  };
}

/** A result's own name. */
const nameOf = (output: string): string => output.slice('out:'.length);

/** What the function computes for these sizes, before any rewriting. */
export async function record(
  backend: OnnxBackend,
  fn: CapturableFunction,
  specs: Record<string, CaptureSpec>,
): Promise<Graph> {
  const before = tf.getBackend();
  const graph = new Graph();
  await tf.setBackend('onnx');
  backend.begin(graph);
  try {
    tf.tidy(() => {
      const inputs: Record<string, tf.Tensor> = {};
      for (const [name, { shape, dtype }] of Object.entries(specs)) {
        const type = dtype === 'uint8' ? 'float32' : dtype;
        const value = cast(graph, graph.input(name, fedAs(dtype, backend.settings), shape), type);
        inputs[name] = tf
          .engine()
          .makeTensorFromTensorInfo(backend.holdSymbol(value, `the input ${name}`, type));
      }
      const results = fn(inputs);
      for (const name in results)
        graph.outputs.push({ name: `out:${name}`, value: backend.valueIn(graph, results[name]!) });
      tf.dispose(results); // also those that fn kept
    });
  } catch (error) {
    throw named(error);
  } finally {
    backend.end();
    if (before && before !== 'onnx') await tf.setBackend(before);
  }
  return graph;
}

/** tfjs's complaint about a kernel that is not there, in our words. */
function named(error: unknown): unknown {
  const kernel =
    error instanceof Error ? /Kernel '(\w+)' not registered/.exec(error.message)?.[1] : undefined;
  if (!kernel) return error;
  return new OnnxError(
    said('The onnx engine has no kernel {0}, which the model uses.', kernel),
    said(
      'Choose another engine (train.engine: tensorflow or cpu), or build the model from other operations.',
    ),
    'missing_kernel',
    { cause: error },
  );
}

function runner(
  graph: Graph,
  writer: Writer,
  specs: Record<string, CaptureSpec>,
  into: Record<string, Float32Array | Int32Array>,
  settings: SessionSettings,
): Omit<Captured, 'stats'> {
  const used = new Set(graph.inputs.map(({ name }) => name));
  const outputs: Record<string, Buffer> = {};
  const results: Record<string, Float32Array | Int32Array> = {};
  for (const { name, value } of graph.outputs) {
    const ownName = nameOf(name);
    const data = into[ownName] ?? filled(value.type, sizeOf(value.shape), 0);
    outputs[name] = { type: value.type, shape: value.shape, data };
    results[ownName] = data as Float32Array | Int32Array; // booleans come as bytes
  }
  return {
    run: async (feeds) => {
      const given: Record<string, Buffer> = {};
      for (const [name, spec] of Object.entries(specs)) {
        const fed = feed(name, feeds[name], spec, settings);
        if (used.has(name)) given[name] = fed;
      }
      writer.write(given, outputs);
      return results;
    },
    dispose: () => writer.dispose(),
  };
}

/** As what an array goes into the graph: WebGPU computes nothing on bytes. */
const fedAs = (dtype: CaptureSpec['dtype'], { provider }: SessionSettings): CaptureSpec['dtype'] =>
  dtype === 'uint8' && provider === 'webgpu' ? 'float32' : dtype;

const arrayTypes = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array };

function feed(
  name: string,
  data: TypedArray | undefined,
  { dtype, shape }: CaptureSpec,
  settings: SessionSettings,
): Buffer {
  const size = sizeOf(shape);
  if (data instanceof arrayTypes[dtype] && data.length === size) {
    const type = fedAs(dtype, settings);
    return { type, shape, data: type === dtype ? data : new Float32Array(data) };
  }
  const got = data ? `a ${data.constructor.name} of ${data.length}` : 'nothing';
  throw new OnnxError(
    said(
      'The input {0} of a captured function is {1}, not {2} of {3} ([{4}]).',
      name,
      got,
      dtype,
      size,
      shape.join(),
    ),
    said('Feed the shapes that it was captured for, or capture it again.'),
    'bad_feed',
  );
}
