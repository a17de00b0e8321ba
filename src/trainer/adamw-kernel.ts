/** The numbers of an update that are the same for all elements, in the order in which the kernel takes them. */
const scalars = [
  'factor', // what the gradient is multiplied with
  'beta1',
  'share1', // 1 - beta1
  'beta2',
  'share2',
  'decay', // learning rate * weight decay
  'stepSize', // learning rate, corrected for the bias of the first moment
  'root', // corrects the root of the second moment
  'eps',
] as const;

export type KernelScalars = Record<(typeof scalars)[number], number>;

/** Elements that the kernel works on at a time: four arrays of them stay in the processor's cache. */
const blockLength = 4096;
const blockBytes = blockLength * 4;

/**
 * Moments smaller than this are taken as zero. They change no weight (the root of the second stands beside eps), but decay
 * into numbers below float32's normal range, which processors work on a hundred times more slowly.
 */
const leastMoment = 1e-36;

/** AdamW on float32 numbers, four at a time: V8 makes no such code from JavaScript, and the loop there takes three times as long. */
export interface AdamwKernel {
  blockLength: number;
  /** The block's elements, [blockLength] each: filled before `run`, and changed by it but for the gradient. */
  parameter: Float32Array;
  gradient: Float32Array;
  first: Float32Array;
  second: Float32Array;
  /** Updates the first `count` elements (and up to three after them, whose values mean nothing). */
  run(count: number, scalars: KernelScalars): void;
}

let kernel: AdamwKernel | null = null;

/** The one kernel of this process. */
export function adamwKernel(): AdamwKernel {
  kernel ??= createKernel();
  return kernel;
}

function createKernel(): AdamwKernel {
  const pages = Math.ceil((4 * blockBytes) / 65_536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()), { own: { memory } });
  const update = instance.exports['update'] as (end: number, ...values: number[]) => void;
  const array = (place: number): Float32Array =>
    new Float32Array(memory.buffer, place * blockBytes, blockLength);
  return {
    blockLength,
    parameter: array(0),
    gradient: array(1),
    first: array(2),
    second: array(3),
    run: (count, values) => update(count * 4, ...scalars.map((name) => values[name])),
  };
}

/** Bytes of WebAssembly. What an expression leaves on the stack is its value. */
type Code = readonly number[];

/** Parameters of the function: where the block ends in bytes, then the scalars; after them its local variables. */
const end = 0;
const at = 1 + scalars.length;
const vectorOf = (name: keyof KernelScalars): number => at + 1 + scalars.indexOf(name);
const [gradient, first, second] = [1, 2, 3].map((place) => at + scalars.length + place) as [
  number,
  number,
  number,
];

/** update(end, ...scalars): for each four elements up to `end` bytes, the lines of AdamW as they stand in the paper. */
function updateCode(): Code {
  const four = (name: keyof KernelScalars): Code => get(vectorOf(name));
  const least = splat(f32(leastMoment));
  const flushed = (vector: Code): Code => andNot(vector, lessThan(abs(vector), least));
  return [
    ...scalars.flatMap((name, index) => set(vectorOf(name), splat(get(1 + index)))),
    ...loop([
      ...set(gradient, mul(load(1), four('factor'))),
      ...set(first, add(mul(load(2), four('beta1')), mul(get(gradient), four('share1')))),
      ...set(first, flushed(get(first))),
      ...set(
        second,
        add(mul(load(3), four('beta2')), mul(mul(get(gradient), get(gradient)), four('share2'))),
      ),
      ...set(second, flushed(get(second))),
      ...store(2, get(first)),
      ...store(3, get(second)),
      ...store(
        0,
        sub(
          load(0),
          // Both small terms first: each alone may be lost beside the weight.
          add(
            mul(load(0), four('decay')),
            div(mul(four('stepSize'), get(first)), add(mul(sqrt(get(second)), four('root')), four('eps'))),
          ),
        ),
      ),
    ]),
  ];
}

/** https://webassembly.github.io/spec/core/binary: a module with that one function, which works on a memory that it is given. */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  const [i32, f32Type, v128] = [0x7f, 0x7d, 0x7b];
  const parameters = [i32, ...scalars.map(() => f32Type)];
  const locals = [2, 1, i32, scalars.length + 3, v128];
  const body = [...locals, ...updateCode(), 0x0b];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, parameters.length, ...parameters, 0]),
    ...section(2, [1, ...text('own'), ...text('memory'), 2, 0, 0]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text('update'), 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

const section = (id: number, content: Code): Code => [id, ...leb(content.length), ...content];
const text = (words: string): Code => [words.length, ...Buffer.from(words)];

const get = (local: number): Code => [0x20, local];
const set = (local: number, value: Code): Code => [...value, 0x21, local];
const f32 = (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)];

/** Four neighbours of the block's array `place` (0 parameter, 1 gradient, 2 and 3 the moments). */
const load = (place: number): Code => [...get(at), 0xfd, 0x00, 4, ...leb(place * blockBytes)];
const store = (place: number, value: Code): Code => [
  ...get(at),
  ...value,
  ...[0xfd, 0x0b, 4],
  ...leb(place * blockBytes),
];

const vector = (operation: number, ...operands: Code[]): Code => [
  ...operands.flat(),
  0xfd,
  ...leb(operation),
];
const splat = (value: Code): Code => vector(0x13, value);
const lessThan = (a: Code, b: Code): Code => vector(0x43, a, b);
const andNot = (a: Code, b: Code): Code => vector(0x4f, a, b);
const abs = (a: Code): Code => vector(0xe0, a);
const sqrt = (a: Code): Code => vector(0xe3, a);
const add = (a: Code, b: Code): Code => vector(0xe4, a, b);
const sub = (a: Code, b: Code): Code => vector(0xe5, a, b);
const mul = (a: Code, b: Code): Code => vector(0xe6, a, b);
const div = (a: Code, b: Code): Code => vector(0xe7, a, b);

/** Repeats the body for each 16 bytes until `at` reaches `end`. */
const loop = (body: Code): Code => [
  ...[0x03, 0x40],
  ...body,
  ...[...get(at), 0x41, 16, 0x6a, 0x22, at], // at += 16
  ...[...get(end), 0x49, 0x0d, 0], // again while at < end
  0x0b,
];

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
