import { setValue } from '../experiment/edit.ts';
import type { TextEdit } from '../experiment/problem.ts';
import { HumanError } from '../protocol/human-error.ts';

/** One `--set key=value`. */
export interface Assignment {
  /** Dotted key. */
  key: string;
  /** YAML text. */
  value: string;
}

/** Throws HumanError `usage` for what is not key=value. */
export function readAssignment(text: string): Assignment {
  const match = /^\s*([\w.-]+)\s*=(.*)$/s.exec(text);
  if (!match)
    throw new HumanError(
      `--set ${text} is not of the form key=value.`,
      'Write for example --set train.epochs=5.',
      'usage',
    );
  return { key: match[1]!, value: match[2]!.trim() };
}

/** The text with each value put in where the file would have it. */
export function applyAssignments(text: string, assignments: Assignment[]): string {
  return assignments.reduce(
    (changed, { key, value }) => applyEdits(changed, setValue(changed, key, value)),
    text,
  );
}

/** Edits are in places of the same text, so the last one is made first. */
export function applyEdits(text: string, edits: TextEdit[]): string {
  return [...edits]
    .sort((a, b) => b.start - a.start)
    .reduce((changed, edit) => changed.slice(0, edit.start) + edit.text + changed.slice(edit.end), text);
}
