import * as z from 'zod';
import { HumanError } from '../protocol/human-error.ts';
import { said, type Said } from '../text/say.ts';

/** A JSON file's value once its schema accepts it; HumanError `broken_run` with the first thing that is wrong. */
export function checked<Value>(schema: z.ZodType<Value>, value: unknown, file: string, todo: string): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new HumanError(
    said('{0} cannot be understood: {1}.', file, wrongPart(result.error.issues[0]!)),
    todo,
    'broken_run',
  );
}

/** JSON text as a value; HumanError `broken_run` when it is none. */
export function fromJson(text: string, file: string, todo: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const what = text.trim() === '' ? said('it is empty') : said('it is no JSON, or cut off');
    throw new HumanError(said('{0} cannot be understood: {1}.', file, what), todo, 'broken_run');
  }
}

function wrongPart(issue: z.core.$ZodIssue, within: PropertyKey[] = []): Said {
  const path = [...within, ...issue.path];
  const place = path.join('.') || said('what it holds');
  const wanted = issue.code === 'invalid_union' ? issue.errors[0]?.[0] : undefined;
  if (wanted) return wrongPart(wanted, path);
  if (issue.code === 'invalid_type')
    return said('{0} is not {1}', place, nouns[issue.expected] ?? issue.expected);
  if (issue.code === 'invalid_value')
    return said('{0} is none of {1}', place, issue.values.map(String).join(', '));
  return said('{0} has a value that it cannot have', place);
}

const nouns: Readonly<Record<string, Said>> = {
  string: said('a text'),
  number: said('a number'),
  int: said('a whole number'),
  boolean: said('true or false'),
  object: said('a map'),
  record: said('a map'),
  array: said('a list'),
};

/** A number as `toJson` writes it, with its words for those that JSON does not have. */
export const writtenNumber = z.union([
  z.number(),
  z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number),
]);
