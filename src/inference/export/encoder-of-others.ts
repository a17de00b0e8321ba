import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { OnnxError } from '../../onnx-backend/errors.ts';
import { olderOperators } from '../../onnx-backend/export/older-operators.ts';
import { exportGraph, type ExportInput } from '../../onnx-backend/export/export.ts';
import { elementTypes, Graph, type ElementType, type Value } from '../../onnx-backend/graph.ts';
import { insideName, joinModels } from '../../onnx-backend/join/join.ts';
import { readSignature } from '../../onnx-backend/join/read-signature.ts';
import { encodeModel, type Dimensions } from '../../onnx-backend/proto.ts';
import {
  shapesOf,
  type LoadedModel,
  type ModelInput,
  type OutputShapes,
} from '../../trainer/frozen/transformers.ts';
import { said } from '../../text/say.ts';
import type { OnnxSource } from '../../weights/onnx-files.ts';

/** One side of a model as a file, and the files that weights of it lie in beside it: their sources by name. */
export interface OnnxFile {
  bytes: Uint8Array;
  beside: ReadonlyMap<string, string>;
}

/** What stands around an encoder of others. */
export interface Around {
  /** Inputs of the file. */
  inputs: Record<string, { type: ElementType; shape: readonly (number | string)[] }>;
  /** What the encoder takes of the name, made of these; its type is brought to what the encoder wants. */
  before: (g: Graph, inputs: Record<string, Value>, name: string) => Value;
  /** The output of the encoder that is taken; it comes as `inputs[insideName(output)]`. */
  output: string;
  shape: readonly (number | string)[];
  /** Inputs of the file that are wanted again, after the encoder. */
  again: Record<string, ExportInput>;
  after: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>;
  /** What a size is at most. */
  most?: Readonly<Record<string, number>>;
}

export type ModelArrays = Record<string, { shape: readonly number[]; data: Float32Array }>;

/** An encoder of others and what of a model stands around it as one ONNX model `name`, in the operators' version of the encoder's. */
export async function joinedFile(
  name: string,
  source: OnnxSource,
  around: Around,
  arrays: ModelArrays,
): Promise<OnnxFile> {
  const [file, ...data] = source.files as [string, ...string[]];
  const middle = await readFile(file);
  const { opset, inputs, outputs } = readSignature(middle);
  const { output, shape, again, after, most } = around;
  const taken = { shape, dtype: 'float32', fileType: typeOf(outputs.get(output), file) } as const;
  const end = await exportGraph(after, { [insideName(output)]: taken, ...again }, arrays, most);
  const encoded = (graph: Graph, dimensions: Dimensions): Uint8Array =>
    encodeModel(olderOperators(graph, opset), { dimensions, standard: opset });
  const types = new Map([...inputs].map(([input, type]) => [input, typeOf(type, file)]));
  const dimensions = new Map(Object.entries(around.inputs).map(([input, { shape: own }]) => [input, own]));
  const renamed = (old: string): string => {
    const own = basename(old);
    // Of the other side's file there may be one of the same name.
    return own.includes(basename(file)) ? own.replace(basename(file), name) : `${name}_${own}`;
  };
  return {
    bytes: joinModels(
      {
        before: encoded(beginning(around, types), dimensions),
        middle,
        after: encoded(end.graph, end.dimensions),
      },
      renamed,
    ),
    beside: new Map(data.map((path) => [renamed(path), path])),
  };
}

/** From the inputs of the file to those of the encoder. */
function beginning({ inputs, before }: Around, types: ReadonlyMap<string, ElementType>): Graph {
  const g = new Graph();
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, { type, shape }]) => [
      name,
      g.input(
        name,
        type,
        shape.map((size) => (typeof size === 'string' ? 0 : size)),
      ),
    ]),
  );
  for (const [name, type] of types) {
    const made = before(g, values, name);
    const value =
      made.type === type ? made : g.node1('Cast', [made], type, made.shape, { to: elementTypes[type] });
    g.outputs.push({ name: insideName(name), value });
  }
  return g;
}

function typeOf(number: number | undefined, file: string): ElementType {
  const found = Object.entries(elementTypes).find(([, known]) => known === number);
  if (found) return found[0] as ElementType;
  throw new OnnxError(
    said('{0} takes or gives numbers of a kind ({1}) that is not known here.', file, String(number)),
    said('Export the encoder with float32 or float16.'),
    'not_exported',
  );
}

/** Where an encoder is looked at. */
export const onProcessor = { threads: 1, provider: 'cpu' };

/** The shapes of what an encoder gives for one input. */
export async function probed(
  loading: Promise<LoadedModel>,
  input: Record<string, ModelInput>,
): Promise<OutputShapes> {
  const model = await loading;
  try {
    return shapesOf(await model.run(input));
  } finally {
    await model.dispose();
  }
}
