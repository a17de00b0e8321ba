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
import { t } from '../../text/say.ts';

/** Says in words why a value does not fit its key. `issues` come from the key's schema. */
export function explain(setting: Setting, node: TreeNode, issues: readonly z.core.$ZodIssue[]): Explained {
  const target = innermost(node, issues[0]?.path ?? []);
  const at: Explain = (code, message, replacements = []) => ({
    code,
    message,
    start: target.start,
    end: target.end,
    fixes: [...new Set(replacements)].map((text) => ({
      title: t('Write {0}', text),
      edits: [{ start: target.start, end: target.end, text }],
    })),
  });
  const name = setting.path;
  const usual = usualText(setting);

  if (target === node && setting.nullable && isNoneWord(node))
    return at(
      'wrong_type',
      t('{0}: {1} where {2} or null is wanted; write null.', name, describe(node), wanted(setting)),
      ['null', ...defaults(setting)],
    );
  if (setting.wants === 'duration') return explainDuration(setting, target, at);
  if (target.kind === 'map' || (target.kind === 'list' && !(isListWanted(setting) && target === node)))
    return at(
      'wrong_type',
      t('{0}: {1} where {2} is wanted{3}.', name, describe(target), wanted(setting), usual),
      defaults(setting),
    );
  if (target.kind === 'list') return explainList(setting, target, issues, at);
  if (isListWanted(setting) && target === node)
    return at(
      'wrong_type',
      t(
        '{0}: {1} where {2} is wanted; write {3}.',
        name,
        describe(target),
        wanted(setting),
        asList(target, setting),
      ),
      [asList(target, setting)],
    );

  const value = target.value;
  const issue = issues[0];
  switch (setting.wants) {
    case 'boolean': {
      const meant = booleanOf(target.source);
      if (meant === null)
        return at('wrong_type', t('{0}: {1} where true or false is wanted.', name, describe(target)), [
          'true',
          'false',
        ]);
      return at(
        'wrong_type',
        t('{0}: {1} where true or false is wanted; write {2}.', name, describe(target), String(meant)),
        [String(meant)],
      );
    }
    case 'choice': {
      const { choices } = setting as { choices: string[] };
      const near = nearestChoice(target.source, choices);
      const isSame = near?.toLowerCase() === target.source.toLowerCase();
      return at(
        'unknown_choice',
        t(
          choices.length === 1
            ? '{0}: {1} is not known{2}. There is {3}.'
            : '{0}: {1} is not known{2}. There are {3}.',
          name,
          quote(target),
          near ? t('; {0} is near', near) : '',
          [...choices, ...setting.forms].join(', '),
        ),
        isSame ? [near] : [...(near ? [near] : []), ...choices.filter((one) => one !== near)],
      );
    }
    case 'text':
      if (typeof value !== 'string') {
        const quoted = JSON.stringify(target.source);
        if (setting.control === 'path')
          return at(
            'wrong_type',
            t(
              '{0}: {1} where {2} is wanted{3}.',
              name,
              describe(target),
              setting.name === 'weights'
                ? t('a folder or a hub id (hf:google-bert/bert-base-uncased)')
                : t('a path'),
              setting.nullable ? t(', or null') : '',
            ),
            setting.nullable ? ['null'] : [],
          );
        return at(
          'wrong_type',
          t('{0}: {1} where text is wanted; write it in quotes: {2}.', name, describe(target), quoted),
          [quoted],
        );
      }
      return at(
        'bad_text',
        t('{0}: {1}{2}.', name, textFault(issue, value, setting.path), usual),
        defaults(setting),
      );
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
      length === 1
        ? t('{0}: two numbers are wanted, the smallest and the largest; there is 1.', setting.path)
        : t(
            '{0}: two numbers are wanted, the smallest and the largest; there are {1}.',
            setting.path,
            length,
          ),
      defaults(setting),
    );
  if (length === 0)
    return at(
      'empty_list',
      t('{0}: an empty list; write {1}.', setting.path, setting.defaultText || '[0]'),
      defaults(setting),
    );
  return at(
    'bad_value',
    t('{0}: {1}.', setting.path, issues[0]?.message ?? t('does not fit')),
    defaults(setting),
  );
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
