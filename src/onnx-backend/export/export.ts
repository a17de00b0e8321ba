import type { CapturableFunction, CaptureSpec } from '../capture.ts';
import { record } from '../capture.ts';
import { onnxBackend } from '../backend.ts';
import { OnnxError } from '../errors.ts';
import { elementTypes, Graph, type ElementType, type Value } from '../graph.ts';
import { encodeModel, opset, type Dimensions } from '../proto.ts';
import { sampleSizes } from './sample-sizes.ts';
import { captures, fit, valueOf, type Samples, type Size } from './sizes.ts';
import { standardOperators } from './standard.ts';
import { SymbolicValues } from './symbolic-values.ts';
import { said, type Said } from '../../text/say.ts';

/** An input of an exported model; a size with a name is whatever it is fed with. */
export interface ExportInput {
  shape: readonly (number | string)[];
  /** What the function takes. */
  dtype: 'float32' | 'int32';
  /** What the file's input takes, if not the same: tokenizers give 64-bit integers. */
  fileType?: ElementType;
}

export interface ExportedGraph {
  graph: Graph;
  dimensions: Dimensions;
}

/** The function as the bytes of an ONNX model: see `exportGraph`. */
export async function exportModel(...asked: Parameters<typeof exportGraph>): Promise<Uint8Array> {
  const { graph, dimensions } = await exportGraph(...asked);
  return encodeModel(graph, { dimensions, standard: opset, name: 'tandem' });
}

/**
 * The function as an ONNX graph in standard operators, with the arrays inside it. It is recorded with several sizes of each symbol; what differs between
 * the records is computed from the sizes of the inputs. Throws an OnnxError when that is not possible. `most`: what a symbol is at most.
 */
export async function exportGraph(
  fn: CapturableFunction,
  inputs: Record<string, ExportInput>,
  arrays: Record<string, { shape: readonly number[]; data: Float32Array }>,
  most: Readonly<Record<string, number>> = {},
): Promise<ExportedGraph> {
  const names = Object.values(inputs).flatMap(({ shape }) =>
    shape.filter((size) => typeof size === 'string'),
  );
  const symbols = [...new Set(names)];
  const { low, high, proof } = sampleSizes(symbols.map((name) => most[name] ?? Infinity));
  const samples: Samples = { symbols, low, high };
  const sizes = [...captures(samples), Object.fromEntries(symbols.map((name, i) => [name, proof[i]!]))];
  const graphs: Graph[] = [];
  for (const one of sizes)
    graphs.push(standardOperators(await record(onnxBackend(), fn, specsOf(inputs, arrays, one))));
  const [first, ...others] = graphs as [Graph, ...Graph[]];
  for (const other of others) checkAlike(first, other);

  const sizeOf = (values: readonly number[]): Size => {
    const size = fit(samples, values.slice(0, -1));
    if (size && valueOf(size, sizes.at(-1)!) === values.at(-1)) return size;
    throw cannot(said('a size is {0} for the sizes {1}', values.join(', '), JSON.stringify(sizes)));
  };
  const g = new Graph();
  const dimensions: Dimensions = new Map();
  const values = new Map<Value, Value>();
  const symbolic = new SymbolicValues(g, sizeOf);
  for (const [name, { shape, dtype, fileType = dtype }] of Object.entries(inputs)) {
    const input = g.input(
      name,
      fileType,
      shape.map((size) => (typeof size === 'string' ? 0 : size)),
    );
    dimensions.set(name, shape);
    symbolic.addInput(input, shape);
    const own = first.inputs.find((value) => value.name === name);
    if (own) values.set(own, fileType === dtype ? input : castTo(g, input, dtype));
  }
  for (const own of first.inputs) {
    const array = arrays[own.name];
    if (array)
      values.set(own, {
        name: own.name,
        type: 'float32',
        shape: [...array.shape],
        node: null,
        constant: { data: array.data },
      });
  }
  first.nodes.forEach((node, at) => {
    const moved = node.inputs.map((value, slot) => {
      if (!value) return null;
      const known = values.get(value);
      if (known) return known;
      return symbolic.constant(graphs.map((graph) => graph.nodes[at]!.inputs[slot]!));
    });
    const made = g.node(node.op, moved, node.outputs, node.attributes);
    node.outputs.forEach((output, i) => values.set(output, made[i]!));
  });
  first.outputs.forEach(({ name, value }, at) => {
    const plain = name.slice('out:'.length);
    g.outputs.push({ name: plain, value: values.get(value)! });
    dimensions.set(
      plain,
      value.shape.map((_, axis) =>
        nameOf(sizeOf(graphs.map((graph) => graph.outputs[at]!.value.shape[axis]!))),
      ),
    );
  });
  return { graph: g, dimensions };
}

function specsOf(
  inputs: Record<string, ExportInput>,
  arrays: Record<string, { shape: readonly number[] }>,
  sizes: Record<string, number>,
): Record<string, CaptureSpec> {
  const specs: Record<string, CaptureSpec> = {};
  for (const [name, { shape, dtype }] of Object.entries(inputs))
    specs[name] = { shape: shape.map((size) => (typeof size === 'string' ? sizes[size]! : size)), dtype };
  for (const [name, { shape }] of Object.entries(arrays))
    specs[name] = { shape: [...shape], dtype: 'float32' };
  return specs;
}

/** The same operators in the same order on the same values, whatever the sizes. */
function checkAlike(a: Graph, b: Graph): void {
  const placesOf = (graph: Graph): Map<Value, string> =>
    new Map([
      ...graph.inputs.map((value) => [value, value.name] as const),
      ...graph.nodes.flatMap((node, at) => node.outputs.map((value, i) => [value, `${at}.${i}`] as const)),
    ]);
  const [places, others] = [placesOf(a), placesOf(b)];
  const told = (graph: Graph, known: Map<Value, string>): string[] => [
    ...graph.nodes.map(
      ({ op, inputs, attributes }) =>
        `${op}(${inputs.map((value) => (value ? (known.get(value) ?? 'constant') : '')).join()})${JSON.stringify(attributes)}`,
    ),
    ...graph.outputs.map(({ name, value }) => `${name} = ${known.get(value) ?? 'constant'}`),
  ];
  const [own, other] = [told(a, places), told(b, others)];
  const at = own.findIndex((line, i) => line !== other[i]);
  if (own.length !== other.length || at >= 0)
    throw cannot(
      said(
        'it is computed in another way for other sizes ({0}, {1})',
        own[at] ?? said('the end'),
        other[at] ?? said('the end'),
      ),
    );
}

/** A name where the size is just that of an input; null where it is another or computed. */
function nameOf(size: Size): number | string | null {
  const [term] = size;
  if (size.length !== 1 || !term) return null;
  if (term.symbols.length === 0) return term.factor;
  return term.symbols.length === 1 && term.factor === 1 ? term.symbols[0]! : null;
}

const castTo = (g: Graph, x: Value, type: ElementType): Value =>
  g.node1('Cast', [x], type, x.shape, { to: elementTypes[type] });

const cannot = (why: Said): OnnxError =>
  new OnnxError(
    said('The model cannot be exported for any size: {0}.', why),
    said('Export its weights with --format safetensors.'),
    'not_exported',
  );
