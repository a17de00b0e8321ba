import * as z from 'zod';
import type { FieldView } from './field-view.ts';

// Compiling a validator for each schema takes longer than checking the few values of a file without one.
z.config({ jitless: true });

/** What is said about a key beside its type: shown in forms, hovers, completions and the JSON schema. */
export interface KeyMeta {
  label: string;
  description: string;
  /** What the number counts; absent for plain numbers, words and texts. */
  unit?: string;
  /** Forms of a value that is no single word, beside the choices. */
  forms?: string[];
  /** Values that people use, as YAML text, and where they come from. */
  usual?: Usual[];
  /** Set where the type alone does not tell the control. */
  control?: FieldView['control'];
  /** Said instead of the value when the default depends on other keys. */
  defaultText?: string;
  /** False for keys that make no sense as a list of trials. */
  sweepable?: boolean;
  /** Among the first things that a person sets: shown before all others in forms. */
  basic?: boolean;
}

export interface Usual {
  value: string;
  source: string;
}

/** A path; no file's name holds a tab or a line end, which `\\t` and `\\n` are in double quotes. */
export const path = () =>
  z
    .string()
    .min(1)
    .regex(/^[^\u0000-\u001f]*$/);

/**
 * Attaches what is said about a key to its schema; call it last, since zod's metadata belongs to one schema object. A schema that no key
 * has yet is taken as it is: `meta` would make it a second time, and making all of them is much of what starting the extension takes.
 */
export function key<Schema extends z.ZodType>(schema: Schema, meta: KeyMeta): Schema {
  if (z.globalRegistry.has(schema)) return schema.meta({ ...meta });
  z.globalRegistry.add(schema, { ...meta });
  return schema;
}
