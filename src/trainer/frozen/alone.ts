import type { FrozenEncoder } from './frozen-encoder.ts';

/**
 * One input at a time. An encoder in whole numbers (dynamic quantization) chooses its steps by all that it is given at once, so that what it makes
 * of an input depends on what stands beside it in a batch; alone it does not.
 */
export function alone<Input extends Float32Array | Int32Array>(
  encoder: FrozenEncoder<Input>,
): FrozenEncoder<Input> {
  return {
    ...encoder,
    key: [encoder.key, 'alone'].join(' '),
    batch: 1,
    async compute(inputs) {
      let width = 0;
      const each: Float32Array[] = [];
      for (const input of inputs) {
        const features = await encoder.compute([input]);
        width = features.width;
        each.push(...features.each);
      }
      return { width, each };
    },
  };
}
