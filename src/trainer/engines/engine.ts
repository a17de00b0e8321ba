import type * as tf from '@tensorflow/tfjs';
import type { EngineName } from '../../experiment/config.ts';
import type { ProviderTiming } from './provider-timing.ts';

/** An array that goes into a compiled function. One of 'uint8' is a float32 tensor in it: TensorFlow.js has none of bytes. */
export interface TensorSpec {
  shape: number[];
  dtype: 'float32' | 'int32' | 'uint8';
}

/** A pure function of tensors, written with TensorFlow.js operations: no reading of values, no randomness, no state. */
export type TensorFunction = (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>;

export type Values = Record<string, Float32Array | Int32Array>;

/** Arrays that a function is given. */
export type Feeds = Record<string, Float32Array | Int32Array | Uint8Array>;

/** What computes: the same functions run on each. A process uses one at a time; `dispose` frees it. */
export interface Engine {
  name: EngineName;
  /** ONNX Runtime's execution provider; null for engines without such. */
  provider: string | null;
  device: string;
  threads: number;
  /** Why this one. */
  why: string;
  /** What was measured when its provider was chosen; empty where nothing was. */
  measured: readonly ProviderTiming[];
  /** Operators of the functions compiled so far that its device has no kernel for, so that the processor computes them, and how often. */
  leftToProcessor: ReadonlyMap<string, number>;
  /**
   * Fails with a HumanError when the engine cannot run the function. Outputs that have an array in `into` are written there: several compiled
   * functions may share it.
   */
  compile(fn: TensorFunction, specs: Record<string, TensorSpec>, into?: Values): Promise<CompiledFunction>;
  /** Memory of a device that arrays can stay in between runs; null where all arrays lie in the host's. */
  openDevice: (() => Device) | null;
  dispose(): void;
}

/** Arrays by name in a device's memory, and functions that work on them there. */
export interface Device {
  /** Bytes that have gone to the device and come back. */
  traffic: Readonly<{ up: number; down: number }>;
  upload(arrays: Values, shapes: Record<string, readonly number[]>): void;
  /** Copies uploaded arrays into `into`, as they are now. */
  download(into: Values): void;
  /**
   * Inputs that are on the device are read there; outputs that `stays` holds of stay there, under their names; the others come back. Fails as
   * `Engine.compile` does.
   */
  compile(
    fn: TensorFunction,
    specs: Record<string, TensorSpec>,
    stays: (output: string) => boolean,
  ): Promise<DeviceFunction>;
  /** Inside of a function that it compiles: the mask that follows from a key, an int32 [1]. See `DropoutMasks`. */
  randomMask(key: tf.Tensor, mask: RandomMask): tf.Tensor;
  dispose(): void;
}

/** Random numbers of which some give 0 and the others `kept`. */
export interface RandomMask {
  shape: readonly number[];
  /** What the state grows by from one number to the next; the key is the state before the first. */
  increment: number;
  /** Numbers below it, of 2^32, give 0. */
  limit: number;
  kept: number;
}

export interface DeviceFunction extends CompiledFunction {
  /** The outputs that stay on the device, and their shapes. */
  kept: Readonly<Record<string, readonly number[]>>;
}

/** A function for fixed shapes. `run` takes an array per spec and gives one per output; feeds are not kept after it returns. */
export interface CompiledFunction {
  run(feeds: Feeds): Promise<Values>;
  dispose(): void;
}
