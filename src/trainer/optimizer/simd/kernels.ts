import { code } from './kernels.wat';

/** The numbers of an AdamW update that are the same for all elements. */
export interface AdamwScalars {
  /** What the gradient is multiplied with. */
  factor: number;
  beta1: number;
  /** 1 - beta1 */
  share1: number;
  beta2: number;
  share2: number;
  /** Learning rate times weight decay. */
  decay: number;
  /** Learning rate, corrected for the bias of the first moment. */
  stepSize: number;
  /** What corrects the root of the second moment. */
  root: number;
  eps: number;
}

/**
 * Loops over float32 numbers, four at a time, in a memory of WebAssembly: V8 makes no such code of JavaScript, where they take three to
 * five times as long. Addresses and lengths are in bytes; a length is rounded up to a multiple of 16, so up to three numbers more are worked on.
 */
export interface Kernels {
  adamw(
    parameter: number,
    gradient: number,
    first: number,
    second: number,
    length: number,
    scalars: AdamwScalars,
  ): void;
  /** parameter -= parameter * share: what `adamw` does where gradient and moments are zero, to the same bit. */
  decay(parameter: number, length: number, share: number): void;
  /** In float64. */
  squareSum(address: number, length: number): number;
}

/** In the order of adamw's parameters. */
const scalars = [
  'factor',
  'beta1',
  'share1',
  'beta2',
  'share2',
  'decay',
  'stepSize',
  'root',
  'eps',
] as const satisfies (keyof AdamwScalars)[];

let compiled: WebAssembly.Module | null = null;

/** Kernels that work on the memory. */
export function kernelsOver(memory: WebAssembly.Memory): Kernels {
  compiled ??= new WebAssembly.Module(code);
  const { exports } = new WebAssembly.Instance(compiled, { own: { memory } });
  const [adamw, decay, squareSum] = ['adamw', 'decay', 'squareSum'].map(
    (name) => exports[name] as (...values: number[]) => number,
  ) as [(...values: number[]) => number, Kernels['decay'], Kernels['squareSum']];
  return {
    adamw: (parameter, gradient, first, second, length, values) =>
      void adamw(parameter, gradient, first, second, length, ...scalars.map((name) => values[name])),
    decay,
    squareSum,
  };
}
