import { HumanError } from '../../../protocol/human-error.ts';
import { kernelsOver, type Kernels } from './kernels.ts';
import { byteSize } from '../../../text/numbers.ts';
import { said } from '../../../text/say.ts';

/** What an optimizer works on of one parameter, in memory that its kernels reach; zeros at first. */
export interface TrainableArrays {
  parameter: Float32Array;
  gradient: Float32Array;
  first: Float32Array;
  second: Float32Array;
  kernels: Kernels;
}

/** Bytes of one memory at most; WebAssembly's own limit is 4 GiB. */
const memoryBytes = 2 ** 30;
const pageBytes = 65_536;

/**
 * Arrays for parameters of these sizes, by name: as many memories as they need. Each array has room for three numbers more, since kernels
 * take four at a time. Throws a HumanError `out_of_memory`.
 */
export function trainableArrays(sizes: ReadonlyMap<string, number>): Map<string, TrainableArrays> {
  const arrays = new Map<string, TrainableArrays>();
  let group: [name: string, size: number][] = [];
  let bytes = 0;
  const allot = (): void => {
    for (const [name, its] of allotted(group, bytes)) arrays.set(name, its);
    group = [];
    bytes = 0;
  };
  for (const [name, size] of sizes) {
    const more = 4 * roomOf(size);
    if (group.length > 0 && bytes + more > memoryBytes) allot();
    group.push([name, size]);
    bytes += more;
  }
  allot();
  return arrays;
}

function allotted(group: [name: string, size: number][], bytes: number): [string, TrainableArrays][] {
  const memory = allocate(bytes);
  const kernels = kernelsOver(memory);
  let at = 0;
  return group.map(([name, size]) => {
    const take = (): Float32Array => {
      const array = new Float32Array(memory.buffer, at, size);
      at += roomOf(size);
      return array;
    };
    return [
      name,
      { parameter: take(), gradient: take(), first: take(), second: take(), kernels },
    ] as const satisfies [string, TrainableArrays];
  });
}

function allocate(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / pageBytes);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (error) {
    throw new HumanError(
      said(
        'No memory for the optimizer: {0} could not be had ({1}).',
        byteSize(bytes),
        (error as Error).message,
      ),
      said('Choose smaller encoders, freeze one (train: frozen), or end other programs.'),
      'out_of_memory',
    );
  }
}

/** Bytes of an array. */
const roomOf = (size: number): number => Math.ceil(size / 4) * 16;
