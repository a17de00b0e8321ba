import type { Fix } from '../document/problem.ts';
import type { TreeNode } from '../document/tree.ts';
import type { Found } from './place.ts';
import { t } from '../../text/say.ts';

/** Letters that mean a control character after a backslash, and what the usual ones are. */
const escapes = (): Record<string, string> => ({
  t: t('a tab'),
  n: t('a line end'),
  r: t('a carriage return'),
  b: t('a backspace'),
});
const control = /[0abefnrtv]/;

/** What is wrong with a path in double quotes in which a backslash and a letter have become one sign (`"C:\temp"`); null where nothing is. */
export function swallowedBackslash(text: string, node: TreeNode): Found | null {
  if (node.kind !== 'scalar' || text[node.start] !== '"') return null;
  const written = text.slice(node.start + 1, node.end - 1);
  const found = [...written.matchAll(/\\(.)/gs)].find((match) => control.test(match[1]!));
  if (!found) return null;
  const start = node.start + 1 + found.index;
  const fix = inSingleQuotes(text, node.start, node.end);
  return {
    code: 'swallowed_backslash',
    message: t(
      'In double quotes {0} is {1}, not a part of a path; write the path in single quotes: {2}.',
      found[0],
      escapes()[found[1]!] ?? t('a control character'),
      fix.edits[0]!.text,
    ),
    start,
    end: start + 2,
    fixes: [fix],
  };
}

/** A text in double quotes with its backslashes as they stand there. */
export function inSingleQuotes(text: string, start: number, end: number): Fix {
  const meant = text.slice(start + 1, end - 1).replace(/\\([\\"])/g, '$1');
  const written = `'${meant.replaceAll("'", "''")}'`;
  return { title: t('Write {0}', written), edits: [{ start, end, text: written }] };
}
