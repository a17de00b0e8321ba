import type * as z from 'zod';
import {
  asList,
  booleanOf,
  defaults,
  describe,
  durationFixes,
  isListWanted,
  numberOf,
  quote,
  textFault,
  usualText,
  wanted,
} from './explain-words.ts';
import { nearestName } from './nearest.ts';
import type { Fix } from './problem.ts';
import type { Setting } from './settings.ts';
import type { TreeNode } from './tree.ts';
import { yamlText } from './yaml-text.ts';

/** What is wrong with a value, where, and what to write instead. */
export interface Explained {
  code: string;
  message: string;
  start: number;
  end: number;
  fixes: Fix[];
}

/** Says in words why a value does not fit its key. `issues` come from the key's schema. */
export function explain(setting: Setting, node: TreeNode, issues: readonly z.core.$ZodIssue[]): Explained {
  const target = innermost(node, issues[0]?.path ?? []);
  const at = (code: string, message: string, replacements: string[] = []): Explained => ({
    code,
    message,
    start: target.start,
    end: target.end,
    fixes: [...new Set(replacements)].map((text) => ({
      title: `Write ${text}`,
      edits: [{ start: target.start, end: target.end, text }],
    })),
  });
  const name = setting.path;
  const usual = usualText(setting);

  if (setting.wants === 'duration')
    return at(
      'bad_duration',
      `${name}: ${quote(target)} is not a length; examples: 5%, 100 steps, 1 epoch, 10000 samples.`,
      durationFixes(target),
    );
  if (target.kind === 'map' || (target.kind === 'list' && !(isListWanted(setting) && target === node)))
    return at(
      'wrong_type',
      `${name}: a ${target.kind} where ${wanted(setting)} is wanted${usual}.`,
      defaults(setting),
    );
  if (target.kind === 'list') return explainList(setting, target, issues, at);
  if (isListWanted(setting) && target === node)
    return at(
      'wrong_type',
      `${name}: ${describe(target)} where ${wanted(setting)} is wanted; write ${asList(target, setting)}.`,
      [asList(target, setting)],
    );

  const value = target.value;
  const issue = issues[0];
  switch (setting.wants) {
    case 'boolean': {
      const meant = booleanOf(target.source);
      if (meant === null)
        return at('wrong_type', `${name}: ${describe(target)} where true or false is wanted.`, [
          'true',
          'false',
        ]);
      return at('wrong_type', `${name}: ${describe(target)} where true or false is wanted; write ${meant}.`, [
        String(meant),
      ]);
    }
    case 'choice': {
      const list = setting.choices!.join(', ');
      const near = nearestName(target.source, setting.choices!);
      const rest = setting.choices!.filter((one) => one !== near);
      return at(
        'unknown_choice',
        `${name}: ${quote(target)} is not known${near ? `; ${near} is near` : ''}. There ${setting.choices!.length === 1 ? 'is' : 'are'} ${list}.`,
        near ? [near, ...rest] : rest,
      );
    }
    case 'text':
      if (typeof value !== 'string') {
        const quoted = JSON.stringify(target.source);
        return at(
          'wrong_type',
          `${name}: ${describe(target)} where text is wanted; write it in quotes: ${quoted}.`,
          [quoted],
        );
      }
      return at('bad_text', `${name}: ${textFault(issue, value)}${usual}.`, defaults(setting));
    default:
      return explainNumber(setting, target.source, value, issue, at, describe(target));
  }
}

type At = (code: string, message: string, replacements?: string[]) => Explained;

function explainNumber(
  setting: Setting,
  source: string,
  value: unknown,
  issue: z.core.$ZodIssue | undefined,
  at: At,
  described: string,
): Explained {
  const name = setting.path;
  const usual = usualText(setting);
  if (typeof value === 'string') {
    const meant = numberOf(value, setting);
    if (meant === null)
      return at(
        'wrong_type',
        `${name}: ${described} where ${wanted(setting)} is wanted${usual}.`,
        defaults(setting),
      );
    const underscore = /_/.test(value);
    return underscore
      ? at('wrong_type', `${name}: ${value} is text, not a number, in YAML 1.2; write ${meant}.`, [meant])
      : at(
          'wrong_type',
          `${name}: text where ${wanted(setting)} is wanted; write ${meant}${meant === value.trim() ? ' without quotes' : ''}.`,
          [meant],
        );
  }
  if (typeof value !== 'number')
    return at(
      'wrong_type',
      `${name}: ${described} where ${wanted(setting)} is wanted${usual}.`,
      defaults(setting),
    );
  if (!Number.isFinite(value))
    return at('not_finite', `${name} must be a number; ${source} is none${usual}.`, defaults(setting));
  const wholeWanted = setting.wants === 'whole' || setting.wants === 'wholes' || setting.wants === 'sweep';
  if (wholeWanted && !Number.isInteger(value))
    return at('not_whole', `${name} must be a whole number; ${source} is none.`, [
      String(Math.floor(value)),
      String(Math.ceil(value)),
    ]);
  if (setting.path === 'train.batch_size' && value === 1)
    return at(
      'batch_of_one',
      `${name}: one pair has no negatives: the loss would be 0 at every step${usual}.`,
      defaults(setting),
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
      ...defaults(setting),
    ]);
  }
  if (issue?.code === 'too_big') {
    const bound = Number(issue.maximum);
    const why = setting.path === 'data.max_length' ? ': BERT has no positions beyond it' : '';
    return at(
      'too_big',
      `${name} must be ${issue.inclusive ? `at most ${bound}` : `below ${bound}`}${why}${usual}; ${source} is not.`,
      [...(setting.path === 'data.max_length' ? ['512'] : []), ...defaults(setting)],
    );
  }
  return at('bad_value', `${name}: ${source} does not fit${usual}.`, defaults(setting));
}

function explainList(
  setting: Setting,
  target: TreeNode,
  issues: readonly z.core.$ZodIssue[],
  at: At,
): Explained {
  const length = target.kind === 'list' ? target.items.length : 0;
  if (setting.wants === 'range')
    return at(
      'wrong_length',
      `${setting.path}: two numbers are wanted, the smallest and the largest; there ${length === 1 ? 'is 1' : `are ${length}`}.`,
      defaults(setting),
    );
  if (length === 0)
    return at(
      'empty_list',
      `${setting.path}: an empty list; write ${setting.defaultText || '[0]'}.`,
      defaults(setting),
    );
  return at('bad_value', `${setting.path}: ${issues[0]?.message ?? 'does not fit'}.`, defaults(setting));
}

/** The list item that an issue is about, else the value itself. */
function innermost(node: TreeNode, path: readonly PropertyKey[]): TreeNode {
  let inner = node;
  for (const part of path) {
    const next = inner.kind === 'list' && typeof part === 'number' ? inner.items[part] : undefined;
    if (!next) break;
    inner = next;
  }
  return inner;
}
