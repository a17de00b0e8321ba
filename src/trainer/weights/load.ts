import { HumanError } from '../../protocol/human-error.ts';
import { readSafetensors, readSafetensorsHeader } from '../../store/safetensors.ts';
import { toFloat32, type Tensor } from '../../store/tensors.ts';
import { counted } from '../../text/numbers.ts';
import { plural } from '../../text/words.ts';
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

/** Shapes of a source's arrays by our names without prefix, from the headers of its files alone. */
export async function readShapes(
  source: WeightsSource,
  rename: Renaming,
): Promise<Map<string, { shape: number[] }>> {
  const shapes = new Map<string, { shape: number[] }>();
  for (const file of source.weightFiles)
    for (const [written, { shape }] of Object.entries((await readSafetensorsHeader(file)).tensors)) {
      const name = rename(written);
      if (name !== null) shapes.set(name, { shape });
    }
  return shapes;
}

/** Says what arrays do not fit an encoder: HumanError `weights_mismatch` that names the first, how many there are, and what there is instead. */
export function checkFit(
  specs: readonly ParameterSpec[],
  prefix: string,
  found: ReadonlyMap<string, Pick<Tensor, 'shape'>>,
  source: WeightsSource,
  encoder: string,
): void {
  const wrong: string[] = [];
  for (const spec of specs) {
    const name = spec.name.slice(prefix.length);
    const shape = found.get(name)?.shape;
    if (!shape) {
      const near = nearestName(name, found.keys());
      wrong.push(`it has no ${name}${near ? ` (nearest: ${near})` : ''}`);
    } else if (shape.join() !== spec.shape.join() && spareRows(name, shape, spec.shape) === 0)
      wrong.push(`${name} is [${shape.join(', ')}] and not [${spec.shape.join(', ')}]`);
  }
  if (wrong.length > 0)
    throw new HumanError(
      `The weights ${source.name} do not fit ${encoder}: ${wrong[0]}${wrong.length > 1 ? `, and ${wrong.length - 1} more` : ''}.`,
      'Choose the encoder that the weights were made with (model.*.name), or other weights.',
      'weights_mismatch',
    );
}

export interface TakenWeights {
  arrays: Arrays;
  /** What a person should know of how they were fitted. */
  notes: string[];
}

/** The arrays of the specs (whose names begin with `prefix`) from what was read; see `checkFit`. */
export function takeWeights(
  specs: readonly ParameterSpec[],
  prefix: string,
  { tensors }: LoadedTensors,
  source: WeightsSource,
  encoder: string,
): TakenWeights {
  checkFit(specs, prefix, tensors, source, encoder);
  const taken: TakenWeights = { arrays: {}, notes: [] };
  for (const spec of specs) {
    const name = spec.name.slice(prefix.length);
    const found = tensors.get(name)!;
    const spare = spareRows(name, found.shape, spec.shape);
    const values = toFloat32(found);
    taken.arrays[spec.name] = spare > 0 ? values.slice(0, spec.shape[0]! * spec.shape[1]!) : values;
    if (spare > 0)
      taken.notes.push(
        `${source.name}: ${counted(found.shape[0]!)} rows for ${counted(spec.shape[0]!)} tokens: ${plural(spare, 'the last is not used', 'the last {0} are not used')}.`,
      );
  }
  return taken;
}

/** Rows of the vocabulary's table beyond its tokens: it is often padded to a multiple of 8, 64 or 128. */
function spareRows(name: string, found: readonly number[], wanted: readonly number[]): number {
  const isTable = name === 'embeddings.word_embeddings.weight';
  const fits = found.length === 2 && found[1] === wanted[1] && found[0]! > wanted[0]!;
  return isTable && fits ? found[0]! - wanted[0]! : 0;
}
