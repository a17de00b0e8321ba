import type { EncoderConfig } from '../../experiment/config.ts';
import { HumanError } from '../../protocol/human-error.ts';
import { said } from '../../text/say.ts';

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
    said('The {0} encoder has {1} layers, and its last {2} are to learn.', branch, layers, train.last),
    said('Set model.{0}_encoder.train to full, or last to {1} or less.', branch, layers),
    'too_many_layers',
  );
}
