import { earlyStopping } from '../early-stop.ts';
import { durationInSteps } from '../schema/duration.ts';
import type { Finding, View } from './finding.ts';
import { runLength } from './length.ts';
import { t } from '../../text/say.ts';

/** Whether runs of a sweep can be stopped early at all. */
export function checkEarlyStopping(view: View): Finding[] {
  const { experiment, facts } = view;
  const { sweep, data, eval: evaluation } = experiment;
  if (!sweep?.stop_early) return [];
  const about = { severity: 'warning' as const, paths: ['sweep.stop_early'], fixes: [] };
  const { metric } = earlyStopping(experiment, { steps: 1, stepsPerEpoch: 1, batchSize: 1 })!;
  if (data.val === null && (data.val_fraction === 0 || facts.data?.val_pairs === 0))
    return [
      {
        ...about,
        code: 'stop_early_without_validation',
        message: t('Nothing is held out, so {0} is not measured and no run is stopped early.', metric),
        fixes: data.val_fraction === 0 ? [{ set: 'data.val_fraction', to: '0.1' }] : [],
      },
    ];
  const length = runLength(view);
  if (!length || Number.isNaN(length.stepsPerEpoch)) return [];
  const [first] = earlyStopping(experiment, length)!.rungs;
  if (first === undefined)
    return [
      {
        ...about,
        code: 'no_rung',
        message: t(
          'The first rung ({0}) is not before the end of a run ({1} steps): no run is stopped early.',
          sweep.stop_early.min,
          length.steps,
        ),
        paths: ['sweep.stop_early.min', 'sweep.stop_early'],
      },
    ];
  const every = durationInSteps(evaluation.every, length);
  if (every <= first) return [];
  return [
    {
      ...about,
      severity: 'info',
      code: 'rung_before_evaluation',
      message: t(
        'Runs are compared at their first evaluation from a rung on: with one every {0} steps, that of the first rung (step {1}) is at step {0}.',
        every,
        first,
      ),
      paths: ['eval.every', 'sweep.stop_early'],
    },
  ];
}
