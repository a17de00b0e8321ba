import { HumanError } from '../../protocol/human-error.ts';
import { openWeights } from '../../weights/source.ts';
import { loadTokenizer, type Tokenizer } from './tokenizer.ts';

/** The tokenizer of a text encoder's weights (a folder, a file, a hub id, or null: none), whose vocabulary may be one of their own. */
export async function tokenizerOf(weights: string | null): Promise<Tokenizer> {
  return loadTokenizer((weights && (await openWeights(weights)).vocabFile) ?? undefined);
}

/** The same from this machine alone: null where it would have to be fetched, or the weights cannot be read, which is told elsewhere. */
export async function localTokenizer(weights: string | null): Promise<Tokenizer | null> {
  if (weights?.startsWith('hf:')) return null;
  try {
    return await tokenizerOf(weights);
  } catch (error) {
    if (error instanceof HumanError) return null;
    throw error;
  }
}
