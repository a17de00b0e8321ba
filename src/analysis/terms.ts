import { t } from '../text/say.ts';

/** What a word of the field means where it stands without a sentence, for a tooltip; null for words that need none. */
export function meaningOf(term: string): string | null {
  switch (term) {
    case 'loss':
      return t(
        'In nats: minus the natural logarithm of the probability that the model gives the right partner. Guessing among B pairs has ln B.',
      );
    case 'grad_norm':
      return t(
        'L2 norm of the gradient as the loss gave it, before clipping. A branch whose norm is far below the others learns little.',
      );
    case 'clipped':
      return t(
        'Share of steps whose gradient was longer than optimizer.clip_norm and was made as short as that. Much clipping means that the clip norm sets the rate.',
      );
    case 'max_norm':
      return t('Largest gradient norm of the branch, before clipping, over all steps.');
    case 'clip_factor':
      return t('What the gradient was multiplied by: 1 where it was not clipped.');
    case 'recall':
    case 'directions':
      return t('Share of queries whose partner is among the first K of all candidates.');
    case 'median_rank':
      return t('Half of the queries have their partner at this rank or a better one.');
    case 'temperature':
      return t(
        'Similarities are divided by it before the softmax: smaller means that only the hardest negatives count.',
      );
    case 'learning_rate':
      return t('What each branch was trained with, after the schedule.');
    case 'data_wait':
      return t(
        'Share of a step that the model waited for its batch: above a tenth, reading images is the brake.',
      );
    default:
      return null;
  }
}
