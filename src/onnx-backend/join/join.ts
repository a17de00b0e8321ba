import { graphInside, signature, type Renaming } from './names.ts';
import { changed, field, leftOut } from './wire.ts';

/** A model that was trained elsewhere, what stands before it and what after it, each as the bytes of an ONNX model. */
export interface Parts {
  before: Uint8Array;
  /** Of others: its versions of operators hold for all. */
  middle: Uint8Array;
  after: Uint8Array;
}

const before = 'before/';
const middle = 'encoder/';
const after = 'after/';

/** What a value of the middle model is called in the whole: so `before` names its outputs and `after` its inputs. */
export const insideName = (name: string): string => middle + name;

/**
 * One model of three: the inputs are those of `before`, the outputs those of `after`, which may also take inputs of `before`. `file`: what the
 * files that the middle one's weights lie in are called beside the whole.
 */
export function joinModels(parts: Parts, file: (name: string) => string): Uint8Array {
  const graphs = {
    before: graphOf(parts.before),
    middle: graphOf(parts.middle),
    after: graphOf(parts.after),
  };
  const outer = new Set([...namesIn(graphs.before), ...namesIn(graphs.after)]);
  const own = (prefix: string): Renaming => ({ name: (name) => (outer.has(name) ? name : prefix + name) });
  const graph = [
    ...field(2, [Buffer.from('tandem')]),
    ...signature(graphs.before, 'inputs'),
    ...graphInside(graphs.before, own(before)),
    ...graphInside(graphs.middle, { name: insideName, file }),
    ...graphInside(graphs.after, own(after)),
    ...signature(graphs.after, 'outputs'),
  ];
  return Buffer.concat([...changed(parts.middle, { 7: leftOut }), ...field(7, graph)]);
}

function graphOf(model: Uint8Array): Uint8Array {
  let graph: Uint8Array | null = null;
  changed(model, { 7: (content) => ((graph = content), null) });
  if (!graph) throw new Error('The model has no graph.');
  return graph;
}

/** Names of a graph's inputs and outputs. */
function namesIn(graph: Uint8Array): string[] {
  const names: string[] = [];
  const valueInfo = (content: Uint8Array): null => {
    changed(content, { 1: (text) => (names.push(Buffer.from(text).toString('utf8')), null) });
    return null;
  };
  changed(graph, { 11: valueInfo, 12: valueInfo });
  return names;
}
