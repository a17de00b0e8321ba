import { changed, field, inside, leftOut, texts, type Change, type Pieces } from './wire.ts';

/** How a model's names and the files of its weights change when it becomes a part of another. */
export interface Renaming {
  /** Of values and operators. */
  name: (name: string) => string;
  /** Of files beside the model that weights lie in. */
  file?: (name: string) => string;
}

/** A model's graph, to be joined with others: without inputs and outputs, names changed. Numbers of fields are onnx.proto3's. */
export const graphInside = (graph: Uint8Array, renaming: Renaming): Pieces =>
  changed(graph, { ...graphChanges(renaming), 2: leftOut, 11: leftOut, 12: leftOut });

/** The inputs or outputs of a graph, as they are. */
export const signature = (graph: Uint8Array, which: 'inputs' | 'outputs'): Pieces => {
  const wanted = which === 'inputs' ? 11 : 12;
  const found: Uint8Array[] = [];
  changed(graph, {
    [wanted]: (content) => {
      found.push(...field(wanted, [content]));
      return null;
    },
  });
  return found;
};

/** Also of graphs inside operators (If, Loop), which see the names around them. */
function graphChanges(renaming: Renaming): Record<number, Change> {
  const name = texts((old) => (old === '' ? '' : renaming.name(old))); // '' is an optional input that is left out
  const tensor = inside({ 8: name, 13: externalData(renaming) });
  const valueInfo = inside({ 1: name });
  const graph: Change = (content) => changed(content, graphChanges(renaming));
  const attribute = inside({ 5: tensor, 6: graph, 11: graph });
  return {
    1: inside({ 1: name, 2: name, 3: name, 5: attribute }),
    5: tensor,
    11: valueInfo,
    12: valueInfo,
    13: valueInfo,
    14: inside({ 1: name, 2: inside({ 2: name }) }), // quantization: names of scales and zero points
    15: inside({ 1: tensor }), // sparse weights
  };
}

/** Where a tensor's numbers lie: pairs of a key and its text. */
function externalData({ file }: Renaming): Change {
  return (content) => {
    let key = '';
    changed(content, { 1: (text) => ((key = Buffer.from(text).toString('utf8')), null) });
    return changed(content, file && key === 'location' ? { 2: texts(file) } : {});
  };
}
