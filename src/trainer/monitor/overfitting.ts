import { recallAt, trainLoss, valLoss } from '../../protocol/metrics.ts';
import { counted, shortNumber } from '../../text/numbers.ts';
import type { Answer, History, Question } from './history.ts';
import { mean } from './statistics.ts';
import { said } from '../../text/say.ts';

/** Evaluations that are worse one after the other. */
const worse = 3;
/** A validation loss that is worse than the best by less varies by itself. */
const leastWorse = 0.02;
/** Training must have gone on meanwhile. */
const leastFall = 0.02;
/** Steps whose mean is the training loss at an evaluation. */
const steps = 20;

/** Whether the validation loss rises while the training loss falls, and no recall gets better. */
export const overfitting: Question = (history) => {
  const { evaluations, steps: rows, step } = history;
  const losses = evaluations.all(valLoss);
  const at = evaluations.all('step');
  if (losses.length <= worse) return null;
  const last = losses.subarray(-worse - 1);
  for (let i = 1; i < last.length; i++) if (!(last[i]! > last[i - 1]!)) return null;
  let best = 0;
  losses.forEach((value, i) => {
    if (value < losses[best]!) best = i;
  });
  const [bestLoss, lastLoss] = [losses[best]!, losses.at(-1)!];
  if (!(lastLoss > (1 + leastWorse) * bestLoss)) return null;
  // The training loss at the evaluation before the worse ones, as far as it is kept, and now.
  const back = step - at[at.length - worse - 1]!;
  const training = rows.last(trainLoss, Math.min(rows.length, back + steps));
  if (!training || training.length < 2 * steps) return null;
  const [was, is] = [mean(training.subarray(0, steps)), mean(training.subarray(-steps))];
  if (!(is < (1 - leastFall) * was) || isRecallBetter(history)) return null;
  return {
    code: 'overfitting',
    severity: 'warning',
    message: said(
      'The validation loss has risen in {0} evaluations, to {1} from its best of {2} at step {3}, while the training loss fell from {4} to {5} and no recall became better: the pairs are learnt by heart.',
      worse,
      shortNumber(lastLoss),
      shortNumber(bestLoss),
      counted(at[best]!),
      shortNumber(was),
      shortNumber(is),
    ),
    evidence: {
      val_loss: lastLoss,
      best_val_loss: bestLoss,
      best_step: at[best]!,
      train_loss: is,
      before: was,
    },
    ...remedy(history, at[best]!),
  };
};

function isRecallBetter({ config, evaluations }: History): boolean {
  return config.eval.recall_at.some((k) => {
    const recalls = evaluations.all(recallAt(k));
    const before = recalls.subarray(0, -worse);
    return before.length > 0 && Math.max(...recalls.subarray(-worse)) > Math.max(...before);
  });
}

function remedy({ config }: History, bestStep: number): Pick<Answer, 'key' | 'advice' | 'change'> {
  const { augment } = config.data;
  if (augment.crop === null && augment.flip === 0)
    return {
      key: 'data.augment',
      advice: said(
        'Let images be cropped at random, so that none is seen twice alike; more pairs help most.',
      ),
      change: { path: 'data.augment.crop', value: [0.8, 1] },
    };
  const { epochs, steps_per_epoch } = config.train;
  const shorter = epochs === null ? bestStep : Math.max(1, Math.round(bestStep / steps_per_epoch));
  const path = epochs === null ? 'train.steps' : 'train.epochs';
  return {
    key: path,
    advice: said(
      'Stop here and use the best checkpoint, or train for {0}; more pairs, stronger augmentation and a smaller model help against it.',
      epochs === null ? said('{0} steps', counted(shorter)) : said('{0} epochs', counted(shorter)),
    ),
    change: { path, value: shorter },
  };
}
