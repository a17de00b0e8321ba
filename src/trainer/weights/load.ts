import { HumanError } from '../../protocol/human-error.ts';
import { readSafetensors, readSafetensorsHeader } from '../../store/safetensors.ts';
import { toFloat32, type Tensor } from '../../store/tensors.ts';
import { counted } from '../../text/numbers.ts';
import { plural } from '../../text/words.ts';
import type { Arrays, ParameterSpec } from '../model/parameter.ts';
import { nearestName, type Renaming } from './names.ts';
import { asTransformers } from './open-clip.ts';
import { canResize, resizedPositions } from './positions.ts';
import type { Part } from './prepare.ts';
import type { WeightsSource } from '../../weights/source.ts';
import { said, t } from '../../text/say.ts';

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
    for (const [written, tensor] of asTransformers(read)) {
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
    for (const [written, { shape }] of asTransformers((await readSafetensorsHeader(file)).tensors)) {
      const name = rename(written);
      if (name !== null) shapes.set(name, { shape });
    }
  return shapes;
}

/** Names that a message lists. */
const listed = 3;

/** Rows of a vocabulary's table beyond its tokens that are padding: it is often filled up to a multiple of 8, 64 or 128. */
const mostPadding = 127;

/**
 * Says what arrays do not fit a part of a model: HumanError `weights_mismatch` that names the first three, how many there are, what there is
 * instead and what has no place, or `vocabulary_mismatch`.
 */
export function checkFit(
  specs: readonly ParameterSpec[],
  { source, name: part, prefix }: Part,
  found: ReadonlyMap<string, Pick<Tensor, 'shape'>>,
): void {
  const wrong: string[] = [];
  for (const spec of specs) {
    const name = spec.name.slice(prefix.length);
    const shape = found.get(name)?.shape;
    if (!shape) {
      const near = nearestName(name, found.keys());
      wrong.push(t('it has no {0}{1}', name, near ? t(' (nearest: {0})', near) : ''));
    } else if (!sameShape(shape, spec.shape) && !canResize(name, shape, spec.shape)) {
      const spare = spareRows(name, shape, spec.shape);
      if (spare > mostPadding) throw otherVocabulary(source, shape[0]!, spec.shape[0]!);
      if (spare === 0)
        wrong.push(t('{0} is [{1}] and not [{2}]', name, shape.join(', '), spec.shape.join(', ')));
    }
  }
  if (wrong.length === 0) return;
  const rest = wrong.length - listed;
  const spare = unexpected(specs, prefix, found);
  throw new HumanError(
    said(
      'The weights {0} do not fit {1}: {2}{3}.{4}',
      source.name,
      part,
      wrong.slice(0, listed).join('; '),
      rest > 0 ? said(', and {0} more', rest) : '',
      spare ? said(' {0}', spare) : '',
    ),
    said('Choose the encoder that the weights were made with (model.*.name), or other weights.'),
    'weights_mismatch',
  );
}

/** A sentence on arrays that the encoder has no place for; empty when there are none. */
function unexpected(
  specs: readonly ParameterSpec[],
  prefix: string,
  found: ReadonlyMap<string, unknown>,
): string {
  const wanted = new Set(specs.map(({ name }) => name.slice(prefix.length)));
  const names = [...found.keys()].filter((name) => !wanted.has(name));
  if (names.length === 0) return '';
  const rest = names.length - listed;
  return t(
    '{0} no place there: {1}{2}.',
    plural(names.length, '{0} of its arrays has', '{0} of its arrays have'),
    names.slice(0, listed).join(', '),
    rest > 0 ? t(' and {0} more', rest) : '',
  );
}

function otherVocabulary(source: WeightsSource, rows: number, tokens: number): HumanError {
  return new HumanError(
    said(
      'The weights {0} know {1} tokens, and {2} has {3}.',
      source.name,
      counted(rows),
      source.vocabFile ?? said('bert-base-uncased’s vocabulary, since none lies beside them,'),
      counted(tokens),
    ),
    said('Put the vocabulary of these weights beside them: their vocab.txt or tokenizer.json.'),
    'vocabulary_mismatch',
  );
}

export interface TakenWeights {
  arrays: Arrays;
  /** What a person should know of how they were fitted. */
  notes: string[];
}

/** The arrays of a part's specs from what was read; see `checkFit`. */
export function takeWeights(
  specs: readonly ParameterSpec[],
  part: Part,
  { tensors }: LoadedTensors,
): TakenWeights {
  const { source, prefix } = part;
  checkFit(specs, part, tensors);
  const taken: TakenWeights = { arrays: {}, notes: [] };
  for (const spec of specs) {
    const name = spec.name.slice(prefix.length);
    const found = tensors.get(name)!;
    const spare = spareRows(name, found.shape, spec.shape);
    if (!sameShape(found.shape, spec.shape) && canResize(name, found.shape, spec.shape)) {
      taken.arrays[spec.name] = resizedPositions(found, spec.shape);
      taken.notes.push(
        t(
          '{0}: positions of {1} patches are brought to the {2} that data.image_size gives.',
          source.name,
          counted(found.shape.at(-2)! - 1),
          counted(spec.shape.at(-2)! - 1),
        ),
      );
      continue;
    }
    const values = toFloat32(found);
    taken.arrays[spec.name] = spare > 0 ? values.slice(0, spec.shape[0]! * spec.shape[1]!) : values;
    if (spare > 0)
      taken.notes.push(
        t(
          '{0}: {1} rows for {2} tokens: {3}.',
          source.name,
          counted(found.shape[0]!),
          counted(spec.shape[0]!),
          plural(spare, 'the last is not used', 'the last {0} are not used'),
        ),
      );
  }
  const spare = unexpected(specs, prefix, tensors);
  if (spare) taken.notes.push(`${source.name}: ${spare}`);
  return taken;
}

const sameShape = (one: readonly number[], other: readonly number[]): boolean => one.join() === other.join();

/** Rows of the vocabulary's table beyond its tokens. */
function spareRows(name: string, found: readonly number[], wanted: readonly number[]): number {
  const isTable = /(^|\.)embeddings\.(word_embeddings|token_embedding)\.weight$/.test(name);
  const fits = found.length === 2 && found[1] === wanted[1] && found[0]! > wanted[0]!;
  return isTable && fits ? found[0]! - wanted[0]! : 0;
}
