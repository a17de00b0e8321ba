import { removeKey, setValue } from '../experiment/edit/edit.ts';
import { applyEdits } from '../experiment/edit/apply-edits.ts';
import { HumanError } from '../protocol/human-error.ts';
import { said } from '../text/say.ts';

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
      said('--set {0} is not of the form key=value.', text),
      said('Write for example --set train.epochs=5.'),
      'usage',
    );
  return { key: match[1]!, value: match[2]!.trim() };
}

/** The text with each value put in where the file would have it, and without the key that it excludes. */
export function applyAssignments(text: string, assignments: Assignment[]): string {
  const isSet = (key: string): boolean => assignments.some((one) => one.key === key);
  return assignments.reduce((changed, { key, value }) => {
    const other = excludes[key];
    const without =
      other === undefined || isSet(other) || value === 'null'
        ? changed
        : applyEdits(changed, removeKey(changed, other));
    return applyEdits(without, setValue(without, key, value));
  }, text);
}

/** Keys of which a file may have only one: what is set wins over what is written. */
const excludes: Record<string, string> = {
  'train.steps': 'train.epochs',
  'train.epochs': 'train.steps',
  'data.val': 'data.val_fraction',
  'data.val_fraction': 'data.val',
};
