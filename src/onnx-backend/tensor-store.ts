import * as tf from '@tensorflow/tfjs';
import { OnnxError } from './errors.ts';
import type { Graph, TypedArray, Value } from './graph.ts';
import { said } from '../text/say.ts';

export type Dtype = 'float32' | 'int32' | 'bool';

interface Entry {
  dtype: Dtype;
  shape: readonly number[];
  refCount: number;
  /** Numbers in JavaScript's memory, or the value of a graph that is being captured. */
  content: { values: TypedArray } | { symbol: Value; kernel: string };
}

/**
 * The memory side of the backend: what stands behind each tensor. During a capture tensors stand for values of the
 * graph; numbers that enter it (weights of a constant, indices) become constants of the graph.
 */
export class TensorStore extends tf.KernelBackend {
  readonly #entries: tf.DataStorage<Entry>;

  constructor() {
    super();
    this.#entries = new tf.DataStorage(this, tf.engine());
  }

  /** Registers numbers under a new tensor. */
  hold(values: TypedArray, shape: readonly number[], dtype: Dtype): tf.TensorInfo {
    return this.#add({ dtype, shape, refCount: 1, content: { values } });
  }

  /** Registers a value of the graph that is being captured; `kernel` is named when somebody wants to read it. */
  holdSymbol(symbol: Value, kernel: string, dtype: Dtype): tf.TensorInfo {
    return this.#add({ dtype, shape: symbol.shape, refCount: 1, content: { symbol, kernel } });
  }

  /** The same memory under another shape. */
  share(tensor: tf.TensorInfo, shape: readonly number[]): tf.TensorInfo {
    this.incRef(tensor.dataId);
    return { dataId: tensor.dataId, shape: [...shape], dtype: tensor.dtype };
  }

  /** A tensor as a value of `graph`. */
  valueIn(graph: Graph, tensor: tf.TensorInfo): Value {
    const { content, dtype } = this.#entries.get(tensor.dataId);
    if ('symbol' in content) return content.symbol;
    return graph.constant(dtype, tensor.shape, content.values);
  }

  /** The numbers of a tensor; an error during a capture when it has none yet. */
  override readSync(dataId: tf.DataId): tf.BackendValues {
    const { content } = this.#entries.get(dataId);
    if ('values' in content) return content.values as tf.BackendValues;
    throw new OnnxError(
      said(
        'The result of {0} is read while the step is being captured, and it has no numbers yet.',
        content.kernel,
      ),
      said('Return it as an output of the captured function and read it after a run.'),
      'read_in_capture',
    );
  }

  override async read(dataId: tf.DataId): Promise<tf.BackendValues> {
    return this.readSync(dataId);
  }

  override write(values: tf.BackendValues | null, shape: number[], dtype: tf.DataType): tf.DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: tf.DataId,
    values: tf.BackendValues | null,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    const kind = knownDtype(dtype);
    const content = {
      values: typed(values ?? new Array<number>(tf.util.sizeFromShape(shape)).fill(0), kind),
    };
    this.#entries.set(dataId, { dtype: kind, shape, refCount, content });
  }

  override refCount(dataId: tf.DataId): number {
    return this.#entries.has(dataId) ? this.#entries.get(dataId).refCount : 0;
  }

  override incRef(dataId: tf.DataId): void {
    this.#entries.get(dataId).refCount++;
  }

  decRef(dataId: tf.DataId): void {
    if (this.#entries.has(dataId)) this.#entries.get(dataId).refCount--;
  }

  override disposeData(dataId: tf.DataId, force = false): boolean {
    if (!this.#entries.has(dataId)) return true;
    const entry = this.#entries.get(dataId);
    entry.refCount--;
    if (!force && entry.refCount > 0) return false;
    this.#entries.delete(dataId);
    return true;
  }

  override numDataIds(): number {
    return this.#entries.numDataIds();
  }

  #add(entry: Entry): tf.TensorInfo {
    const dataId = {};
    this.#entries.set(dataId, entry);
    return { dataId, shape: [...entry.shape], dtype: entry.dtype };
  }
}

function knownDtype(dtype: tf.DataType): Dtype {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new OnnxError(
    said('A tensor of type {0} was made.', dtype),
    said('The onnx engine computes with float32, int32 and bool.'),
    'missing_kernel',
  );
}

function typed(values: tf.BackendValues | number[], dtype: Dtype): TypedArray {
  if (dtype === 'float32')
    return values instanceof Float32Array ? values : Float32Array.from(values as number[]);
  if (dtype === 'int32') return values instanceof Int32Array ? values : Int32Array.from(values as number[]);
  return values instanceof Uint8Array ? values : Uint8Array.from(values as number[]);
}
