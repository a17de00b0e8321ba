import * as tf from '@tensorflow/tfjs';
import type { Graph, Value } from '../graph.ts';
import { sizeOf } from '../graph.ts';
import { add, cast, compare, div, mul, scalar, where } from '../ops/elementwise.ts';
import { kernel, type KernelTable } from './kernel.ts';

/** What `RandomMask` takes beside its `key`, the state before the first number. */
export interface RandomMask {
  shape: readonly number[];
  /** What the state grows by from one number to the next. */
  increment: number;
  /** Numbers below it, of 2^32, give 0, the others `kept`. */
  limit: number;
  kept: number;
}

/** The mask in a function that is being captured for WebGPU. */
export const randomMask = (key: tf.Tensor, mask: RandomMask): tf.Tensor =>
  tf.engine().runKernel('RandomMask', { key }, { ...mask, shape: [...mask.shape] });

/**
 * Random numbers made where they are used: a kernel of our own. Its arithmetic is of 32 bits without sign and wraps round, which WebGPU's
 * operators do and the processor's do not have.
 */
export const random: KernelTable = {
  RandomMask: kernel<'key', RandomMask>((g, { key }, { shape, increment, limit, kept }) => {
    const state = states(g, cast(g, key, 'uint32'), shape, increment);
    const below = compare(g, 'Less', mixed(g, state), scalar(g, 'uint32', limit));
    return where(g, below, scalar(g, 'float32', 0), scalar(g, 'float32', kept));
  }),
};

/** key + (i + 1) increment for each place i of the shape: what its first axes add, then what its last ones do. */
function states(g: Graph, key: Value, shape: readonly number[], increment: number): Value {
  const axis = shape.findIndex((_, at) => sizeOf(shape.slice(0, at + 1)) ** 2 >= sizeOf(shape)) + 1;
  const [first, last] = [shape.slice(0, axis), shape.slice(axis)];
  const steps = (sides: readonly number[], step: number, start: number) =>
    Uint32Array.from({ length: sizeOf(sides) }, (_, i) => start + Math.imul(i, step));
  const rows = steps(first, Math.imul(increment, sizeOf(last)), increment);
  const start = add(g, key, g.constant('uint32', [...first, ...last.map(() => 1)], rows));
  return add(g, start, g.constant('uint32', last, steps(last, increment, 0)));
}

/** Three rounds of Widynski's "Squares" (2020) on 32 bits: x^2 + the state, halves exchanged. */
function mixed(g: Graph, state: Value): Value {
  const half = scalar(g, 'uint32', 0x1_0000);
  const squared = (x: Value): Value => add(g, mul(g, x, x), state);
  const exchanged = (x: Value): Value => add(g, div(g, x, half), mul(g, x, half));
  return squared(exchanged(squared(exchanged(squared(state)))));
}
