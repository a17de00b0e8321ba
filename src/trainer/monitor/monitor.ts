import type { RunConfig } from '../../experiment/config.ts';
import type { RunFinding } from '../../protocol/events.ts';
import { dataWait, pairsPerS } from '../../protocol/metrics.ts';
import type { RunState } from '../../protocol/state.ts';
import type { Batch } from '../../data/loader.ts';
import type { Evaluation } from '../evaluation/evaluate.ts';
import { atChance } from './at-chance.ts';
import { batchFacts } from './batch-facts.ts';
import { clipping } from './clipping.ts';
import { collapse } from './collapse.ts';
import type { Columns } from './columns.ts';
import { dataWaiting } from './data-waiting.ts';
import { deadBranch } from './dead-branch.ts';
import { dominatingBranch } from './dominating-branch.ts';
import { firstLoss } from './first-loss.ts';
import { emptyHistory, type Question } from './history.ts';
import { nonFinite } from './non-finite.ts';
import { overfitting } from './overfitting.ts';
import { plateau } from './plateau.ts';
import { recallAtChance } from './recall-at-chance.ts';
import { repeatedPairs } from './repeated-pairs.ts';
import { spike } from './spike.ts';
import { temperatureFloor } from './temperature-floor.ts';
import { throughput } from './throughput.ts';
import { englishOf } from '../../text/say.ts';

/** Reads along while a run trains, and says what its numbers mean where that is worth knowing: each finding once. */
export interface Monitor {
  step(step: number, metrics: Readonly<Record<string, number>>, batch: Batch): void;
  evaluated(step: number, evaluation: Evaluation): void;
}

const ofEachStep: readonly Question[] = [firstLoss, nonFinite];

/** About many steps: asked at every tenth, as an answer does not change in a step. */
const ofManySteps: readonly Question[] = [
  atChance,
  temperatureFloor,
  ...(['image', 'text', 'fusion', 'scale'] as const).map(deadBranch),
  dominatingBranch,
  clipping,
  plateau,
  repeatedPairs,
  dataWaiting,
  throughput,
  spike,
];
const everySteps = 10;

const ofEvaluations: readonly Question[] = [collapse, overfitting, recallAtChance];

/** `before`: what the run's events say of earlier trainers of it, up to the step that it goes on from; null for a fresh run. */
export function createMonitor(
  config: RunConfig,
  say: (finding: RunFinding) => void,
  before: RunState | null,
): Monitor {
  const history = emptyHistory(config);
  const said = new Set(before?.findings.map(causeOf));
  if (before) {
    history.step = before.step;
    history.chance = before.chance;
    takeBack(before, 'train/', history.steps);
    takeBack(before, 'val/', history.evaluations);
  }

  const ask = (questions: readonly Question[]): void => {
    for (const question of questions) {
      const answer = question(history);
      if (!answer || said.has(causeOf(answer))) continue;
      said.add(causeOf(answer));
      const { message, advice, ...rest } = answer;
      say({
        step: history.step,
        ...rest,
        message: englishOf(message),
        advice: englishOf(advice),
        said: { message, advice },
      });
    }
  };

  return {
    step(step, metrics, batch) {
      history.step = step;
      history.steps.push({ ...metrics, ...batchFacts(batch, config.model.fusion) });
      ask(ofEachStep);
      if (step % everySteps === 0) ask(ofManySteps);
    },
    evaluated(step, { metrics, chance }) {
      history.chance = chance;
      history.evaluations.push({ ...metrics, step });
      ask(ofEvaluations);
    },
  };
}

const causeOf = ({ code, key }: Pick<RunFinding, 'code' | 'key'>): string => `${code} ${key}`;

/** The newest values of all metrics that have a value in each row; of another time on the clock nothing is compared. */
function takeBack({ series }: RunState, prefix: string, columns: Columns): void {
  const found = [...series].filter(
    ([name, { length }]) => name.startsWith(prefix) && length > 0 && name !== pairsPerS && name !== dataWait,
  );
  const longest = found.reduce(
    (most, [, one]) => (one.length > (most?.length ?? 0) ? one : most),
    found[0]?.[1],
  );
  if (!longest) return;
  const rows = Math.min(longest.length, 1000);
  for (let back = rows; back > 0; back--) {
    const step = longest.steps[longest.length - back]!;
    const row: Record<string, number> = { step };
    for (const [name, one] of found) {
      const at = one.length - back;
      if (at >= 0 && one.steps[at] === step) row[name] = one.values[at]!;
    }
    columns.push(row);
  }
}
