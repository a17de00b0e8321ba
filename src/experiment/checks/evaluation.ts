import { yamlText } from '../edit/yaml-text.ts';
import type { Finding, FindingFix, View } from './finding.ts';
import { t } from '../../text/say.ts';
import { plural } from '../../text/words.ts';

/** Whether the retrieval scores can say anything. */
export function checkEvaluation(view: View): Finding[] {
  return [
    ...checkHeldOut(view),
    ...checkAlwaysOne(view),
    ...checkRepeats(view),
    ...checkRerank(view),
    ...checkBest(view),
  ];
}

function checkHeldOut({ experiment, facts }: View): Finding[] {
  const { val, val_fraction } = experiment.data;
  const { best } = experiment.checkpoint;
  const lost = t(
    'there is no recall{0}',
    best === null ? '' : t(', and the best checkpoint by {0} cannot be told', best),
  );
  const about = { severity: 'warning' as const, paths: ['data.val_fraction'], value: val_fraction };
  if (val !== null) return [];
  if (val_fraction === 0)
    return [
      {
        ...about,
        code: 'no_validation',
        message: t('Nothing is held out (val_fraction is 0 and val is not set): {0}. 0.1 is usual.', lost),
        fixes: [{ set: 'data.val_fraction', to: '0.1' }],
      },
    ];
  const { val_pairs, train_pairs, smallest_val_fraction: enough } = facts.data ?? {};
  if (val_pairs === 0)
    return [
      {
        ...about,
        code: 'no_validation',
        message: t(
          train_pairs === undefined
            ? 'A val_fraction of {0} holds out none of the pairs: {2}.{3}'
            : 'A val_fraction of {0} holds out none of {1} pairs: {2}.{3}',
          val_fraction,
          train_pairs ?? '',
          lost,
          enough === undefined ? '' : t(' The smallest that holds out any here is {0}.', enough),
        ),
        paths: ['data.val_fraction', 'data.pairs'],
        fixes: (enough !== undefined && enough < 1 ? [enough] : [0.1, 0.2])
          .filter((one) => one > val_fraction)
          .map(setFraction),
      },
    ];
  if (val_fraction > 0.5)
    return [
      {
        ...about,
        code: 'val_fraction_large',
        message: t('A val_fraction of {0} holds out more than is learnt from. 0.1 is usual.', val_fraction),
        fixes: [setFraction(0.1)],
      },
    ];
  return [];
}

const setFraction = (to: number): FindingFix => ({ set: 'data.val_fraction', to: String(to) });

function checkAlwaysOne({ experiment, facts, parsed }: View): Finding[] {
  const { recall_at } = experiment.eval;
  const count = facts.data?.val_pairs;
  const most = Math.max(...recall_at);
  if (count === undefined || count === 0 || count > most) return [];
  const fewer = recall_at.filter((k) => k < count);
  const isBestGone =
    parsed.explicit.has('checkpoint.best') &&
    recall_at.some((k) => k >= count && experiment.checkpoint.best?.endsWith(`@${k}`));
  return [
    {
      severity: 'warning',
      code: 'recall_always_one',
      message: t(
        'recall@{0} over {1} is always 1: everything is among the first {0}.',
        most,
        plural(count, '{0} validation pair', '{0} validation pairs'),
      ),
      paths: ['eval.recall_at', 'data.val_fraction', 'data.val'],
      fixes: fewer.length && !isBestGone ? [{ set: 'eval.recall_at', to: yamlText(fewer) }] : [],
    },
  ];
}

function checkRepeats({ experiment }: View): Finding[] {
  const { recall_at } = experiment.eval;
  const unique = [...new Set(recall_at)];
  const again = recall_at.find((k, index) => recall_at.indexOf(k) < index);
  if (again === undefined) return [];
  return [
    {
      severity: 'warning',
      code: 'repeated_k',
      message: t('eval.recall_at names {0} more than once; recall@{0} is measured once.', again),
      paths: ['eval.recall_at'],
      fixes: [{ set: 'eval.recall_at', to: yamlText(unique) }],
    },
  ];
}

function checkRerank({ experiment }: View): Finding[] {
  const { rerank, recall_at } = experiment.eval;
  const most = Math.max(...recall_at);
  if (experiment.model.fusion.kind === 'late' || rerank >= most) return [];
  return [
    {
      severity: 'warning',
      code: 'rerank_below_k',
      message: t(
        'Only the best {0} candidates are scored by the fusion, so recall@{1} is decided by the pooled similarity alone. 128 is usual (ALBEF).',
        rerank,
        most,
      ),
      paths: ['eval.rerank', 'eval.recall_at'],
      fixes: [{ set: 'eval.rerank', to: String(Math.max(128, most)) }],
    },
  ];
}

function checkBest({ experiment, parsed }: View): Finding[] {
  const { best } = experiment.checkpoint;
  const { recall_at } = experiment.eval;
  if (best !== 'val/loss' || !parsed.places.has('checkpoint.best')) return [];
  return [
    {
      severity: 'info',
      code: 'best_by_loss',
      message: t(
        'The best checkpoint is chosen by val/loss, which often rises while recall still does (a confident model pays more for a few wrong pairs): the one that retrieves best may not be kept. val/recall@{0} is usual.',
        recall_at[0]!,
      ),
      paths: ['checkpoint.best'],
      value: best,
      fixes: [{ set: 'checkpoint.best', to: `val/recall@${recall_at[0]}` }],
    },
  ];
}
