import type { FeaturesConfig } from '../../experiment/config.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { toFloat32, toHalf } from '../../store/tensors.ts';
import { said } from '../../text/say.ts';

type FeatureType = FeaturesConfig['dtype'];

/** The largest number in half precision. */
const largestHalf = 65_504;

/** Bytes of so many numbers. */
export const recordBytes = (count: number, type: FeatureType): number => count * (type === 'fp16' ? 2 : 4);

/** Features as a record with room for `count` numbers; HumanError where one is not finite, or half precision cannot hold it. */
export function encoded(values: Float32Array, count: number, type: FeatureType, name: string): Uint8Array {
  if (!values.every(Number.isFinite))
    throw new HumanError(
      said('The encoder {0} gives NaN or Infinity: nothing can be learnt from that.', name),
      said(
        'If its numbers are halves, choose others (dtype: fp32); else its file is damaged: download or export it again.',
      ),
      'features_not_finite',
    );
  const record = new Uint8Array(recordBytes(count, type));
  if (type === 'fp32') record.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  else {
    if (values.some((value) => Math.abs(value) > largestHalf))
      throw new HumanError(
        said('Features of {0} are larger than {1}, which half precision cannot hold.', name, largestHalf),
        said('Set data.features.dtype to fp32.'),
        'features_too_large',
      );
    record.set(new Uint8Array(toHalf(values).buffer));
  }
  return record;
}

/** The first `count` numbers of a record. */
export function decoded(record: Uint8Array, count: number, type: FeatureType): Float32Array {
  const { buffer, byteOffset } = record;
  if (type === 'fp32') return new Float32Array(buffer, byteOffset, count);
  const bits = new Uint16Array(buffer as ArrayBuffer, byteOffset, count);
  return toFloat32({ dtype: 'F16', shape: [count], data: bits });
}
