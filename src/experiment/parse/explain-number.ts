import type * as z from 'zod';
import { defaults, describe, usualText, wanted } from './explain-words.ts';
import type { Explain } from './explained.ts';
import type { Setting } from '../schema/settings.ts';
import type { ScalarNode } from '../document/tree.ts';
import { yamlText } from '../edit/yaml-text.ts';

/** Why a value is not the number that is wanted. `isItem`: it stands in a list. */
export function explainNumber(
  setting: Setting,
  node: ScalarNode,
  issue: z.core.$ZodIssue | undefined,
  isItem: boolean,
  at: Explain,
) {
  const { path: name } = setting;
  const { source, value } = node;
  const usual = isItem ? '' : usualText(setting);
  const instead = isItem ? [] : defaults(setting);
  const what = isItem ? wantedItem(setting) : wanted(setting);
  if (typeof value === 'string') {
    const meant = numberOf(value, setting);
    if (meant === null) {
      const split = isItem ? numbersOf(value, setting) : null;
      return split
        ? at('wrong_type', `${name}: commas are missing; write ${split}.`, [split])
        : at('wrong_type', `${name}: ${describe(node)} where ${what} is wanted${usual}.`, instead);
    }
    return /^\d+(_\d+)+$/.test(value)
      ? at('wrong_type', `${name}: ${value} is text, not a number, in YAML 1.2; write ${meant}.`, [meant])
      : at(
          'wrong_type',
          `${name}: text where ${what} is wanted; write ${meant}${meant === value.trim() ? ' without quotes' : ''}.`,
          [meant],
        );
  }
  if (typeof value !== 'number')
    return at('wrong_type', `${name}: ${describe(node)} where ${what} is wanted${usual}.`, instead);
  if (!Number.isFinite(value))
    return at('not_finite', `${name} must be a number; ${source} is none${usual}.`, instead);
  const wholeWanted = setting.wants === 'whole' || setting.wants === 'wholes' || setting.wants === 'sweep';
  if (wholeWanted && !Number.isInteger(value))
    return at('not_whole', `${name} must be a whole number; ${source} is none.`, [
      String(Math.floor(value)),
      String(Math.ceil(value)),
    ]);
  if (name === 'train.batch_size' && value === 1)
    return at(
      'batch_of_one',
      `${name}: one pair has no negatives: the loss would be 0 at every step${usual}.`,
      instead,
    );
  if (issue?.code === 'too_small') {
    const bound = Number(issue.minimum);
    const words = issue.inclusive
      ? bound === 0
        ? 'zero or more'
        : `${bound} or more`
      : bound === 0
        ? 'above zero'
        : `above ${bound}`;
    return at('too_small', `${name} must be ${words}${usual}; ${source} is not.`, [
      ...(value < 0 && setting.schema.safeParse(-value).success ? [yamlText(-value)] : []),
      ...instead,
    ]);
  }
  if (issue?.code === 'too_big') {
    const bound = Number(issue.maximum);
    const why = name === 'data.max_length' ? ': BERT has no positions beyond it' : '';
    return at(
      'too_big',
      `${name} must be ${issue.inclusive ? `at most ${bound}` : `below ${bound}`}${why}${usual}; ${source} is not.`,
      [...(name === 'data.max_length' ? ['512'] : []), ...instead],
    );
  }
  return at('bad_value', `${name}: ${source} does not fit${usual}.`, instead);
}

const wantedItem = ({ wants }: Setting): string => (wants === 'wholes' ? 'a whole number' : 'a number');

const isNumber = (text: string): boolean => /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text);

const units = /\s*(?:px|pixels?|pairs?|epochs?|steps?|tokens?|layers?|heads?|threads?|f)$/i;

/** `1,852` or `1 852`. */
export const thousandsGroups = /^\d{1,3}(?:[,\s]\d{3})+$/;

/** A number that a text is meant to be, as it should be written; null when it is none. */
function numberOf(text: string, setting: Setting): string | null {
  // Dashes of typesetting, and powers as they are written on paper.
  const bare = text.trim().replace(/[\u2010-\u2015\u2212]/g, '-');
  const power = /^(?:(\d+(?:\.\d+)?)\s*[x*×·]\s*)?10\s*(?:\^|\*\*)\s*([-+]?\d+)$/i.exec(bare);
  const thousands = /^(\d+(?:\.\d+)?)\s*([km])$/i.exec(bare);
  const candidates = [
    bare,
    bare.replaceAll('_', ''),
    bare.replace(',', '.'),
    ...(thousandsGroups.test(bare) ? [bare.replace(/[,\s]/g, '')] : []),
    bare.replace(/\s+(?=e\s*[-+]?\d+$)|(?<=e)\s+/gi, ''),
    bare.replace(units, ''),
    ...(power ? [`${power[1] ?? 1}e${Number(power[2])}`] : []),
    ...(thousands ? [String(Number(thousands[1]) * (/k/i.test(thousands[2]!) ? 1e3 : 1e6))] : []),
  ];
  for (const one of candidates)
    if (isNumber(one) && setting.schema.safeParse(itemOf(setting, Number(one))).success) return one;
  const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(bare);
  if (percent && setting.wants === 'number') return yamlText(Number(percent[1]) / 100);
  return null;
}

/** Several numbers in one text, as the items of a list. */
function numbersOf(text: string, setting: Setting): string | null {
  const parts = text.split(/[;\s]+/).filter(Boolean);
  return parts.length > 1 && parts.every((one) => isNumber(one) && numberOf(one, setting) === one)
    ? parts.join(', ')
    : null;
}

const itemOf = (setting: Setting, value: number): unknown => (setting.wants === 'wholes' ? [value] : value);
