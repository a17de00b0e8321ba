import type { DrawKind, FieldView } from '../../src/experiment/schema/field-view.ts';

/** What is written into the file for what a person typed into a field: YAML text of one value. */
export function typedAsYaml(control: FieldView['control'], typed: string): string {
  const text = typed.trim();
  if (control === 'list' || control === 'range') return listText(text);
  if (/^(".*"|'.*')$/.test(text)) return text;
  return isPlain(text) ? text : JSON.stringify(text);
}

/** Values of a list that was typed: `1e-4, 3e-4` or `[1e-4, 3e-4]`; commas inside quotes or brackets belong to the value. */
export function listValues(typed: string): string[] {
  const inside = typed.trim().replace(/^\[([\s\S]*)\]$/, '$1');
  const values: string[] = [];
  let value = '';
  let depth = 0;
  let quote = '';
  for (const letter of inside) {
    if (quote) {
      if (letter === quote) quote = '';
    } else if (letter === '"' || letter === "'") quote = letter;
    else if ('[{'.includes(letter)) depth++;
    else if (']}'.includes(letter)) depth--;
    if (letter === ',' && !quote && depth === 0) {
      values.push(value.trim());
      value = '';
    } else value += letter;
  }
  return [...values, value.trim()].filter((each) => each !== '');
}

/** A list's values as a distribution takes them: a range goes from the smallest to the largest. */
export function drawnFrom(values: string[], draw: DrawKind): string[] {
  if (draw === 'choice' || values.length === 0) return values;
  const sorted = values.toSorted((a, b) => Number(a) - Number(b));
  return [sorted[0]!, sorted.at(-1)!];
}

function listText(text: string): string {
  if (text === 'null' || text === '~') return 'null';
  return `[${listValues(text).join(', ')}]`;
}

/** Whether YAML 1.2 reads the text as one plain value, also inside [ ] and { }. */
function isPlain(text: string): boolean {
  if (text === '') return false;
  if (/^[-?:,[\]{}#&*!|>'"%@`]/.test(text) && !/^-?\.?\d/.test(text)) return false;
  return !/: |:$| #|[[\]{},]|[\n\t]/.test(text);
}
