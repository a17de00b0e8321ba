/** Element types of safetensors files. F16 and BF16 are kept as their 16 bits; `toFloat32` widens them. */
export const tensorTypes = {
  F64: Float64Array,
  F32: Float32Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  I32: Int32Array,
  U32: Uint32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

export type TensorType = keyof typeof tensorTypes;
export type TensorData = InstanceType<(typeof tensorTypes)[TensorType]>;

/** Row-major. */
export interface Tensor {
  dtype: TensorType;
  shape: number[];
  data: TensorData;
}
export type Tensors = Record<string, Tensor>;

/** Values as 32-bit floats; the tensor's own array when it is one already. */
export function toFloat32(tensor: Tensor): Float32Array {
  const { dtype, data } = tensor;
  if (data instanceof Float32Array) return data;
  const values = new Float32Array(data.length);
  if (dtype === 'BF16') {
    const bits = new Uint32Array(values.buffer);
    for (let i = 0; i < data.length; i++) bits[i] = Number(data[i]) << 16;
  } else if (dtype === 'F16') {
    for (let i = 0; i < data.length; i++) values[i] = half(Number(data[i]));
  } else for (let i = 0; i < data.length; i++) values[i] = Number(data[i]);
  return values;
}

/** The value of 16 bits as IEEE 754 half precision. */
export function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
