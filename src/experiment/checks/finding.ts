import type { Facts } from './facts.ts';
import type { Parsed } from '../parse/parsed.ts';
import type { Problem } from '../document/problem.ts';
import type { Experiment } from '../schema/schema.ts';
import { trialValues } from '../sweep.ts';

/** What a check looks at: an experiment (of a sweep: one trial) and what is known of the world. */
export interface View {
  experiment: Experiment;
  parsed: Parsed;
  facts: Partial<Facts>;
}

/** Something doubtful, before it has a place in the text. */
export interface Finding {
  severity: Problem['severity'];
  code: string;
  message: string;
  /** Dotted keys that it is about, the one to mark first; the first that is written in the file gets the mark. */
  paths: string[];
  /** The value found at the first of them: of a sweep list, the item that is marked. */
  value?: unknown;
  /** Values that mend it: `set` a dotted key to a YAML text, or `remove` it. */
  fixes: FindingFix[];
}

export type FindingFix = Change | { all: Change[]; title: string };

export type Change = { set: string; to: string; title?: string } | { remove: string; title?: string };

/** Errors of values that were read and do not go with others. */
const contradictions = new Set([
  'exclusive_keys',
  'part_of_loaded_model',
  'heads_do_not_divide',
  'range_upside_down',
  'unknown_metric',
]);

/** A dotted key, or what holds it, is written and cannot be read: its value is a default that nobody asked for. */
export function isUnread({ parsed }: View, path: string): boolean {
  return parsed.problems.some(
    ({ severity, code, path: at, setting }) =>
      severity === 'error' &&
      !contradictions.has(code) &&
      (code.startsWith('yaml_') ||
        code === 'lookalike_sign' ||
        at === path ||
        path.startsWith(`${at}.`) ||
        at.startsWith(`${path}.`) ||
        setting === path),
  );
}

/** The names that an encoder has over all trials: a fix of a setting that is not swept is one for each of them. */
const encoderNames = ({ parsed: { lenient } }: View, branch: 'image' | 'text'): string[] =>
  trialValues(lenient, `model.${branch}_encoder.name`, lenient.model[`${branch}_encoder`].name);

/** Lets an encoder learn; nothing where some trial has one that others exported, which cannot. */
export const letLearn = (view: View, branch: 'image' | 'text'): Change[] =>
  encoderNames(view, branch).includes('auto') ? [] : [{ set: `model.${branch}_encoder.train`, to: 'full' }];

/** Does without the weights of a key; nothing where some trial's encoder is what its weights are. */
export function withoutWeights(view: View, path: string): Change[] {
  const branch = /^model\.(image|text)_encoder\.weights$/.exec(path)?.[1] as 'image' | 'text' | undefined;
  const isNeeded =
    branch && encoderNames(view, branch).some((name) => ['auto', 'vit', 'clip'].includes(name));
  return isNeeded ? [] : [{ set: path, to: 'null' }];
}

export type Check = (view: View) => Finding[];
