import type { ModelConfig } from '../../experiment/config.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { besideWeights } from '../../weights/encoder-files.ts';
import type { Hub } from '../../weights/hub.ts';
import { loadTokenizer, type Tokenizer } from './tokenizer.ts';

/** The tokenizer of a model's text encoder, whose weights may have a vocabulary of their own. */
export async function tokenizerOf({ weights, text_encoder: text }: TextOf, hub?: Hub): Promise<Tokenizer> {
  const beside = await besideWeights(weights, text, 'text', hub);
  return loadTokenizer(beside?.vocabFile ?? undefined);
}

type TextOf = Pick<ModelConfig, 'weights' | 'text_encoder'>;

/** The same from this machine alone: null where it would have to be fetched, or the weights cannot be read, which is told elsewhere. */
export async function localTokenizer(model: TextOf): Promise<Tokenizer | null> {
  if ((model.weights ?? model.text_encoder.weights)?.startsWith('hf:')) return null;
  try {
    return await tokenizerOf(model);
  } catch (error) {
    if (error instanceof HumanError) return null;
    throw error;
  }
}
