import protobuf from 'protobufjs';

/** What a model of others says of itself. */
export interface ModelSignature {
  /** The version of ONNX's own operators that it is written for. */
  opset: number;
  /** Element types of the inputs and outputs, by ONNX's numbers. */
  inputs: ReadonlyMap<string, number>;
  outputs: ReadonlyMap<string, number>;
}

/** Of onnx.proto3 only what is read here: weights are passed over. */
const schema = `
syntax = "proto3";
message TypeTensor { int32 elem_type = 1; }
message TypeProto { TypeTensor tensor_type = 1; }
message ValueInfoProto { string name = 1; TypeProto type = 2; }
message GraphProto { repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12; }
message OperatorSetIdProto { string domain = 1; int64 version = 2; }
message ModelProto { GraphProto graph = 7; repeated OperatorSetIdProto opset_import = 8; }
`;

const model = protobuf.parse(schema, { keepCase: true }).root.lookupType('ModelProto');

interface ValueInfo {
  name: string;
  type: { tensor_type: { elem_type: number } | null } | null;
}

export function readSignature(bytes: Uint8Array): ModelSignature {
  const { graph, opset_import: opsets } = model.toObject(model.decode(bytes), {
    longs: Number,
    defaults: true,
    arrays: true,
  }) as {
    graph: { input: ValueInfo[]; output: ValueInfo[] };
    opset_import: { domain: string; version: number }[];
  };
  const types = (values: ValueInfo[]): Map<string, number> =>
    new Map(values.map(({ name, type }) => [name, type?.tensor_type?.elem_type ?? 0]));
  return {
    opset: opsets.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 1,
    inputs: types(graph.input),
    outputs: types(graph.output),
  };
}
