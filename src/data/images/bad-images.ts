import { HumanError } from '../../protocol/human-error.ts';

export interface BadImage {
  /** Its key. */
  name: string;
  reason: string;
}

/** The error that ends a run when too many images cannot be read; null while there are few enough. */
export function tooManyBad(
  bad: number,
  all: number,
  maxFraction: number,
  examples: BadImage[],
): HumanError | null {
  if (bad === 0 || bad <= maxFraction * all) return null;
  const named = examples.slice(0, 5).map(({ name, reason }) => `${name}: ${reason}`);
  return new HumanError(
    `${bad} of ${all} images cannot be read, more than data.max_bad_fraction (${maxFraction}) allows` +
      `${named.length > 0 ? ` (${named.join('; ')}${bad > named.length ? '; ...' : ''})` : ''}.`,
    'Mend or leave out those images, or raise data.max_bad_fraction.',
    'bad_pictures',
  );
}
