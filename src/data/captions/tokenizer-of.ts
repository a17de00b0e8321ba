import type { ModelConfig } from '../../experiment/config.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { openEncoderFiles } from '../../weights/encoder-files.ts';
import { loadTokenizer, type Tokenizer } from './tokenizer.ts';

/** The tokenizer of a text encoder, whose weights may have a vocabulary of their own. */
export async function tokenizerOf(encoder: ModelConfig['text_encoder']): Promise<Tokenizer> {
  return loadTokenizer((await openEncoderFiles(encoder, 'text'))?.vocabFile ?? undefined);
}

/** The same from this machine alone: null where it would have to be fetched, or the weights cannot be read, which is told elsewhere. */
export async function localTokenizer(encoder: ModelConfig['text_encoder']): Promise<Tokenizer | null> {
  if (encoder.weights?.startsWith('hf:')) return null;
  try {
    return await tokenizerOf(encoder);
  } catch (error) {
    if (error instanceof HumanError) return null;
    throw error;
  }
}
