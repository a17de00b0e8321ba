/**
 * Element types of values in a graph, with ONNX's numbers; tfjs uses the first three, uint32 is for random numbers, float16 is
 * what encoders of others may take and give, bfloat16 is never read (see early-end.ts).
 */
export const elementTypes = {
  float32: 1,
  int32: 6,
  bool: 9,
  int64: 7,
  uint8: 2,
  uint32: 12,
  float16: 10,
  bfloat16: 16,
} as const;

export type ElementType = keyof typeof elementTypes;

export type TypedArray = Float32Array | Int32Array | Uint8Array | Uint32Array | BigInt64Array;

/** A value that is known when the graph is built. `uniform` stands for a tensor of one repeated number. */
export type Constant = { data: TypedArray } | { uniform: number };

export type Attribute = number | string | { float: number } | readonly number[];

/** One tensor in a graph. `node` made it; graph inputs and constants have none. */
export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly node: Node | null;
  readonly constant: Constant | null;
}

/** One operator. `inputs` holds null where an optional input is left out. */
export interface Node {
  readonly op: string;
  /** '' is ONNX itself; others are com.microsoft and com.microsoft.nchwc. */
  readonly domain: string;
  readonly inputs: readonly (Value | null)[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly outputs: readonly Value[];
}

export interface OutputSpec {
  type: ElementType;
  shape: readonly number[];
}

/**
 * A graph under construction. Nodes are kept in topological order; a node that would compute what another one
 * already computes is not added again (common subexpressions), so building is also cleaning up.
 */
export class Graph {
  readonly inputs: Value[] = [];
  readonly nodes: Node[] = [];
  readonly outputs: { name: string; value: Value }[] = [];
  readonly #known = new Map<string, readonly Value[]>();
  readonly #constants = new Map<string, Value>();
  #count = 0;

  /** `prefix`: of the names that it gives, where values of another graph keep theirs. */
  constructor(private readonly prefix = '') {}

  /** Declares an input that is fed at each run. */
  input(name: string, type: ElementType, shape: readonly number[]): Value {
    const value: Value = { name, type, shape: [...shape], node: null, constant: null };
    this.inputs.push(value);
    return value;
  }

  /** A known tensor. Small equal constants are shared; an array of one repeated number is kept as that number. */
  constant(type: ElementType, shape: readonly number[], data: TypedArray): Value {
    if (isUniform(data)) return this.uniform(type, shape, Number(data[0]));
    const key = data.length <= 64 ? `${type}[${shape.join()}]${data.join()}` : null;
    return this.#constant(key, {
      name: this.#name('c'),
      type,
      shape: [...shape],
      node: null,
      constant: { data },
    });
  }

  /** A known tensor that repeats one number. */
  uniform(type: ElementType, shape: readonly number[], uniform: number): Value {
    const key = `${type}[${shape.join()}]=${Object.is(uniform, -0) ? '-0' : uniform}`;
    return this.#constant(key, {
      name: this.#name('c'),
      type,
      shape: [...shape],
      node: null,
      constant: { uniform },
    });
  }

  /** Adds an operator and gives its outputs back. */
  node(
    op: string,
    inputs: readonly (Value | null)[],
    outputs: readonly OutputSpec[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): readonly Value[] {
    const key = `${domain}.${op}(${inputs.map((value) => value?.name ?? '').join()})${JSON.stringify(attributes)}>${outputs.length}`;
    const known = this.#known.get(key);
    if (known) return known;
    const node = { op, domain, inputs: [...inputs], attributes, outputs: [] as Value[] };
    for (const { type, shape } of outputs) {
      node.outputs.push({ name: this.#name(op), type, shape: [...shape], node, constant: null });
    }
    this.nodes.push(node);
    this.#known.set(key, node.outputs);
    return node.outputs;
  }

  /** Adds an operator with one output. */
  node1(
    op: string,
    inputs: readonly (Value | null)[],
    type: ElementType,
    shape: readonly number[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): Value {
    return this.node(op, inputs, [{ type, shape }], attributes, domain)[0]!;
  }

  #constant(key: string | null, value: Value): Value {
    const known = key === null ? undefined : this.#constants.get(key);
    if (known) return known;
    if (key !== null) this.#constants.set(key, value);
    return value;
  }

  #name(prefix: string): string {
    return `${this.prefix}${prefix}_${this.#count++}`;
  }
}

/** Whether an array repeats one number (and -0 is not 0). */
function isUniform(data: TypedArray): boolean {
  const first = data[0];
  if (first === undefined || !Object.is(first, data[data.length - 1])) return false;
  for (let i = 1; i < data.length; i++) if (data[i] !== first) return false;
  return first !== 0 || data.every((x) => Object.is(x, first));
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);
