import type { Finding, View } from './finding.ts';

/** What the pairs come to: pictures that cannot be read, pairs that are all alike. */
export function checkPairs(view: View): Finding[] {
  return [...checkBadPictures(view), ...checkVariety(view)];
}

/** As the trainer does at its start. */
function checkBadPictures({ experiment, facts }: View): Finding[] {
  const { bad_pictures: bad = 0, pictures = 0 } = facts.data ?? {};
  const allowed = experiment.data.max_bad_fraction;
  const all = bad + pictures;
  if (bad <= allowed * all) return [];
  return [
    {
      severity: 'error',
      code: 'bad_pictures',
      message: `${bad} of ${all} pictures cannot be read, more than data.max_bad_fraction (${allowed}) allows. Mend or leave out those pictures, or raise data.max_bad_fraction.`,
      paths: ['data.max_bad_fraction', 'data.pairs'],
      value: allowed,
      fixes: [{ set: 'data.max_bad_fraction', to: String(Math.ceil((bad / all) * 100) / 100) }],
    },
  ];
}

/** A pair that repeats another's picture or caption is not its negative. */
function checkVariety({ facts }: View): Finding[] {
  const { usable = 0, pictures, captions } = facts.data ?? {};
  if (usable < 2 || (pictures !== 1 && captions !== 1)) return [];
  return [
    {
      severity: 'error',
      code: 'no_negatives',
      message: `All ${usable} pairs have the same ${captions === 1 ? 'caption' : 'picture'}: no pair is another's negative, the loss is 0 at every step and nothing is learnt.`,
      paths: ['data.pairs'],
      value: pictures,
      fixes: [],
    },
  ];
}
