import { percent } from '../../text/numbers.ts';
import type { Finding, View } from './finding.ts';
import { t } from '../../text/say.ts';
import { plural } from '../../text/words.ts';

/** Changes of images and captions that make captions wrong, or leave too little of what they say. */
export function checkAugmentation(view: View): Finding[] {
  return [...checkFlip(view), ...checkStrength(view)];
}

function checkFlip({ experiment, facts }: View): Finding[] {
  const { flip, swap_left_right } = experiment.data.augment;
  const count = facts.data?.left_right ?? 0;
  if (!(flip > 0) || swap_left_right || count === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'flip_changes_meaning',
      message: t(
        '{0} left or right, images are mirrored with probability {1}, and swap_left_right is off: those captions become wrong.',
        plural(count, '{0} caption says', '{0} captions say'),
        flip,
      ),
      paths: ['data.augment.flip', 'data.augment.swap_left_right'],
      value: flip,
      fixes: [
        { set: 'data.augment.swap_left_right', to: 'true' },
        { set: 'data.augment.flip', to: '0' },
      ],
    },
  ];
}

function checkStrength({ experiment }: View): Finding[] {
  const { crop, flip, drop_word } = experiment.data.augment;
  const found: Finding[] = [];
  if (crop && crop[0] < 0.2 && crop[0] <= crop[1])
    found.push({
      severity: 'info',
      code: 'crop_strong',
      message: t(
        'A crop may keep only {0} of an image, and so cut off what its caption says. [0.8, 1.0] is usual here, [0.9, 1.0] in open_clip.',
        percent(crop[0]),
      ),
      paths: ['data.augment.crop'],
      value: crop,
      fixes: [{ set: 'data.augment.crop', to: '[0.8, 1.0]' }],
    });
  if (flip > 0.5)
    found.push({
      severity: 'warning',
      code: 'flip_large',
      message: t(
        '{0} of the images are mirrored, but validation images never are; 0.5 shows both sides equally often.',
        percent(flip),
      ),
      paths: ['data.augment.flip'],
      value: flip,
      fixes: [{ set: 'data.augment.flip', to: '0.5' }],
    });
  if (drop_word > 0.5)
    found.push({
      severity: 'warning',
      code: 'drop_word_large',
      message: t(
        '{0} of a caption’s words are left out, so little is left of what it says. 0.1 is usual (EDA).',
        percent(drop_word),
      ),
      paths: ['data.augment.drop_word'],
      value: drop_word,
      fixes: [{ set: 'data.augment.drop_word', to: '0.1' }],
    });
  return found;
}
