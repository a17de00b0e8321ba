import type { FieldView } from '../../src/experiment/schema/field-view.ts';
import type { ProblemView } from '../../src/protocol/panel.ts';

/** A problem with its place in the experiment's list, by which its fixes are asked for. */
export interface PlacedProblem {
  index: number;
  problem: ProblemView;
}

/** One line of the form: a field, or several that share a parent (the learning rates of the branches). */
export interface Row {
  key: string;
  label: string;
  fields: FieldView[];
  problems: PlacedProblem[];
}

export interface Section {
  name: string;
  rows: Row[];
  problems: PlacedProblem[];
}

export interface Layout {
  sections: Section[];
  /** Problems of the file as a whole. */
  problems: PlacedProblem[];
}

/** The form: sections in the file's order, fields that contain every word of `search`, each problem once and as near to its field as can be. */
export function layoutOf(fields: FieldView[], problems: ProblemView[], search: string): Layout {
  const sections: Section[] = [];
  for (const field of fields) {
    let section = sections.find(({ name }) => name === field.section);
    if (!section) sections.push((section = { name: field.section, rows: [], problems: [] }));
    const last = section.rows.at(-1);
    if (last && isShared(last.fields[0]!, field)) last.fields.push(field);
    else section.rows.push({ key: field.path, label: field.label, fields: [field], problems: [] });
  }
  for (const row of sections.flatMap(({ rows }) => rows))
    if (row.fields.length > 1) row.label = sentence(parentOf(row.fields[0]!.path).split('.').at(-1)!);
  const whole = problems
    .map((problem, index) => ({ problem, index }))
    .filter((placed) => !place(sections, placed));
  return { sections: found(sections, search), problems: whole };
}

const isShared = (a: FieldView, b: FieldView): boolean =>
  a.control === 'number' &&
  b.control === 'number' &&
  parentOf(a.path) === parentOf(b.path) &&
  parentOf(a.path).endsWith('learning_rate');

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('.')));

/** `learning_rate` as `Learning rate`. */
export const sentence = (key: string): string => {
  const words = key.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

function place(sections: Section[], placed: PlacedProblem): boolean {
  const { path } = placed.problem;
  if (!path) return false;
  const rows = sections.flatMap(({ rows }) => rows);
  const under = (outer: string, inner: string): boolean => inner === outer || inner.startsWith(`${outer}.`);
  const row =
    rows.find(({ fields }) => fields.some((field) => field.path === path)) ??
    rows.find(({ fields }) => fields.some((field) => under(field.path, path))) ??
    (path.includes('.')
      ? rows.find(({ fields }) => fields.some((field) => under(path, field.path)))
      : undefined);
  if (row) return row.problems.push(placed) > 0;
  const section = sections.find(({ rows }) =>
    rows.some(({ fields }) => fields.some((field) => under(path.split('.')[0]!, field.path))),
  );
  return section ? section.problems.push(placed) > 0 : false;
}

function found(sections: Section[], search: string): Section[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return sections;
  const matches = ({ path, label, section, description }: FieldView): boolean => {
    const text = `${path} ${path.replaceAll('_', ' ')} ${label} ${section} ${description}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return sections
    .map((section) => ({ ...section, rows: section.rows.filter(({ fields }) => fields.some(matches)) }))
    .filter(({ rows }) => rows.length > 0);
}
