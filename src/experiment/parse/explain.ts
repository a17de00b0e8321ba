import type * as z from 'zod';
import { explainDuration } from './explain-duration.ts';
import { explainNumber } from './explain-number.ts';
import {
  asList,
  booleanOf,
  defaults,
  describe,
  isListWanted,
  isNoneWord,
  nearestChoice,
  quote,
  textFault,
  usualText,
  wanted,
} from './explain-words.ts';
import type { Explain, Explained } from './explained.ts';
import type { Setting } from '../schema/settings.ts';
import type { TreeNode } from '../document/tree.ts';

/** Says in words why a value does not fit its key. `issues` come from the key's schema. */
export function explain(setting: Setting, node: TreeNode, issues: readonly z.core.$ZodIssue[]): Explained {
  const target = innermost(node, issues[0]?.path ?? []);
  const at: Explain = (code, message, replacements = []) => ({
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

  if (target === node && setting.nullable && isNoneWord(node))
    return at(
      'wrong_type',
      `${name}: ${describe(node)} where ${wanted(setting)} or null is wanted; write null.`,
      ['null', ...defaults(setting)],
    );
  if (setting.wants === 'duration') return explainDuration(setting, target, at);
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
      const { choices } = setting as { choices: string[] };
      const near = nearestChoice(target.source, choices);
      const isSame = near?.toLowerCase() === target.source.toLowerCase();
      return at(
        'unknown_choice',
        `${name}: ${quote(target)} is not known${near ? `; ${near} is near` : ''}. There ${choices.length === 1 ? 'is' : 'are'} ${[...choices, ...setting.forms].join(', ')}.`,
        isSame ? [near] : [...(near ? [near] : []), ...choices.filter((one) => one !== near)],
      );
    }
    case 'text':
      if (typeof value !== 'string') {
        const quoted = JSON.stringify(target.source);
        if (setting.control === 'path')
          return at(
            'wrong_type',
            `${name}: ${describe(target)} where ${setting.name === 'weights' ? 'a folder or a hub id (hf:google-bert/bert-base-uncased)' : 'a path'} is wanted${setting.nullable ? ', or null' : ''}.`,
            setting.nullable ? ['null'] : [],
          );
        return at(
          'wrong_type',
          `${name}: ${describe(target)} where text is wanted; write it in quotes: ${quoted}.`,
          [quoted],
        );
      }
      return at('bad_text', `${name}: ${textFault(issue, value, setting.path)}${usual}.`, defaults(setting));
    default:
      return explainNumber(setting, target, issue, target !== node, at);
  }
}

function explainList(
  setting: Setting,
  target: TreeNode,
  issues: readonly z.core.$ZodIssue[],
  at: Explain,
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
