import type { Distribution } from '../draw.ts';

export type DrawKind = Distribution['kind'];

/** One setting of an experiment as a form shows it. */
export interface FieldView {
  /** Dotted key: `optimizer.learning_rate.image`. */
  path: string;
  section: string;
  label: string;
  description: string;
  control: 'text' | 'number' | 'duration' | 'choice' | 'boolean' | 'range' | 'list' | 'path';
  unit: string | null;
  choices: string[] | null;
  /** As it stands in the file; null when the file does not have the key. */
  text: string | null;
  /** The default as it would be written. */
  defaultText: string;
  /** Values when the key is swept: those of its list, or the bounds of its distribution. */
  sweep: string[] | null;
  /** What the sweep draws from; `choice` for a list, also where all combinations are tried. */
  draw: DrawKind;
  sweepable: boolean;
  /** What the sweep of this file can draw the setting from; empty where it tries all combinations. */
  draws: DrawKind[];
  /** Among the first things that a person sets. */
  isBasic: boolean;
}
