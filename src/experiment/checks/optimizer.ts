import { listed } from '../../text/words.ts';
import { parseDuration } from '../schema/duration.ts';
import { numberText } from '../../text/numbers.ts';
import type { Finding, View } from './finding.ts';
import { encoders } from './rates.ts';

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
        message:
          'Gradients are not clipped: one bad batch can undo hours. A norm of 1.0 is usual (BERT, Hugging Face’s Trainer) and does nothing while gradients are smaller.',
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
        message: `A clip norm of ${numberText(clip_norm)} is hardly ever reached, so nothing is clipped in practice; 1.0 is usual.`,
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
        ? `A weight decay of ${weight_decay} pulls the loaded ${listed(loaded.map((one) => one.branch))} weights towards 0 at every step; above 0.1 that undoes pretraining. 0.01 is usual (BERT).`
        : `A weight decay of ${weight_decay} is above 0.3: weights are held near 0 and the loss stays high. 0.01 is usual; CLIP’s 0.2 was for 400 million pairs.`,
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
      message: `There is no warm-up, and the ${listed(loaded.map((one) => one.branch))} encoder starts from loaded weights: AdamW’s first steps, taken at the full rate with no running mean yet, damage them. 5% to 10% of the run is usual.`,
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
      message: `beta2 (${beta2}) is below beta1 (${beta1}): the squared gradients are forgotten faster than the gradients, and single steps grow large. 0.9 and 0.999 are usual.`,
      paths: beta1 > 0.95 ? ['optimizer.beta1', 'optimizer.beta2'] : ['optimizer.beta2', 'optimizer.beta1'],
      value: beta1 > 0.95 ? beta1 : beta2,
      fixes: [beta1 > 0.95 ? { set: 'optimizer.beta1', to: '0.9' } : { set: 'optimizer.beta2', to: '0.999' }],
    },
  ];
}
