import protobuf from 'protobufjs';
import type { Attribute, Constant, ElementType, Graph, TypedArray, Value } from './graph.ts';
import { elementTypes, sizeOf } from './graph.ts';

/** The part of ONNX's model format that we write (field numbers of onnx.proto3). */
const schema = `
syntax = "proto3";
message AttributeProto { string name = 1; float f = 2; int64 i = 3; bytes s = 4; repeated float floats = 7; repeated int64 ints = 8; int32 type = 20; }
message NodeProto { repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4; repeated AttributeProto attribute = 5; string domain = 7; }
message TensorProto { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
message TensorShapeProto { repeated Dimension dim = 1; }
message TypeTensor { int32 elem_type = 1; TensorShapeProto shape = 2; }
message TypeProto { TypeTensor tensor_type = 1; }
message ValueInfoProto { string name = 1; TypeProto type = 2; }
message GraphProto { repeated NodeProto node = 1; string name = 2; repeated TensorProto initializer = 5; repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12; }
message OperatorSetIdProto { string domain = 1; int64 version = 2; }
message ModelProto { int64 ir_version = 1; string producer_name = 2; GraphProto graph = 7; repeated OperatorSetIdProto opset_import = 8; }
`;

const model = protobuf.parse(schema, { keepCase: true }).root.lookupType('ModelProto');

/** The version of ONNX's own operators that models are written for. */
export const opset = 20;

const otherOpsets = [
  { domain: 'com.microsoft', version: 1 },
  { domain: 'com.microsoft.nchwc', version: 1 },
];

/** Uniform constants above this many elements are expanded at run time instead of being written out. */
const LARGEST_WRITTEN_UNIFORM = 1024;

/** What a model is made of. */
export type Model = Pick<Graph, 'inputs' | 'nodes' | 'outputs'>;

/** Sizes of inputs and outputs by their names: a number, the name of one that is not fixed, or null for one that is computed. */
export type Dimensions = Map<string, readonly (number | string | null)[]>;

export interface ModelOptions {
  /** Sizes that are not those of the values. */
  dimensions?: Dimensions;
  /** The operators are ONNX's own alone, of this version; otherwise those that this backend uses are named. */
  standard?: number;
  name?: string;
}

/** The graph as the bytes of an ONNX model. */
export function encodeModel(
  graph: Model,
  { dimensions = new Map(), standard, name: graphName = 'step' }: ModelOptions = {},
): Uint8Array {
  const initializers = new Map<string, object>();
  const nodes: object[] = [];
  const outputNames = nameOutputs(graph);
  const nameOf = (value: Value): string => outputNames.get(value) ?? value.name;
  const reference = (value: Value | null): string => {
    if (!value) return '';
    if (value.constant && !initializers.has(value.name)) {
      initializers.set(value.name, {});
      encodeConstant(value, value.constant, initializers, nodes);
    }
    return nameOf(value);
  };
  for (const node of graph.nodes) {
    const input = node.inputs.map(reference);
    nodes.push({
      input,
      output: node.outputs.map(nameOf),
      name: node.outputs[0]!.name,
      op_type: node.op,
      domain: node.domain,
      attribute: Object.entries(node.attributes).map(encodeAttribute),
    });
  }
  const output = graph.outputs.map(({ name, value }) => {
    if (outputNames.get(value) !== name) {
      nodes.push({ input: [reference(value)], output: [name], name: `${name}/out`, op_type: 'Identity' });
    }
    return valueInfo(name, value, dimensions);
  });
  return model
    .encode(
      model.fromObject({
        ir_version: 9,
        producer_name: 'tandem',
        graph: {
          name: graphName,
          node: nodes,
          initializer: [...initializers.values()].filter((tensor) => 'name' in tensor),
          input: graph.inputs.map((value) => valueInfo(value.name, value, dimensions)),
          output,
        },
        opset_import: [
          { domain: '', version: standard ?? opset },
          ...(standard === undefined ? otherOpsets : []),
        ],
      }),
    )
    .finish();
}

/** A computed output carries its own name; inputs, constants and values asked for twice are copied by Identity. */
function nameOutputs(graph: Model): Map<Value, string> {
  const names = new Map<Value, string>();
  for (const { name, value } of graph.outputs) {
    if (value.node && !names.has(value)) names.set(value, name);
  }
  return names;
}

/** How many operators the model has: a measure of what one run costs beside the arithmetic. */
export const countNodes = (graph: Graph): number => graph.nodes.length;

function encodeConstant(
  { name, type, shape }: Value,
  constant: Constant,
  initializers: Map<string, object>,
  nodes: object[],
): void {
  if ('data' in constant) {
    initializers.set(name, tensor(name, type, shape, constant.data));
    return;
  }
  const size = sizeOf(shape);
  if (size <= LARGEST_WRITTEN_UNIFORM) {
    initializers.set(name, tensor(name, type, shape, filled(type, size, constant.uniform)));
    return;
  }
  const scalar = `${name}/value`;
  const dims = `${name}/shape`;
  initializers.set(scalar, tensor(scalar, type, [], filled(type, 1, constant.uniform)));
  initializers.set(dims, tensor(dims, 'int64', [shape.length], BigInt64Array.from(shape, BigInt)));
  nodes.push({ input: [scalar, dims], output: [name], name, op_type: 'Expand' });
}

function tensor(name: string, type: ElementType, dims: readonly number[], data: TypedArray): object {
  return {
    name,
    dims: [...dims],
    data_type: elementTypes[type],
    raw_data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

/** A typed array of one repeated number. */
export function filled(type: ElementType, size: number, value: number): TypedArray {
  if (type === 'float32') return new Float32Array(size).fill(value);
  if (type === 'int32') return new Int32Array(size).fill(value);
  if (type === 'uint32') return new Uint32Array(size).fill(value);
  if (type === 'int64') return new BigInt64Array(size).fill(BigInt(value));
  return new Uint8Array(size).fill(value);
}

const valueInfo = (name: string, { type, shape }: Value, dimensions: Dimensions): object => ({
  name,
  type: {
    tensor_type: {
      elem_type: elementTypes[type],
      shape: { dim: (dimensions.get(name) ?? shape).map(dimension) },
    },
  },
});

function dimension(size: number | string | null): object {
  if (size === null) return {};
  return typeof size === 'number' ? { dim_value: size } : { dim_param: size };
}

function encodeAttribute([name, value]: [string, Attribute]): object {
  if (typeof value === 'number') return { name, i: value, type: 2 };
  if (typeof value === 'string') return { name, s: Buffer.from(value), type: 3 };
  if (Array.isArray(value)) return { name, ints: value, type: 7 };
  return { name, f: (value as { float: number }).float, type: 1 };
}
