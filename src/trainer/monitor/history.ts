import type { RunConfig } from '../../experiment/config.ts';
import type { Chance } from '../../protocol/chance.ts';
import type { Said } from '../../text/say.ts';
import type { RunFinding } from '../../protocol/events.ts';
import { Columns } from './columns.ts';

/** What questions look at: what the run has measured so far, as far back as they look. */
export interface History {
  config: RunConfig;
  /** Steps done. */
  step: number;
  /** By the names of `metrics.ts`, and of `batch-facts.ts`. */
  steps: Columns;
  evaluations: Columns;
  /** What guessing gives in the last evaluation, by metric. */
  chance: Record<string, Chance>;
}

/** A question about a run, and what a person should know when its answer is yes. Without numbers there is no answer. */
export type Question = (history: History) => Answer | null;

/** A finding before it is written: its texts as they are kept. */
export type Answer = Omit<RunFinding, 'step' | 'message' | 'advice' | 'said'> & {
  message: Said;
  advice: Said;
};

/** The furthest that a question looks back, a fifth of a run of 10,000 steps. */
const keptSteps = 2000;
const keptEvaluations = 200;

export const emptyHistory = (config: RunConfig): History => ({
  config,
  step: 0,
  steps: new Columns(keptSteps),
  evaluations: new Columns(keptEvaluations),
  chance: {},
});

/** Whether the last `count` steps all came after the warm-up. */
export const isWarm = ({ config, step }: History, count: number): boolean =>
  step - count >= config.optimizer.schedule.warmup;
