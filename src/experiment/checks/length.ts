import { durationInSteps, parseDuration, type Duration, type RunLength } from '../schema/duration.ts';
import { defaultEpochs } from '../resolve.ts';
import type { Finding, View } from './finding.ts';
import { t } from '../../text/say.ts';

/** The run's length against warm-up, evaluation and checkpoints. */
export function checkLength(view: View): Finding[] {
  return [
    ...checkWarmup(view),
    ...checkEvery(view, 'eval'),
    ...checkEvery(view, 'checkpoint'),
    ...checkShort(view),
  ];
}

/** Length of the run; null where it depends on how many pairs there are and that is not known. */
export function runLength({ experiment, facts }: View): RunLength | null {
  const { batch_size: batchSize, epochs, steps } = experiment.train;
  const pairs = facts.data?.train_pairs;
  if (pairs !== undefined) {
    const stepsPerEpoch = Math.max(1, Math.floor(pairs / batchSize));
    return { stepsPerEpoch, batchSize, steps: steps ?? (epochs ?? defaultEpochs) * stepsPerEpoch };
  }
  return steps === null ? null : { stepsPerEpoch: NaN, batchSize, steps };
}

/** How often a length fits into the run; NaN when that cannot be told. Epochs against epochs need no facts. */
function timesOfRun(view: View, written: Duration): { share: number; steps: number | null; total: string } {
  const parsed = parseDuration(written);
  const length = runLength(view);
  const { epochs, steps } = view.experiment.train;
  const total = epochs ?? defaultEpochs;
  if (steps === null && parsed?.unit === 'epochs') {
    const inSteps = length ? durationInSteps(written, length) : null;
    return { share: parsed.amount / total, steps: inSteps, total: t('{0} epochs', total) };
  }
  if (parsed?.unit === 'percent') return { share: parsed.amount / 100, steps: null, total: '' };
  if (!length) return { share: NaN, steps: null, total: '' };
  const inSteps = durationInSteps(written, length);
  return { share: inSteps / length.steps, steps: inSteps, total: t('{0} steps', length.steps) };
}

/** A length as it is written, in steps too where it is given in something else. */
function lengthText(written: Duration, steps: number | null): string {
  if (typeof written === 'number') return t('{0} steps', written);
  return steps === null || written.includes('step') ? written : t('{0} ({1} steps)', written, steps);
}

function checkWarmup(view: View): Finding[] {
  const { warmup } = view.experiment.optimizer.schedule;
  const { share, steps, total } = timesOfRun(view, warmup);
  if (!(share > 0.5)) return [];
  const isLonger = share > 1;
  const said = lengthText(warmup, steps);
  return [
    {
      severity: 'warning',
      code: isLonger ? 'warmup_longer_than_run' : 'warmup_long',
      message: isLonger
        ? t(
            'The warm-up of {0} is longer than the run of {1}: the rates end at {2}% of their peak. 5% of the run is usual.',
            said,
            total,
            Math.round(100 / share),
          )
        : t(
            'The warm-up of {0} is {1}% of the run{2}; 5% to 10% is usual.',
            said,
            Math.round(share * 100),
            total === '' ? '' : t(' of {0}', total),
          ),
      paths: ['optimizer.schedule.warmup'],
      value: warmup,
      fixes: [
        { set: 'optimizer.schedule.warmup', to: '5%' },
        { set: 'optimizer.schedule.warmup', to: '10%' },
      ],
    },
  ];
}

function checkEvery(view: View, section: 'eval' | 'checkpoint'): Finding[] {
  const { every } = view.experiment[section];
  const { share, steps, total } = timesOfRun(view, every);
  // At exactly once a run it is the end, which is done anyway: worth a word only when it is rarer.
  if (!(share > 1)) return [];
  const said = lengthText(every, steps);
  return [
    {
      severity: 'warning',
      code: section === 'eval' ? 'eval_rarer_than_run' : 'checkpoint_rarer_than_run',
      message:
        section === 'eval'
          ? t(
              'Every {0} is rarer than the run of {1} is long: recall is measured at the end only.',
              said,
              total,
            )
          : t(
              'Every {0} is rarer than the run of {1} is long: the only checkpoint is the last, and a run that is cut off loses everything.',
              said,
              total,
            ),
      paths: [`${section}.every`, 'train.steps', 'train.epochs'],
      value: every,
      fixes: ['10%', '1 epoch']
        .filter((to) => !(timesOfRun(view, to).share > 1))
        .map((to) => ({ set: `${section}.every`, to })),
    },
  ];
}

function checkShort(view: View): Finding[] {
  const length = runLength(view);
  const { batch_size, steps } = view.experiment.train;
  const pairs = view.facts.data?.train_pairs;
  if (!length || steps !== null || length.steps >= 100 || pairs === undefined || pairs < batch_size)
    return [];
  return [
    {
      severity: 'info',
      code: 'few_steps',
      message: t(
        'The run has only {0} steps ({1} training pairs, batch {2}, {3} a pass); a model from scratch needs some hundreds.',
        length.steps,
        pairs,
        batch_size,
        length.stepsPerEpoch,
      ),
      paths: ['train.epochs', 'train.batch_size'],
      fixes: [{ set: 'train.epochs', to: String(Math.ceil(500 / length.stepsPerEpoch)) }],
    },
  ];
}
