import { HumanError } from '../../protocol/human-error.ts';
import { said } from '../../text/say.ts';

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
    said(
      '{0} of {1} images cannot be read, more than data.max_bad_fraction ({2}) allows{3}.',
      bad,
      all,
      maxFraction,
      named.length > 0 ? said(' ({0}{1})', named.join('; '), bad > named.length ? '; ...' : '') : '',
    ),
    said('Mend or leave out those images, or raise data.max_bad_fraction.'),
    'bad_pictures',
  );
}
