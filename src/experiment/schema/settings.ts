import * as z from 'zod';
import { t } from '../../text/say.ts';
import type { FieldView } from './field-view.ts';
import type { KeyMeta, Usual } from './key.ts';
import { experimentSchema } from './schema.ts';
import { sweepOptionsSchema } from './sweep-section.ts';
import { yamlText } from '../edit/yaml-text.ts';

/** A key of the experiment file that holds a value. */
export interface Setting {
  /** Dotted key. */
  path: string;
  /** Last part of the path. */
  name: string;
  label: string;
  description: string;
  unit: string | null;
  usual: Usual[];
  control: FieldView['control'];
  choices: string[] | null;
  /** How values are written that are no single word, as YAML text. */
  forms: string[];
  /** Words that stand in the place of a number: `auto`. */
  words: string[];
  /** What the value is, told from the schema. */
  wants: 'number' | 'whole' | 'text' | 'boolean' | 'choice' | 'duration' | 'wholes' | 'range' | 'sweep';
  nullable: boolean;
  /** undefined: required, or it depends on other keys. */
  defaultValue: unknown;
  /** The default as it would be written, or words when it depends on other keys; empty when there is none. */
  defaultText: string;
  /** The default in words, where the schema has such: they are said in the reader's language. */
  defaultWords: string | null;
  sweepable: boolean;
  isBasic: boolean;
  schema: z.ZodType;
}

/** The default as a reader is told it. */
export const defaultOf = ({ defaultText, defaultWords }: Setting): string =>
  defaultWords === null ? defaultText : t(defaultWords);

/** A key that holds other keys. */
export interface Section {
  path: string;
  label: string;
  description: string;
  /** By name, in the schema's order. */
  children: Map<string, Setting | Section>;
}

export const isSection = (entry: Setting | Section): entry is Section => 'children' in entry;

/** The whole schema as a tree; its own path is empty. */
export const root: Section = sectionOf(experimentSchema, '', { label: '', description: 'The experiment' });

/** What a sweep holds beside its lists, which are no keys of the schema. */
export const sweepOptions: Section = sectionOf(sweepOptionsSchema, 'sweep', {
  label: 'Sweep',
  description: 'How settings are drawn, and what ends runs early.',
});

/** Every value key by dotted path, in the schema's order. */
export const settings: ReadonlyMap<string, Setting> = new Map([...collect(root), ...collect(sweepOptions)]);

/** Every section by dotted path; the root's is empty. */
export const sections: ReadonlyMap<string, Section> = new Map([
  ...collectSections(root),
  ...[...collectSections(sweepOptions)].filter(([path]) => path !== sweepOptions.path),
]);

/** Keys that a sweep may name. */
export const sweepableSettings: readonly Setting[] = [...settings.values()].filter((one) => one.sweepable);

function sectionOf(schema: z.ZodObject, path: string, meta: KeyMeta): Section {
  const children = new Map<string, Setting | Section>();
  for (const [name, child] of Object.entries(schema.shape) as [string, z.ZodType][]) {
    const childPath = path ? `${path}.${name}` : name;
    const childMeta = child.meta() as unknown as KeyMeta;
    const bare = unwrap(child);
    children.set(
      name,
      bare instanceof z.ZodObject
        ? sectionOf(bare, childPath, childMeta)
        : settingOf(child, bare, childPath, name, childMeta),
    );
  }
  return { path, label: meta.label, description: meta.description, children };
}

function settingOf(schema: z.ZodType, bare: z.ZodType, path: string, name: string, meta: KeyMeta): Setting {
  const words = meta.control === 'duration' ? [] : wordsOf(bare);
  const choices = choicesOf(bare);
  const wants = wantsOf(bare, meta, choices);
  const empty = schema.safeParse(undefined);
  const defaultValue = empty.success ? empty.data : undefined;
  return {
    path,
    name,
    label: meta.label,
    description: meta.description,
    unit: meta.unit ?? null,
    usual: meta.usual ?? [],
    control: meta.control ?? controlOf(wants),
    choices,
    forms: meta.forms ?? [],
    words,
    wants,
    nullable: schema.safeParse(null).success,
    defaultValue,
    defaultText: meta.defaultText ?? (defaultValue === undefined ? '' : yamlText(defaultValue)),
    defaultWords: meta.defaultText ?? null,
    sweepable: meta.sweepable ?? true,
    isBasic: meta.basic ?? false,
    schema,
  };
}

function wantsOf(bare: z.ZodType, meta: KeyMeta, choices: string[] | null): Setting['wants'] {
  if (meta.control === 'duration') return 'duration';
  if (choices) return 'choice';
  if (bare instanceof z.ZodBoolean) return 'boolean';
  if (bare instanceof z.ZodTuple) return 'range';
  if (bare instanceof z.ZodArray) return 'wholes';
  if (bare instanceof z.ZodCustom) return 'sweep';
  if (bare instanceof z.ZodUnion) return wantsOf(bare.options[0] as z.ZodType, meta, choices);
  if (bare instanceof z.ZodNumber) return bare.format === 'safeint' ? 'whole' : 'number';
  if (
    bare instanceof z.ZodUnion &&
    bare.options.some((option) => option instanceof z.ZodNumber && option.format !== 'safeint')
  )
    return 'number';
  return 'text';
}

/** The words of a setting that takes nothing but words, or besides them a `{ map }`. */
function choicesOf(bare: z.ZodType): string[] | null {
  if (bare instanceof z.ZodUnion)
    return (
      bare.options.map((option) => (option instanceof z.ZodEnum ? choicesOf(option) : null)).find(Boolean) ??
      null
    );
  return bare instanceof z.ZodEnum ? bare.options.map(String) : null;
}

function wordsOf(bare: z.ZodType): string[] {
  if (!(bare instanceof z.ZodUnion)) return [];
  return bare.options.flatMap((option) =>
    option instanceof z.ZodLiteral ? [...option.values].map(String) : [],
  );
}

function controlOf(wants: Setting['wants']): FieldView['control'] {
  switch (wants) {
    case 'number':
    case 'whole':
      return 'number';
    case 'wholes':
      return 'list';
    case 'sweep':
      return 'text';
    default:
      return wants;
  }
}

/** Without default, null and the like. */
function unwrap(schema: z.ZodType): z.ZodType {
  let bare = schema;
  while (
    bare instanceof z.ZodDefault ||
    bare instanceof z.ZodPrefault ||
    bare instanceof z.ZodNullable ||
    bare instanceof z.ZodOptional
  )
    bare = bare.def.innerType as z.ZodType;
  return bare;
}

function* collect(section: Section): Generator<[string, Setting]> {
  for (const child of section.children.values())
    if (isSection(child)) yield* collect(child);
    else yield [child.path, child];
}

function* collectSections(section: Section): Generator<[string, Section]> {
  yield [section.path, section];
  for (const child of section.children.values()) if (isSection(child)) yield* collectSections(child);
}
