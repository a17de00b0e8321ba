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
    halves ??= Float32Array.from({ length: 0x1_0000 }, (_, bits) => half(bits));
    for (let i = 0; i < data.length; i++) values[i] = halves[data[i] as number]!;
  } else for (let i = 0; i < data.length; i++) values[i] = Number(data[i]);
  return values;
}

/** What each 16 bits are in half precision, 256 KB; made when the first are read. */
let halves: Float32Array;

/** The value of 16 bits as IEEE 754 half precision. */
export function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The 16 bits of the half-precision number that is nearest to each value; of two equally near the even one, beyond 65504 infinity. */
export function toHalf(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const word = bits[i]!;
    const sign = (word >>> 16) & 0x8000;
    const size = word & 0x7fffffff;
    if (size >= 0x7f800000) halves[i] = sign | (size > 0x7f800000 ? 0x7e00 : 0x7c00);
    else if (size < 0x38800000)
      // Below the smallest normal half: a multiple of 2^-24.
      halves[i] = sign | roundedToEven(Math.abs(values[i]!) * 2 ** 24);
    // Rounding may carry into the exponent, and past the largest into infinity, which is how halves are ordered.
    else halves[i] = sign | Math.min(0x7c00, (size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
  }
  return halves;
}

function roundedToEven(value: number): number {
  const whole = Math.floor(value);
  const rest = value - whole;
  return rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole;
}
