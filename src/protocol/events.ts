import type { Said } from '../text/say.ts';
import type { Chance } from './chance.ts';
import type { RunEngine } from './run.ts';

/**
 * What a trainer says, one line of `events.jsonl` each. A run has one writer; lines are only ever appended.
 * Numbers that JSON cannot hold are written as the strings "NaN", "Infinity", "-Infinity" (see `numbers.ts`).
 */
export type RunEvent =
  | StartedEvent
  | StepEvent
  | EvalEvent
  | SystemEvent
  | CheckpointEvent
  | SkippedEvent
  | NoteEvent
  | PreparingEvent
  | FindingEvent
  | EndedEvent;

/** A trainer took the run up: at step 0, or at a checkpoint's step when it was resumed. */
export interface StartedEvent {
  kind: 'started';
  /** Unix time in milliseconds, as in all events. */
  time: number;
  /** Steps already done: later steps of an earlier trainer are superseded. */
  step: number;
  /** Length of the run in steps. */
  steps: number;
  steps_per_epoch: number;
  batch_size: number;
  engine: string;
  provider: string | null;
  device: string;
  threads: number;
  /** What was measured when the provider was chosen; missing where nothing was. */
  measured?: RunEngine['measured'];
  clip_norm: number | null;
  /** Of which kind `train/loss` is; absent: info_nce. */
  loss?: string;
  train_pairs: number;
  val_pairs: number;
}

/** One optimizer update, or one that was skipped (then a `skipped` event with the same step follows). */
export interface StepEvent {
  kind: 'step';
  time: number;
  /** 1 after the first update. */
  step: number;
  /** By metric name (`metrics.ts`). */
  metrics: Record<string, number>;
}

export interface EvalEvent {
  kind: 'eval';
  time: number;
  step: number;
  metrics: Record<string, number>;
  /** What guessing gives of some of them, among the candidates of this evaluation; earlier versions did not say. */
  chance?: Record<string, Chance>;
}

/** What the run takes of its machine at that time, every few seconds. */
export interface SystemEvent {
  kind: 'system';
  time: number;
  /** Steps done by then; it may stand behind later steps. */
  step: number;
  metrics: Record<string, number>;
}

export interface CheckpointEvent {
  kind: 'checkpoint';
  time: number;
  step: number;
  /** True when it holds the best value so far of the metric that decides. */
  best: boolean;
}

/** The gradient of a step was not finite: parameters were left as they were. */
export interface SkippedEvent {
  kind: 'skipped';
  time: number;
  step: number;
  /** A branch whose norm was not finite; of several the one with the largest weight. */
  branch: string;
  /** Skipped steps in a row, this one included. */
  in_a_row: number;
  /** Each branch's last finite gradient norm. */
  last_finite_norm: Record<string, number>;
}

/** Something a person should know, e.g. pictures that could not be read. */
export interface NoteEvent {
  kind: 'note';
  time: number;
  step: number;
  severity: 'info' | 'warning';
  /** Stable name, e.g. `bad_pictures`, `engine_fallback`. */
  code: string;
  message: string;
  said?: { message: Said };
  /** Names of files and the like, at most 100. */
  items?: string[];
}

/** What the run's own numbers say is going wrong, or what a strange one means: told once for each cause. */
export interface FindingEvent extends RunFinding {
  kind: 'finding';
  time: number;
}

export interface RunFinding {
  step: number;
  /** error: hours are wasted. warning: worth a change. info: what a number means. */
  severity: 'info' | 'warning' | 'error';
  /** Stable name, e.g. `at_chance`. */
  code: string;
  /** Dotted key of the setting that it is about; null when no one setting is. */
  key: string | null;
  /** One sentence: what happened, with its numbers. */
  message: string;
  /** One sentence: what to do. */
  advice: string;
  /** The numbers that it rests on, by name. */
  evidence: Record<string, number>;
  /** Both sentences as they are kept for readers of other languages. */
  said?: { message: Said; advice: Said };
  /** The setting that would mend it, where one would. */
  change?: { path: string; value: string | number | boolean | null | number[] };
}

/** How far something is that comes before the first step. */
export interface PreparingEvent {
  kind: 'preparing';
  time: number;
  step: number;
  /** What is made: features of images or of captions by a frozen encoder; what is fetched: weights; or that steps are timed on a provider. */
  what: 'image_features' | 'text_features' | 'download' | 'provider_timing';
  /** Of a download: the model, `hf:owner/name`. Of timing: the provider. */
  name?: string;
  /** Inputs of the encoder; bytes of a download; providers. */
  done: number;
  total: number;
  /** null: not known yet. */
  left_ms: number | null;
}

export interface EndedEvent {
  kind: 'ended';
  time: number;
  step: number;
  status: EndStatus;
  /** For failed and diverged: one sentence what happened, one what to do. For stopped_early: at which rung and behind which others. */
  reason?: string;
  said?: { reason: Said };
}

/** `stopped_early`: its sweep ended it at a rung, where it was behind the others. */
export type EndStatus = 'finished' | 'stopped' | 'stopped_early' | 'failed' | 'diverged';
/** `log`: a log of another program, which does not say whether it goes on. */
export type RunStatus = 'queued' | 'running' | 'stopping' | 'interrupted' | 'log' | EndStatus;
