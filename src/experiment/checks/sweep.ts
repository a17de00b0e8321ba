import { numberText, rounded } from '../../text/numbers.ts';
import type { Experiment } from '../schema/schema.ts';
import { checkEarlyStopping } from './early-stopping.ts';
import { letLearn, type Change, type Finding, type View } from './finding.ts';
import { t } from '../../text/say.ts';
import { branchName } from '../../text/settings.ts';

/** Whether the trials of a sweep can differ, and be told apart early. Found at the sweep's key, not at its items. */
export function checkSweepSense(view: View): Finding[] {
  const { experiment } = view;
  const sweep = experiment.sweep?.values ?? {};
  return [...checkOneRate(sweep), ...checkUnused(view, sweep), ...checkEarlyStopping(view)];
}

/** Batch sizes beside one learning rate: what differs is not the batch alone. */
function checkOneRate(sweep: Record<string, unknown[]>): Finding[] {
  const sizes = (sweep['train.batch_size'] ?? []).map(Number);
  const times = Math.max(...sizes) / Math.min(...sizes);
  const isRateSwept = Object.keys(sweep).some((path) => path.startsWith('optimizer.learning_rate.'));
  if (!(times >= 2) || isRateSwept) return [];
  return [
    {
      severity: 'info',
      code: 'batch_sweep_one_rate',
      message: t(
        'All batch sizes are trained with the same rates, and a batch {0} times as large wants rates about {1} times as high (the square root, for Adam: Malladi et al., 2022): the comparison would show which batch fits the rates. Sweep the rates as well.',
        numberText(times),
        numberText(rounded(Math.sqrt(times), 2)),
      ),
      paths: ['sweep.train.batch_size'],
      fixes: [],
    },
  ];
}

function checkUnused(view: View, sweep: Record<string, unknown[]>): Finding[] {
  return Object.entries(unused).flatMap(([path, { reason, code, uses }]): Finding[] => {
    const values = sweep[path];
    const trials = values?.length === 2 ? t('the two trials') : t('the {0} trials', values?.length ?? 0);
    const why = values && values.length > 1 ? reason(valuesIn(view.experiment), trials) : null;
    if (!values || why === null) return [];
    return [
      {
        severity: 'warning',
        code: code ?? 'sweep_changes_nothing',
        message: why,
        paths: [`sweep.${path}`],
        fixes: [...(uses?.(view) ?? []), { remove: `sweep.${path}`, title: t('Remove it from the sweep') }],
      },
    ];
  });
}

/** All values that a setting has over the trials. */
type Values = (path: string) => unknown[];

function valuesIn(experiment: Experiment): Values {
  return (path) =>
    experiment.sweep?.values[path] ?? [
      path.split('.').reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], experiment),
    ];
}

interface Unused {
  /** Why all trials are the same; null when they are not. */
  reason: (values: Values, trials: string) => string | null;
  code?: string;
  /** What makes the trials differ. */
  uses?: (view: View) => Change[];
}

const set =
  (path: string, to: string): NonNullable<Unused['uses']> =>
  () => [{ set: path, to }];

const frozen = (branch: 'image' | 'text'): Unused => ({
  code: 'sweep_of_frozen_branch',
  reason: (values, trials) =>
    values(`model.${branch}_encoder.train`).every((one) => one === 'frozen')
      ? t(
          'The {0} branch is frozen: {1} are nearly the same (its projection learns at the fusion’s rate).',
          branchName(branch),
          trials,
        )
      : null,
  uses: (view) => letLearn(view, branch),
});

const fixedTemperature: Unused = {
  code: 'sweep_of_frozen_branch',
  reason: (values, trials) =>
    values('loss.learn_temperature').some(
      (one) => one ?? (values('loss.kind').includes('sigmoid') || values('model.weights')[0] !== null),
    )
      ? null
      : t('The temperature is not learnt (loss.learn_temperature): {0} are the same.', trials),
  uses: set('loss.learn_temperature', 'true'),
};

/** A setting that only some kinds of fusion look at. */
const ofFusion = (path: string, ...kinds: string[]): Unused => ({
  reason: (values, trials) => {
    const used = values('model.fusion.kind').map(String);
    return used.some((kind) => kinds.includes(kind))
      ? null
      : t('{0} is not used by fusion {1}: {2} are the same.', path, used.join(', '), trials);
  },
});

/** Settings that do nothing while others have certain values. */
const unused: Record<string, Unused> = {
  'optimizer.learning_rate.image': frozen('image'),
  'optimizer.learning_rate.text': frozen('text'),
  'optimizer.learning_rate.scale': fixedTemperature,
  'loss.min_temperature': fixedTemperature,
  'model.fusion.hard_negatives': ofFusion('model.fusion.hard_negatives', 'early'),
  'model.fusion.heads': ofFusion('model.fusion.heads', 'early', 'cross_attention'),
  'model.fusion.layers': ofFusion('model.fusion.layers', 'early', 'cross_attention'),
  'model.text_encoder.dropout': {
    reason: (values, trials) =>
      values('model.text_encoder.train').every((one) => one === 'frozen')
        ? t('Nothing is dropped in a text encoder that is frozen: {0} are the same.', trials)
        : null,
    uses: (view) => letLearn(view, 'text'),
  },
  'optimizer.schedule.final_fraction': {
    reason: (values, trials) =>
      values('optimizer.schedule.kind').every((one) => one === 'constant')
        ? t('A constant schedule has no final share: {0} are the same.', trials)
        : null,
    uses: set('optimizer.schedule.kind', 'cosine'),
  },
  'optimizer.clip_by': {
    reason: (values, trials) =>
      values('optimizer.clip_norm').every((one) => one === null)
        ? t('Gradients are not clipped (optimizer.clip_norm is null): {0} are the same.', trials)
        : null,
    uses: set('optimizer.clip_norm', '1.0'),
  },
  'data.augment.swap_left_right': {
    reason: (values, trials) =>
      values('data.augment.flip').every((one) => one === 0)
        ? t('No image is mirrored (data.augment.flip is 0), so no word is swapped: {0} are the same.', trials)
        : null,
    uses: set('data.augment.flip', '0.5'),
  },
  'data.val_fraction': {
    reason: (values, trials) =>
      values('data.val').some((one) => one !== null)
        ? t('data.val is given, so nothing is held out of data.pairs: {0} are the same.', trials)
        : null,
  },
};
