import { HumanError } from '../../protocol/human-error.ts';
import { readSafetensors } from '../../store/safetensors.ts';
import { toFloat32, type Tensor } from '../../store/tensors.ts';
import type { Arrays, ParameterSpec } from '../model/parameter.ts';
import { nearestName, type Renaming } from './names.ts';
import type { WeightsSource } from '../../weights/source.ts';

/** Arrays of a source by our names without prefix, and how many of its arrays have no place in the encoder. */
export interface LoadedTensors {
  tensors: Map<string, Tensor>;
  leftOut: number;
}

export async function readWeights(source: WeightsSource, rename: Renaming): Promise<LoadedTensors> {
  const tensors = new Map<string, Tensor>();
  let leftOut = 0;
  for (const file of source.weightFiles) {
    const { tensors: read } = await readSafetensors(file);
    for (const [written, tensor] of Object.entries(read)) {
      const name = rename(written);
      if (name === null) leftOut++;
      else tensors.set(name, tensor);
    }
  }
  return { tensors, leftOut };
}

/**
 * The arrays of the specs (whose names begin with `prefix`) from what was read. HumanError `weights_mismatch` that names the first array that
 * is missing or has another shape, how many there are, and what the file has instead.
 */
export function takeWeights(
  specs: readonly ParameterSpec[],
  prefix: string,
  { tensors }: LoadedTensors,
  source: WeightsSource,
  encoder: string,
): Arrays {
  const arrays: Arrays = {};
  const wrong: string[] = [];
  for (const spec of specs) {
    const name = spec.name.slice(prefix.length);
    const found = tensors.get(name);
    if (!found) {
      const near = nearestName(name, tensors.keys());
      wrong.push(`it has no ${name}${near ? ` (nearest: ${near})` : ''}`);
    } else if (found.shape.join() !== spec.shape.join())
      wrong.push(`${name} is [${found.shape.join(', ')}] and not [${spec.shape.join(', ')}]`);
    else arrays[spec.name] = toFloat32(found);
  }
  if (wrong.length > 0)
    throw new HumanError(
      `The weights ${source.name} do not fit ${encoder}: ${wrong[0]}${wrong.length > 1 ? `, and ${wrong.length - 1} more` : ''}.`,
      'Choose the encoder that the weights were made with (model.*.name), or other weights.',
      'weights_mismatch',
    );
  return arrays;
}
