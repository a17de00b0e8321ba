import { counted } from '../../text/numbers.ts';
import { plural } from '../../text/words.ts';
import type { Finding, View } from './finding.ts';
import { t } from '../../text/say.ts';

/** What the pairs come to: images that cannot be read, pairs that are all alike. */
export function checkPairs(view: View): Finding[] {
  return [...checkBadImages(view), ...checkVariety(view), ...checkRepeats(view)];
}

/** As the trainer does at its start; images that are few enough to go on without are told too. */
function checkBadImages({ experiment, facts }: View): Finding[] {
  const { bad_pictures: bad = 0, pictures = 0, looked_at_images: looked } = facts.data ?? {};
  const allowed = experiment.data.max_bad_fraction;
  const all = looked ?? bad + pictures;
  if (bad === 0) return [];
  const few = t(
    '{0} of {1} cannot be read',
    counted(bad),
    looked === undefined
      ? plural(all, '{0} image', '{0} images')
      : t('the {0} images that were looked at', counted(all)),
  );
  if (bad > allowed * all)
    return [
      {
        severity: 'error',
        code: 'bad_pictures',
        message: t(
          '{0}, more than data.max_bad_fraction ({1}) allows. Mend or leave out those images, or raise data.max_bad_fraction.',
          few,
          allowed,
        ),
        paths: ['data.max_bad_fraction', 'data.pairs'],
        value: allowed,
        fixes: [{ set: 'data.max_bad_fraction', to: String(Math.ceil((bad / all) * 100) / 100) }],
      },
    ];
  return [
    {
      severity: bad >= manyBad || bad / all >= 0.01 ? 'warning' : 'info',
      code: 'images_left_out',
      message: t('{0}; their rows are left out. tandem validate lists them with the reasons.', few),
      paths: ['data.pairs'],
      fixes: [],
    },
  ];
}

/** As many are worth a warning, however many images there are. */
const manyBad = 100;

/** A pair that repeats another's image or caption is not its negative. */
function checkVariety({ facts }: View): Finding[] {
  const { usable = 0, pictures, captions, images_all_alike } = facts.data ?? {};
  if (usable < 2 || (pictures !== 1 && captions !== 1 && !images_all_alike)) return [];
  const what =
    captions === 1
      ? t('the same caption')
      : pictures === 1
        ? t('the same image')
        : t('an image that looks the same');
  return [
    {
      severity: 'error',
      code: 'no_negatives',
      message: t(
        "All {0} pairs have {1}: no pair is another's negative, the loss is 0 at every step and nothing is learnt.",
        usable,
        what,
      ),
      paths: ['data.pairs'],
      value: pictures,
      fixes: [],
    },
  ];
}

function checkRepeats({ facts }: View): Finding[] {
  const { repeated_images: count = 0 } = facts.data ?? {};
  if (!count) return [];
  return [
    {
      severity: 'warning',
      code: 'repeated_images',
      message: t(
        "{0} the same bytes as another under a different name: in one batch the two are taken for each other's negatives, and they may stand on both sides of the split. Keep one name for each.",
        plural(count, '{0} image has', '{0} images have'),
      ),
      paths: ['data.pairs'],
      fixes: [],
    },
  ];
}
