import { elementTypes, sameShape, sizeOf, type Graph, type Value } from '../graph.ts';
import { filled } from '../proto.ts';
import type { Size } from './sizes.ts';

/** Constants of captures that differ by the sizes of the inputs, as values that are computed from those sizes. */
export class SymbolicValues {
  private readonly symbols = new Map<string, Value>();
  private readonly known = new Map<string, Value>();

  constructor(
    private readonly g: Graph,
    /** The size whose values in the captures are these; throws when there is none. */
    private readonly sizeOf: (values: readonly number[]) => Size,
  ) {}

  /** The sizes that this input tells. */
  addInput(input: Value, shape: readonly (number | string)[]): void {
    shape.forEach((size, axis) => {
      if (typeof size !== 'string' || this.symbols.has(size)) return;
      const one = this.g.node1('Shape', [input], 'int64', [1], { start: axis, end: axis + 1 });
      this.symbols.set(size, one);
    });
  }

  /** One constant, as each capture has it. */
  constant(values: readonly Value[]): Value {
    const { g } = this;
    const [first] = values as [Value];
    const { type, shape, constant } = first;
    const isSame = values.every((value) => sameShape(value.shape, shape) && sameData(value, first));
    if (isSame && 'uniform' in constant!) return g.uniform(type, shape, constant.uniform);
    if (isSame) return g.constant(type, shape, dataOf(first));
    if (values.every(({ constant: other }) => 'uniform' in other! && other.uniform === numberOf(first)))
      return g.node1('Expand', [g.uniform(type, [], numberOf(first)), this.shapeOf(values)], type, shape);
    const columns = values.map((value) => Array.from(dataOf(value), Number));
    if (shape.length === 1 && columns.every((column) => column.every((number, at) => number === at)))
      return this.counting(values);
    if (!values.every((value) => sameShape(value.shape, shape)))
      throw new Error(`A constant of shape [${shape.join()}] differs by size in an unknown way.`);
    const sizes = columns[0]!.map((_, at) => this.size(this.sizeOf(columns.map((column) => column[at]!))));
    return this.cast(this.joined(sizes), type);
  }

  /** 0, 1, 2, ... up to a size. */
  private counting(values: readonly Value[]): Value {
    const { g } = this;
    const end = g.node1('Squeeze', [this.shapeOf(values)], 'int64', []);
    const [start, step] = [g.uniform('int64', [], 0), g.uniform('int64', [], 1)];
    return this.cast(g.node1('Range', [start, end, step], 'int64', values[0]!.shape), values[0]!.type);
  }

  private shapeOf(values: readonly Value[]): Value {
    return this.joined(
      values[0]!.shape.map((_, axis) => this.size(this.sizeOf(values.map(({ shape }) => shape[axis]!)))),
    );
  }

  private joined(sizes: readonly Value[]): Value {
    if (sizes.length === 1) return sizes[0]!;
    return this.g.node1('Concat', sizes, 'int64', [sizes.length], { axis: 0 });
  }

  /** A size as a vector of one. */
  private size(size: Size): Value {
    const key = JSON.stringify(size);
    const found = this.known.get(key);
    if (found) return found;
    const { g } = this;
    const one = (number: number): Value => g.uniform('int64', [1], number);
    const terms = size.map(({ factor, symbols }) => {
      const values = symbols.map((name) => this.symbols.get(name)!);
      if (factor !== 1 || values.length === 0) values.push(one(factor));
      return values.reduce((product, value) => g.node1('Mul', [product, value], 'int64', [1]));
    });
    const sum = terms.length === 0 ? one(0) : terms.reduce((a, b) => g.node1('Add', [a, b], 'int64', [1]));
    this.known.set(key, sum);
    return sum;
  }

  private cast(x: Value, type: Value['type']): Value {
    return type === 'int64' ? x : this.g.node1('Cast', [x], type, x.shape, { to: elementTypes[type] });
  }
}

const numberOf = ({ constant }: Value): number =>
  'uniform' in constant! ? constant.uniform : Number(constant!.data[0]);

/** A small constant's numbers. */
function dataOf({ type, shape, constant }: Value) {
  return 'data' in constant! ? constant.data : filled(type, sizeOf(shape), constant!.uniform);
}

function sameData(a: Value, b: Value): boolean {
  if ('uniform' in a.constant! && 'uniform' in b.constant!)
    return Object.is(a.constant.uniform, b.constant.uniform);
  const [own, other] = [dataOf(a), dataOf(b)];
  return own.length === other.length && own.every((value, at) => value === other[at]);
}
