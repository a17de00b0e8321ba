import { plural } from '../../text/words.ts';
import type { Finding, View } from './finding.ts';
import { t } from '../../text/say.ts';

/** Whether images stand on both sides of the split. */
export function checkSplit({ experiment, facts }: View): Finding[] {
  const { pairs, val } = experiment.data;
  if (val !== null && val === pairs)
    return [
      {
        severity: 'warning',
        code: 'val_is_train',
        message: t(
          'val names the same file as pairs: the same images stand on both sides, and recall says nothing about new ones.',
        ),
        paths: ['data.val'],
        value: val,
        fixes: [{ remove: 'data.val' }],
      },
    ];
  const { shared_images: shared } = facts.data ?? {};
  if (!shared?.count) return [];
  const images = plural(shared.count, '{0} image stands', '{0} images stand');
  return [
    {
      severity: 'warning',
      code: 'shared_images',
      message: t(
        '{0} on both sides of the split ({1}), so recall is too high: part of what it measures was trained on. {2}',
        images,
        how()[shared.by],
        val === null
          ? t('Leave out the repeated rows, or split by what keeps them together (data.split_by).')
          : t('Leave them out of one of the two files.'),
      ),
      paths: val === null ? ['data.split_by', 'data.val_fraction', 'data.pairs'] : ['data.val'],
      fixes: shared.by === 'split_by' ? [{ set: 'data.split_by', to: 'image' }] : [],
    },
  ];
}

const how = () => ({
  path: t('the same path'),
  bytes: t('the same bytes under another name'),
  split_by: t('its rows differ in what data.split_by splits by'),
});
