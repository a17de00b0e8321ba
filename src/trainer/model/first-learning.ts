import type { EncoderConfig } from '../../experiment/config.ts';
import { HumanError } from '../../protocol/human-error.ts';

/**
 * The first layer of an encoder that learns (0: all of it, with embeddings or stem; Infinity: none): of `{ last: N }` the last N and what
 * stands above them. HumanError `too_many_layers` when it has fewer.
 */
export function firstLearning(
  branch: 'image' | 'text',
  { train }: Pick<EncoderConfig<string>, 'train'>,
  layers: number,
): number {
  if (train === 'full') return 0;
  if (train === 'frozen') return Infinity;
  if (train.last <= layers) return layers - train.last + 1;
  throw new HumanError(
    `The ${branch} encoder has ${layers} layers, and its last ${train.last} are to learn.`,
    `Set model.${branch}_encoder.train to full, or last to ${layers} or less.`,
    'too_many_layers',
  );
}
