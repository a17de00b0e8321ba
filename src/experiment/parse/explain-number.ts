import type * as z from 'zod';
import { defaults, describe, usualText, wanted } from './explain-words.ts';
import type { Explain } from './explained.ts';
import type { Setting } from '../schema/settings.ts';
import type { ScalarNode } from '../document/tree.ts';
import { yamlText } from '../edit/yaml-text.ts';
import { t } from '../../text/say.ts';

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
        ? at('wrong_type', t('{0}: commas are missing; write {1}.', name, split), [split])
        : at('wrong_type', t('{0}: {1} where {2} is wanted{3}.', name, describe(node), what, usual), instead);
    }
    return /^\d+(_\d+)+$/.test(value)
      ? at('wrong_type', t('{0}: {1} is text, not a number, in YAML 1.2; write {2}.', name, value, meant), [
          meant,
        ])
      : at(
          'wrong_type',
          t(
            '{0}: text where {1} is wanted; write {2}{3}.',
            name,
            what,
            meant,
            meant === value.trim() ? t(' without quotes') : '',
          ),
          [meant],
        );
  }
  if (typeof value !== 'number')
    return at(
      'wrong_type',
      t('{0}: {1} where {2} is wanted{3}.', name, describe(node), what, usual),
      instead,
    );
  if (!Number.isFinite(value))
    return at('not_finite', t('{0} must be a number; {1} is none{2}.', name, source, usual), instead);
  const wholeWanted = setting.wants === 'whole' || setting.wants === 'wholes' || setting.wants === 'sweep';
  if (wholeWanted && !Number.isInteger(value))
    return at('not_whole', t('{0} must be a whole number; {1} is none.', name, source), [
      String(Math.floor(value)),
      String(Math.ceil(value)),
    ]);
  if (name === 'train.batch_size' && value === 1)
    return at(
      'batch_of_one',
      t('{0}: one pair has no negatives: the loss would be 0 at every step{1}.', name, usual),
      instead,
    );
  if (issue?.code === 'too_small') {
    const bound = Number(issue.minimum);
    const words = issue.inclusive
      ? bound === 0
        ? t('zero or more')
        : t('{0} or more', bound)
      : bound === 0
        ? t('above zero')
        : t('above {0}', bound);
    return at('too_small', t('{0} must be {1}{2}; {3} is not.', name, words, usual, source), [
      ...(value < 0 && setting.schema.safeParse(-value).success ? [yamlText(-value)] : []),
      ...instead,
    ]);
  }
  if (issue?.code === 'too_big') {
    const bound = Number(issue.maximum);
    const why = name === 'data.max_length' ? t(': BERT has no positions beyond it') : '';
    return at(
      'too_big',
      t(
        '{0} must be {1}{2}{3}; {4} is not.',
        name,
        issue.inclusive ? t('at most {0}', bound) : t('below {0}', bound),
        why,
        usual,
        source,
      ),
      [...(name === 'data.max_length' ? ['512'] : []), ...instead],
    );
  }
  return at('bad_value', t('{0}: {1} does not fit{2}.', name, source, usual), instead);
}

const wantedItem = ({ wants }: Setting): string => (wants === 'wholes' ? t('a whole number') : t('a number'));

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
