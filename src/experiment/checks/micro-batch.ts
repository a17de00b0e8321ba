import { isUnread, type Finding, type View } from './finding.ts';
import { t } from '../../text/say.ts';

const path = 'train.micro_batch';

/** Micro-batches: whether they divide the batch, and whether the fusion can be trained in them. */
export function checkMicroBatch(view: View): Finding[] {
  const { experiment } = view;
  const { batch_size, micro_batch } = experiment.train;
  if (micro_batch === null || isUnread(view, 'train') || isUnread(view, 'model.fusion.kind')) return [];
  const finding = (severity: Finding['severity'], code: string, message: string): Finding => ({
    severity,
    code,
    message,
    paths: [path],
    value: micro_batch,
    fixes: [{ remove: path }],
  });
  const early =
    experiment.model.fusion.kind === 'early'
      ? [
          finding(
            'error',
            'micro_batch_early',
            t(
              'Early fusion cannot be trained in micro-batches: it chooses the hardest negatives of the whole batch, whose pairs it would have to encode again. Lower train.batch_size, or use late or cross_attention.',
            ),
          ),
        ]
      : [];
  if (micro_batch === 'auto') return early;
  if (micro_batch >= batch_size)
    return [
      ...early,
      finding(
        'warning',
        'micro_batch_whole',
        t('A micro-batch of {0} holds the whole batch of {1}: nothing is divided.', micro_batch, batch_size),
      ),
    ];
  if (batch_size % micro_batch === 0) return early;
  const near = nearestDivisor(batch_size, micro_batch);
  return [
    ...early,
    {
      ...finding(
        'error',
        'micro_batch_uneven',
        t(
          'A batch of {0} is not a whole number of micro-batches of {1}; {2} divides it.',
          batch_size,
          micro_batch,
          near,
        ),
      ),
      fixes: [
        { set: path, to: String(near) },
        { set: path, to: 'auto' },
      ],
    },
  ];
}

/** The divisor below the number that is nearest to it. */
function nearestDivisor(of: number, below: number): number {
  let divisor = below;
  while (of % divisor !== 0) divisor--;
  return divisor;
}
