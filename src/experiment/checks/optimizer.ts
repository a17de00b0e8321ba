import { listed } from '../../text/words.ts';
import { parseDuration } from '../schema/duration.ts';
import { numberText } from '../../text/numbers.ts';
import type { Finding, View } from './finding.ts';
import { encoders } from './rates.ts';
import { t } from '../../text/say.ts';
import { branchName } from '../../text/settings.ts';

/** How AdamW updates: clipping, weight decay, warm-up and betas. */
export function checkOptimizer(view: View): Finding[] {
  return [...checkClipping(view), ...checkDecay(view), ...checkWarmup(view), ...checkBetas(view)];
}

function checkClipping({ experiment }: View): Finding[] {
  const { clip_norm } = experiment.optimizer;
  if (clip_norm === null)
    return [
      {
        severity: 'warning',
        code: 'no_clipping',
        message: t(
          'Gradients are not clipped: one bad batch can undo hours. A norm of 1.0 is usual (BERT, Hugging Face’s Trainer) and does nothing while gradients are smaller.',
        ),
        paths: ['optimizer.clip_norm'],
        value: null,
        fixes: [{ set: 'optimizer.clip_norm', to: '1.0' }],
      },
    ];
  if (clip_norm > 100)
    return [
      {
        severity: 'info',
        code: 'clipping_loose',
        message: t(
          'A clip norm of {0} is hardly ever reached, so nothing is clipped in practice; 1.0 is usual.',
          numberText(clip_norm),
        ),
        paths: ['optimizer.clip_norm'],
        value: clip_norm,
        fixes: [{ set: 'optimizer.clip_norm', to: '1.0' }],
      },
    ];
  return [];
}

function checkDecay(view: View): Finding[] {
  const { weight_decay } = view.experiment.optimizer;
  const loaded = encoders(view).filter((one) => one.loaded && one.learns);
  const most = loaded.length ? 0.1 : 0.3;
  if (weight_decay <= most) return [];
  return [
    {
      severity: 'warning',
      code: 'weight_decay_harms',
      message: loaded.length
        ? t(
            'A weight decay of {0} pulls the loaded {1} weights towards 0 at every step; above 0.1 that undoes pretraining. 0.01 is usual (BERT).',
            weight_decay,
            listed(loaded.map((one) => branchName(one.branch))),
          )
        : t(
            'A weight decay of {0} is above 0.3: weights are held near 0 and the loss stays high. 0.01 is usual; CLIP’s 0.2 was for 400 million pairs.',
            weight_decay,
          ),
      paths: ['optimizer.weight_decay'],
      value: weight_decay,
      fixes: [
        { set: 'optimizer.weight_decay', to: '0.01' },
        { set: 'optimizer.weight_decay', to: '0.1' },
      ],
    },
  ];
}

function checkWarmup(view: View): Finding[] {
  const { warmup } = view.experiment.optimizer.schedule;
  const parsed = parseDuration(warmup);
  const loaded = encoders(view).filter((one) => one.loaded && one.learns);
  if (parsed?.amount !== 0 || !loaded.length) return [];
  return [
    {
      severity: 'warning',
      code: 'no_warmup',
      message: t(
        'There is no warm-up, and the {0} encoder starts from loaded weights: AdamW’s first steps, taken at the full rate with no running mean yet, damage them. 5% to 10% of the run is usual.',
        listed(loaded.map((one) => branchName(one.branch))),
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

function checkBetas({ experiment }: View): Finding[] {
  const { beta1, beta2 } = experiment.optimizer;
  if (beta2 >= beta1) return [];
  return [
    {
      severity: 'warning',
      code: 'betas_exchanged',
      message: t(
        'beta2 ({0}) is below beta1 ({1}): the squared gradients are forgotten faster than the gradients, and single steps grow large. 0.9 and 0.999 are usual.',
        beta2,
        beta1,
      ),
      paths: beta1 > 0.95 ? ['optimizer.beta1', 'optimizer.beta2'] : ['optimizer.beta2', 'optimizer.beta1'],
      value: beta1 > 0.95 ? beta1 : beta2,
      fixes: [beta1 > 0.95 ? { set: 'optimizer.beta1', to: '0.9' } : { set: 'optimizer.beta2', to: '0.999' }],
    },
  ];
}
