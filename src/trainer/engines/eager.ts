import * as tf from '@tensorflow/tfjs';
import type { CompiledFunction, TensorFunction, TensorSpec, Values } from './engine.ts';

/** Runs the function operation by operation on the TensorFlow.js backend of that name: nothing is compiled. */
export function eagerFunction(
  backend: string,
  fn: TensorFunction,
  specs: Record<string, TensorSpec>,
  into: Values = {},
): CompiledFunction {
  return {
    async run(feeds) {
      if (tf.getBackend() !== backend) await tf.setBackend(backend);
      const inputs: Record<string, tf.Tensor> = {};
      let outputs: Record<string, tf.Tensor> = {};
      try {
        for (const [name, { shape, dtype }] of Object.entries(specs)) {
          const values = feeds[name];
          if (!values) throw new Error(`no values for the input ${name}`);
          inputs[name] =
            dtype === 'uint8' ? tf.tensor(new Float32Array(values), shape) : tf.tensor(values, shape, dtype);
        }
        outputs = tf.tidy(() => fn(inputs));
        const results: Values = {};
        // The cpu backend hands out its own arrays, also the ones fed: an output that is an input must not alias it.
        for (const name in outputs) {
          const values = outputs[name]!.dataSync() as Float32Array | Int32Array;
          into[name]?.set(values);
          results[name] = into[name] ?? values.slice();
        }
        return results;
      } finally {
        tf.dispose(outputs);
        tf.dispose(inputs);
      }
    },
    dispose() {},
  };
}
