import type { FieldView } from '../../src/experiment/schema/field-view.ts';
import type { ProblemView } from '../../src/protocol/panel.ts';
import { t } from '../../src/text/say.ts';

/** A problem with its place in the experiment's list, by which its fixes are asked for. */
export interface PlacedProblem {
  index: number;
  problem: ProblemView;
}

/** A field with what is wrong with it. */
export interface Line {
  field: FieldView;
  problems: PlacedProblem[];
}

/** One thing to set: a field, or several that share a parent (the learning rates of the branches). */
export interface Row {
  key: string;
  label: string;
  /** Each with a name of its own in a row of several. */
  lines: Line[];
}

export interface Section {
  name: string;
  rows: Row[];
  problems: PlacedProblem[];
}

export interface Layout {
  /** The first holds what one sets first, the others the rest in the file's order. */
  sections: Section[];
  /** Problems of the file as a whole. */
  problems: PlacedProblem[];
}

/** The form: fields that contain every word of `search`, each once, and each problem once and as near to its field as can be. */
export function layoutOf(fields: FieldView[], problems: ProblemView[], search: string): Layout {
  const basic: Section = { name: basicName(), rows: [], problems: [] };
  const sections: Section[] = [basic];
  for (const field of fields) {
    let section = field.isBasic ? basic : sections.find(({ name }) => name === field.section);
    if (!section) sections.push((section = { name: field.section, rows: [], problems: [] }));
    const line = { field, problems: [] };
    const last = section.rows.at(-1);
    if (last && isShared(last.lines[0]!.field, field)) last.lines.push(line);
    else section.rows.push({ key: field.path, label: field.label, lines: [line] });
  }
  for (const row of sections.flatMap(({ rows }) => rows)) {
    const { field } = row.lines[0]!;
    // In the file a section says whose name or kind it is.
    if (row.lines.length > 1 || (field.isBasic && depth(field.path) > 2))
      row.label = field.section.split(' › ').at(-1)!;
  }
  const whole = problems
    .map((problem, index) => ({ problem, index }))
    .filter((placed) => !place(sections, placed));
  return { sections: found(sections, search), problems: whole };
}

export const basicName = (): string => t('Basics');

const depth = (path: string): number => path.split('.').length;

const isShared = (a: FieldView, b: FieldView): boolean =>
  parentOf(a.path) === parentOf(b.path) &&
  (parentOf(a.path).endsWith('learning_rate') || (a.isBasic && depth(a.path) > 2));

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('.')));

function place(sections: Section[], placed: PlacedProblem): boolean {
  const { path } = placed.problem;
  if (!path) return false;
  const lines = sections.flatMap(({ rows }) => rows).flatMap((row) => row.lines);
  const under = (outer: string, inner: string): boolean => inner === outer || inner.startsWith(`${outer}.`);
  const line =
    lines.find(({ field }) => field.path === path) ??
    lines.find(({ field }) => under(field.path, path)) ??
    (path.includes('.') ? lines.find(({ field }) => under(path, field.path)) : undefined);
  if (line) return line.problems.push(placed) > 0;
  // A key that there is not: with the others of its section, not with those that one sets first.
  const parent = parentOf(path) || path;
  const section = sections
    .slice(1)
    .find(({ rows }) => rows.some(({ lines: own }) => own.some(({ field }) => under(parent, field.path))));
  return section ? section.problems.push(placed) > 0 : false;
}

function found(sections: Section[], search: string): Section[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = ({ path, label, section, description }: FieldView): boolean => {
    const text = `${path} ${path.replaceAll('_', ' ')} ${label} ${section} ${description}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return sections
    .map((section) => ({
      ...section,
      rows: section.rows.filter(({ lines }) => lines.some(({ field }) => matches(field))),
    }))
    .filter(({ rows }) => rows.length > 0);
}

/** Problems of a section and of all of its fields. */
export const problemsOf = ({ problems, rows }: Section): PlacedProblem[] => [
  ...problems,
  ...rows.flatMap(({ lines }) => lines).flatMap((line) => line.problems),
];
