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
    case 'cpu':
      return t(
        'Time that the trainer computed, of the time of all cores that it may use: 100% is all of them, all the time.',
      );
    case 'rss':
      return t('What the trainer’s process holds in the machine’s memory (resident set size).');
    case 'gpu_memory':
      return t('Memory in use on the device that the run computes on, by this run and all other programs.');
    case 'gpu_utilisation':
      return t(
        'Share of the last moments in which the run’s device computed anything, for whichever program.',
      );
    default:
      return null;
  }
}
