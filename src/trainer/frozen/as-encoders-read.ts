import type { RunConfig } from '../../experiment/config.ts';
import type { Encoders } from '../weights/prepare.ts';
import { checkVocabulary, longestText } from './text-model.ts';
import { t } from '../../text/say.ts';

/** Embeddings are often filled up to a round number; a tokenizer that knows far fewer tokens is likely another's. */
const leastOfRows = 0.9;

/**
 * The config with the size of images and the length of captions that exported encoders take, where that is another one: what the encoders were
 * made for is the folder's to say. Each change is among the encoders' notes.
 */
export function asEncodersRead<Config extends Pick<RunConfig, 'data'>>(
  config: Config,
  { exported: { image, text }, notes, tokenizer, preprocessing }: Encoders,
): Config {
  const data = { ...config.data };
  const vision = (image?.config['vision_config'] ?? image?.config) as Record<string, unknown> | undefined;
  const side =
    preprocessing.side ?? (typeof vision?.['image_size'] === 'number' ? vision['image_size'] : null);
  if (image && side !== null && side !== data.image_size) {
    notes.push(
      t('Images are {0} pixels wide, as {1} takes them; data.image_size is not used.', side, image.name),
    );
    data.image_size = side;
  }
  if (image && !image.preprocessor)
    notes.push(
      t(
        '{0} has no preprocessor_config.json: images are brought to {1} pixels and normalised as its kind usually is, which is a guess.',
        image.name,
        data.image_size,
      ),
    );
  const rows = text ? checkVocabulary(text, tokenizer) : null;
  if (text && rows !== null && tokenizer.vocabSize < leastOfRows * rows)
    notes.push(
      t(
        '{0} has {1} tokens, and the encoder has embeddings for {2}: unless it is the encoder’s own, captions are read wrongly.',
        text.vocabFile!,
        tokenizer.vocabSize,
        rows,
      ),
    );
  const longest = text && longestText(text);
  if (text && longest !== null && longest < data.max_length) {
    notes.push(t('Captions are cut at {0} tokens, which is all that {1} reads.', longest, text.name));
    data.max_length = longest;
  }
  return { ...config, data };
}
