import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { createOnnxBackend } from '../../src/onnx-backend/backend.ts';
import { captureFunction, type CaptureSpec } from '../../src/onnx-backend/capture.ts';
import type { Provider } from '../../src/onnx-backend/session.ts';

type Data = Float32Array | Int32Array;
export type Named<T> = Record<string, T>;
export interface Input {
  shape: number[];
  dtype: 'float32' | 'int32';
  data: Data;
}
export type TensorFunction = (inputs: Named<tf.Tensor>) => Named<tf.Tensor>;

let provider: Provider = 'cpu';

/** What the tests compute on that are declared from now on. */
export function computeOn(other: Provider): void {
  provider = other;
}

export const setUp = (): Promise<unknown> => createOnnxBackend({ provider, threads: 1 });

/** How many examples of a property are tried: fewer on a device, where each compiles its own programs. */
export const runs = (numRuns: number) => ({ numRuns: provider === 'cpu' ? numRuns : Math.ceil(numRuns / 3) });

/** Small reproducible numbers: uniform in [low, high). */
export function numbers(seed: number, shape: number[], low = -1, high = 1): Input {
  const random = mulberry(seed);
  const data = Float32Array.from({ length: size(shape) }, () => low + (high - low) * random());
  return { shape, dtype: 'float32', data };
}

export function integers(seed: number, shape: number[], low: number, high: number): Input {
  const random = mulberry(seed);
  const data = Int32Array.from({ length: size(shape) }, () => low + Math.floor((high - low) * random()));
  return { shape, dtype: 'int32', data };
}

/**
 * The function's results on tfjs's cpu backend, eagerly on ours (on the processor alone, which is who uses it so), and captured as one graph, must agree. Both sides round to float32 (6e-8 of
 * the largest value) in another order: sums of up to a thousand products, a few operations one after the other and ONNX Runtime's approximations
 * of exp, erf and tanh (some 1e-6) stay below 1e-4 of a tensor's largest value. A wrong kernel is off in the first digit.
 */
export async function check(fn: TensorFunction, inputs: Named<Input>, tolerance = 1e-4): Promise<void> {
  const expected = await runOn('cpu', fn, inputs);
  if (provider === 'cpu') compare(await runOn('onnx', fn, inputs), expected, tolerance, 'eager');
  compare(await runCaptured(fn, inputs), expected, tolerance, 'captured');
}

/**
 * The same for fn and its gradients by every float input, with a fixed pattern as the gradient of each output, so that
 * no symmetry hides an error.
 */
export function checkGradients(
  fn: (inputs: Named<tf.Tensor>) => tf.Tensor,
  inputs: Named<Input>,
  tolerance = 1e-4,
) {
  const names = Object.keys(inputs).filter((name) => inputs[name]!.dtype === 'float32');
  return check(
    (given) => {
      const loss = (...floats: tf.Tensor[]): tf.Scalar => {
        const y = fn({ ...given, ...Object.fromEntries(names.map((name, i) => [name, floats[i]!])) });
        const pattern = tf.tensor(numbers(7, y.shape, 0.5, 1.5).data, y.shape);
        return tf.sum(tf.mul(y, pattern)) as tf.Scalar;
      };
      const gradients = tf.grads(loss)(names.map((name) => given[name]!));
      return { y: fn(given), ...Object.fromEntries(names.map((name, i) => [`d${name}`, gradients[i]!])) };
    },
    inputs,
    tolerance,
  );
}

export async function runOn(
  backend: string,
  fn: TensorFunction,
  inputs: Named<Input>,
): Promise<Named<tf.TensorInfo & { data: Data }>> {
  await tf.setBackend(backend);
  const results = tf.tidy(() => fn(tensors(inputs)));
  const read = Object.entries(results).map(([name, tensor]) => {
    const data = tensor.dataSync().slice() as Data;
    tensor.dispose();
    return [name, { shape: tensor.shape, dtype: tensor.dtype, dataId: {}, data }] as const;
  });
  return Object.fromEntries(read);
}

export async function runCaptured(fn: TensorFunction, inputs: Named<Input>): Promise<Named<{ data: Data }>> {
  const specs: Named<CaptureSpec> = {};
  for (const [name, { shape, dtype }] of Object.entries(inputs)) specs[name] = { shape, dtype };
  const captured = await captureFunction(fn, specs);
  const results = await captured.run(feeds(inputs));
  captured.dispose();
  return Object.fromEntries(Object.entries(results).map(([name, data]) => [name, { data }]));
}

const feeds = (inputs: Named<Input>): Named<Data> =>
  Object.fromEntries(Object.entries(inputs).map(([name, { data }]) => [name, data]));

function tensors(inputs: Named<Input>): Named<tf.Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { data, shape, dtype }]) => [
      name,
      tf.tensor(data.slice(), shape, dtype),
    ]),
  );
}

/** Shape and type first, then numbers, relative to the largest of the tensor. */
export function compare(
  actual: Named<{ data: Data; shape?: number[]; dtype?: string }>,
  expected: Named<{ data: Data; shape: number[]; dtype: string }>,
  tolerance: number,
  mode: string,
): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, { data, shape, dtype }] of Object.entries(expected)) {
    const got = actual[name]!;
    if (got.shape) expect({ name, shape: got.shape, dtype: got.dtype }).toEqual({ name, shape, dtype });
    expect(got.data.length, `${mode} ${name}`).toBe(data.length);
    const scale = Math.max(1e-3, ...data.map((x) => (Number.isFinite(x) ? Math.abs(x) : 0)));
    for (let i = 0; i < data.length; i++) {
      const [x, y] = [got.data[i]!, data[i]!];
      if (Object.is(x, y) || Math.abs(x - y) <= tolerance * scale) continue;
      expect.fail(`${mode} ${name}[${i}] of [${shape.join()}] is ${x}, tfjs cpu says ${y} (scale ${scale})`);
    }
  }
}

const size = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);

function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
