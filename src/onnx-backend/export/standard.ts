import { OnnxError } from '../errors.ts';
import type { Graph } from '../graph.ts';
import { lower } from '../lowering/lower.ts';
import { gatherChannels } from '../passes/channels.ts';
import { foldPadding } from '../passes/padding.ts';
import { said } from '../../text/say.ts';

/** A recorded graph in ONNX's own operators alone, so that any runtime can run it. */
export function standardOperators(graph: Graph): Graph {
  const abilities = {
    block: null,
    hasMaxPlaces: true,
    hasFusedMatMul: false,
    copiesFactors: false,
    hasSines: true,
  };
  const standard = lower(gatherChannels(foldPadding(graph)), abilities);
  const other = standard.nodes.find(({ domain }) => domain !== '');
  if (other)
    throw new OnnxError(
      said('The operator {0}.{1} is not one of ONNX itself.', other.domain, other.op),
      said('This model cannot be exported as ONNX; --format safetensors has its weights.'),
      'not_standard',
    );
  return standard;
}
