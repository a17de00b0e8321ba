import type { RateCurve } from '../analysis/rate-finder.ts';
import type { RateBranch, RateRamp } from '../protocol/rate-ramp.ts';
import type { Facts } from '../experiment/checks/facts.ts';
import type { PreviewMessage } from '../protocol/panel.ts';
import type { Spare } from './clean.ts';
import type { DataFacts } from './data-facts.ts';
import type { EngineInfo } from './engines.ts';
import type { ProblemEntry } from './problem-entry.ts';
import type { RunEntry } from './run-entry.ts';

/** What another program asks of `tandem COMMAND --json`, and the document that it prints: the one table for both sides. */
export interface Calls {
  validate: Call<{ file: string; text: string }, Validated>;
  queue: Call<{ file: string; set: string[]; isSingle: boolean; text?: string }, RunEntry[] | Refused>;
  preview: Call<{ file: string; text: string; index: number; epoch: number; count: number }, PreviewMessage>;
  report: Call<{ runs: string[]; output: string }, { file: string; runs: number; bytes: number }>;
  clean: Call<{ folder: string; isDryRun: boolean }, { items: Spare[]; bytes: number; removed: boolean }>;
  'find-lr': Call<
    { file: string; text: string; branch: RateBranch; others: RateRamp['others'] },
    RateCurve | Refused
  >;
  engines: Call<Record<never, never>, EngineInfo[]>;
}

export type CallName = keyof Calls;
export type Ask<Name extends CallName> = Calls[Name]['ask'];
export type Answer<Name extends CallName> = Calls[Name]['answer'];

interface Call<Ask, Answer> {
  ask: Ask;
  answer: Answer;
}

/** What any command prints that could not do its work. */
export interface Failed {
  error: { code: string; message: string };
}

/** Nothing was begun: these are the problems of the experiment. */
export interface Refused {
  problems: ProblemEntry[];
}

export interface Validated {
  problems: ProblemEntry[];
  /** What the pairs come to; absent when they could not be read. */
  data?: DataFacts;
  /** Names in the header, when one that is asked for is not among them. */
  columns?: string[];
  /** What is known of the world: with it the text can be checked again as it changes, without a look at the disk. */
  facts: Partial<Facts>;
  /** Those problems that no check of the text finds from the facts. */
  faults: ProblemEntry[];
  /** Where its runs go. */
  runs_dir: string;
  /** Settings times seeds of its sweep; 1 without one. */
  trials: number;
}
