import type { Facts } from './facts.ts';
import type { Parsed } from '../parse/parsed.ts';
import type { Problem } from '../document/problem.ts';
import type { Experiment } from '../schema/schema.ts';

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

export type FindingFix = { set: string; to: string; title?: string } | { remove: string; title?: string };

export type Check = (view: View) => Finding[];
