import type * as tf from '@tensorflow/tfjs';

/** What one forward pass of a model's functions has at hand. */
export interface ForwardPass {
  /** Parameters and buffers, and the pass's other inputs (dropout masks), by name. */
  inputs: Record<string, tf.Tensor>;
  /** Training: dropout is on, and batch norm of a branch that learns uses the batch's own statistics. */
  training: boolean;
  /** `<layer>.batch_mean` and `<layer>.batch_var` (without bias) of each batch norm layer that used the batch's statistics. */
  statistics: Record<string, tf.Tensor>;
}

/** A pass that evaluates: no dropout, batch norm by its running statistics. */
export const evaluating = (inputs: Record<string, tf.Tensor>): ForwardPass => ({
  inputs,
  training: false,
  statistics: {},
});

/** The array of that name; a missing one is a mistake of ours. */
export function input(pass: ForwardPass, name: string): tf.Tensor {
  const tensor = pass.inputs[name];
  if (!tensor) throw new Error(`the pass has no input named ${name}`);
  return tensor;
}
