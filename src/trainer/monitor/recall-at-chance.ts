import { isAtChance } from '../../protocol/chance.ts';
import { recallAt, trainLoss } from '../../protocol/metrics.ts';
import { counted, shortNumber } from '../../text/numbers.ts';
import { batchChance } from './batch-facts.ts';
import type { History, Question } from './history.ts';
import { mean } from './statistics.ts';
import { said } from '../../text/say.ts';

const evaluations = 3;
const steps = 50;
/** The training loss has left chance by this share. */
const leastFall = 0.3;

/** Whether recall stays at chance although the training loss falls. */
export const recallAtChance: Question = (history) => {
  if (!isRecallAtChance(history, evaluations)) return null;
  const loss = history.steps.last(trainLoss, steps);
  const chance = history.steps.last(batchChance, steps);
  if (!loss || !chance) return null;
  const [meanLoss, meanChance] = [mean(loss), mean(chance)];
  if (!(meanLoss < (1 - leastFall) * meanChance)) return null;
  const k = telling(history)[0]!;
  const recall = history.evaluations.last(recallAt(k), 1)![0]!;
  const guessed = history.chance[recallAt(k)]!.mean;
  const { val } = history.config.data;
  return {
    code: 'recall_at_chance',
    severity: 'warning',
    key: val === null ? 'data.pairs' : 'data.val',
    message: said(
      'The training loss has fallen to {0} (chance {1}), but the recalls of {2} evaluations are those of guessing: recall@{3} {4}, chance {5}.',
      shortNumber(meanLoss),
      shortNumber(meanChance),
      evaluations,
      counted(k),
      shortNumber(recall),
      shortNumber(guessed),
    ),
    advice:
      val === null
        ? said(
            'Look at some pairs: with captions that do not belong to their images only single pairs can be learnt by heart, which helps with no other.',
          )
        : said(
            'Look whether the pairs of data.val are of the same kind as the others, and their captions belong to their images.',
          ),
    evidence: { train_loss: meanLoss, train_chance: meanChance, recall, recall_chance: guessed, evaluations },
  };
};

/** The K whose recall is not reached by any guess. */
function telling({ chance, config }: History): number[] {
  return config.eval.recall_at.filter((k) => {
    const guessed = chance[recallAt(k)];
    return guessed !== undefined && guessed.mean < 1;
  });
}

/** Whether all recalls of the last `count` evaluations are no better than guessing; false where the run does not know its chance. */
export function isRecallAtChance(history: History, count: number): boolean {
  const ks = telling(history);
  return (
    ks.length > 0 &&
    ks.every((k) => {
      const recalls = history.evaluations.last(recallAt(k), count);
      return recalls?.every((recall) => isAtChance(recall, history.chance[recallAt(k)]!)) ?? false;
    })
  );
}
