/**
 * As much of WebAssembly as loops over float32 arrays need, written as expressions: what one leaves on the stack is its value.
 * Opcodes: https://webassembly.github.io/spec/core/binary/instructions.html
 */
export type Code = readonly number[];

export type ValueType = 'i32' | 'f32' | 'f64' | 'v128';

/** A function of a module; parameters and locals are numbered in this order, from 0. */
export interface WasmFunction {
  name: string;
  parameters: readonly ValueType[];
  result?: ValueType;
  locals: readonly ValueType[];
  body: Code;
}

const typeCodes: Record<ValueType, number> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** A module of these functions over the memory `own.memory`, which it is given. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters, result }) => [
    0x60,
    ...vector(parameters.map((type) => [typeCodes[type]])),
    ...vector(result ? [[typeCodes[result]]] : []),
  ]);
  const bodies = functions.map(({ locals, body }) => {
    const code = [...vector(locals.map((type) => [1, typeCodes[type]])), ...body, 0x0b];
    return [...leb(code.length), ...code];
  });
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types),
    ...section(2, [[...text('own'), ...text('memory'), 2, 0, 0]]),
    ...section(
      3,
      functions.map((_, index) => [index]),
    ),
    ...section(
      7,
      functions.map(({ name }, index) => [...text(name), 0, index]),
    ),
    ...section(10, bodies),
  ]);
}

export const get = (local: number): Code => [0x20, local];
export const set = (local: number, value: Code): Code => [...value, 0x21, local];
export const zero: Code = [0x41, 0];
export const sum = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const f32 = (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)];
export const addF64 = (a: Code, b: Code): Code => [...a, ...b, 0xa0];

/** Repeats the body while the local variable `at` (i32, 0 at first) is below `end`: it grows by 16, four float32. */
export const forEachFour = (at: number, end: number, body: Code): Code => [
  ...[0x03, 0x40],
  ...body,
  ...[...get(at), 0x41, 16, 0x6a, 0x22, at],
  ...[...get(end), 0x49, 0x0d, 0],
  0x0b,
];

/** Four float32 at an address, and arithmetic on them. */
export const load = (address: Code): Code => [...address, 0xfd, 0x00, 2, 0];
export const store = (address: Code, value: Code): Code => [...address, ...value, 0xfd, 0x0b, 2, 0];
export const splat = (value: Code): Code => simd(0x13, value);
export const lessThan = (a: Code, b: Code): Code => simd(0x43, a, b);
export const andNot = (a: Code, b: Code): Code => simd(0x4f, a, b);
export const abs = (a: Code): Code => simd(0xe0, a);
export const sqrt = (a: Code): Code => simd(0xe3, a);
export const add = (a: Code, b: Code): Code => simd(0xe4, a, b);
export const sub = (a: Code, b: Code): Code => simd(0xe5, a, b);
export const mul = (a: Code, b: Code): Code => simd(0xe6, a, b);
export const div = (a: Code, b: Code): Code => simd(0xe7, a, b);

/** Two of the four as float64, and arithmetic on those. */
export const lowerAsF64 = (a: Code): Code => simd(0x5f, a);
export const upperHalf = (a: Code): Code => [
  ...[...a, ...a, 0xfd, 0x0d],
  ...[8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7],
];
export const addPairs = (a: Code, b: Code): Code => simd(0xf0, a, b);
export const mulPairs = (a: Code, b: Code): Code => simd(0xf2, a, b);
export const laneF64 = (a: Code, lane: 0 | 1): Code => [...simd(0x21, a), lane];

const simd = (operation: number, ...operands: Code[]): Code => [...operands.flat(), 0xfd, ...leb(operation)];

const vector = (items: readonly Code[]): Code => [...leb(items.length), ...items.flat()];

function section(id: number, items: readonly Code[]): Code {
  const content = vector(items);
  return [id, ...leb(content.length), ...content];
}

const text = (words: string): Code => [words.length, ...Buffer.from(words)];

/** An unsigned number in as many bytes as it needs. */
function leb(value: number): Code {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const low = rest & 127;
    rest >>>= 7;
    bytes.push(rest ? low | 128 : low);
    if (!rest) return bytes;
  }
}
