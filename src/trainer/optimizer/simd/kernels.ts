import {
  abs,
  add,
  addF64,
  addPairs,
  andNot,
  assemble,
  div,
  f32,
  forEachFour,
  get,
  laneF64,
  lessThan,
  load,
  lowerAsF64,
  mul,
  mulPairs,
  set,
  splat,
  sqrt,
  store,
  sub,
  sum,
  upperHalf,
  type Code,
  type WasmFunction,
} from './assemble.ts';

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
  compiled ??= new WebAssembly.Module(assemble([adamwCode(), decayCode(), squareSumCode()]));
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

/**
 * Moments smaller than this are taken as zero. They change no weight (the root of the second stands beside eps), but decay
 * into numbers below float32's normal range, which processors work on a hundred times more slowly.
 */
const leastMoment = 1e-36;

function adamwCode(): WasmFunction {
  const [parameter, gradient, first, second, length] = [0, 1, 2, 3, 4];
  const at = 5 + scalars.length;
  const vectors = Object.fromEntries(scalars.map((name, index) => [name, at + 1 + index]));
  const [g, m, v] = [1, 2, 3].map((place) => at + scalars.length + place) as [number, number, number];
  const four = (name: (typeof scalars)[number]): Code => get(vectors[name]!);
  const here = (array: number): Code => sum(get(array), get(at));
  const flushed = (moment: number): Code =>
    set(moment, andNot(get(moment), lessThan(abs(get(moment)), splat(f32(leastMoment)))));
  const change = div(mul(four('stepSize'), get(m)), add(mul(sqrt(get(v)), four('root')), four('eps')));
  return {
    name: 'adamw',
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32', ...scalars.map(() => 'f32' as const)],
    locals: ['i32', ...scalars.map(() => 'v128' as const), 'v128', 'v128', 'v128'],
    body: [
      ...scalars.flatMap((name, index) => set(vectors[name]!, splat(get(5 + index)))),
      ...forEachFour(at, length, [
        ...set(g, mul(load(here(gradient)), four('factor'))),
        ...set(m, add(mul(load(here(first)), four('beta1')), mul(get(g), four('share1')))),
        ...flushed(m),
        ...set(v, add(mul(load(here(second)), four('beta2')), mul(mul(get(g), get(g)), four('share2')))),
        ...flushed(v),
        ...store(here(first), get(m)),
        ...store(here(second), get(v)),
        // Both small terms first: each alone may be lost beside the weight.
        ...store(
          here(parameter),
          sub(load(here(parameter)), add(mul(load(here(parameter)), four('decay')), change)),
        ),
      ]),
    ],
  };
}

function decayCode(): WasmFunction {
  const [parameter, length, share, at] = [0, 1, 2, 3];
  const here = sum(get(parameter), get(at));
  return {
    name: 'decay',
    parameters: ['i32', 'i32', 'f32'],
    locals: ['i32'],
    body: forEachFour(
      at,
      length,
      // + 0 as in the update: of -0 nothing is taken away
      store(here, sub(load(here), add(mul(load(here), splat(get(share))), splat(f32(0))))),
    ),
  };
}

function squareSumCode(): WasmFunction {
  const [address, length, at, four, pair, lower, upper] = [0, 1, 2, 3, 4, 5, 6];
  const addSquares = (total: number, numbers: Code): Code => [
    ...set(pair, lowerAsF64(numbers)),
    ...set(total, addPairs(get(total), mulPairs(get(pair), get(pair)))),
  ];
  return {
    name: 'squareSum',
    parameters: ['i32', 'i32'],
    result: 'f64',
    locals: ['i32', 'v128', 'v128', 'v128', 'v128'],
    body: [
      ...forEachFour(at, length, [
        ...set(four, load(sum(get(address), get(at)))),
        ...addSquares(lower, get(four)),
        ...addSquares(upper, upperHalf(get(four))),
      ]),
      ...set(lower, addPairs(get(lower), get(upper))),
      ...addF64(laneF64(get(lower), 0), laneF64(get(lower), 1)),
    ],
  };
}
