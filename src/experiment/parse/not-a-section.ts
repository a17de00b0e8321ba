import type { YamlDocument } from '../document/document.ts';
import { nearestChoice } from './explain-words.ts';
import type { Fix, Problem } from '../document/problem.ts';
import { isSection, type Section } from '../schema/settings.ts';
import { rangeOf } from '../document/source.ts';
import type { TreeNode } from '../document/tree.ts';
import { t } from '../../text/say.ts';

/** The problem of a section that holds something else than a map, with what was most likely meant. */
export function notASection({ source }: YamlDocument, value: TreeNode, section: Section): Problem {
  const { path } = section;
  const text = source.text.slice(value.start, value.end);
  const names = [...section.children.keys()];
  const write = (what: string, start = value.start, end = value.end): Fix => ({
    title: t('Write {0}', what),
    edits: [{ start, end, text: what }],
  });
  const problem = (code: string, message: string, fixes: Fix[]): Problem => ({
    severity: 'error',
    code,
    message: t('{0}: {1}', path, message),
    path,
    range: rangeOf(source, value.start, value.end),
    fixes,
  });
  if (value.kind === 'list') {
    const dashes = dashesOf(source.text, value);
    return problem(
      'wrong_type',
      t(
        'a list where a map is wanted; {0}.',
        dashes ? t('leave out the dashes') : t('it can hold {0}', names.join(', ')),
      ),
      dashes
        ? [
            {
              title: t('Leave out the dashes'),
              edits: dashes.map((at) => ({ start: at, end: at + 1, text: ' ' })),
            },
          ]
        : [],
    );
  }
  const glued = value.kind === 'scalar' && value.style === 'plain' ? gluedEntry(text, section) : null;
  if (glued)
    return problem(
      'missing_colon',
      t('a colon and a space are missing after {0}; write {1}.', glued.name, glued.text),
      [write(glued.text)],
    );
  const meant = value.kind === 'scalar' ? mapMeant(text, value.value, section) : null;
  if (meant) return problem('wrong_type', meant.message, [write(meant.text)]);
  return problem(
    'wrong_type',
    t('a single value where a map is wanted; it can hold {0}.', names.join(', ')),
    [],
  );
}

/** `temperature:0.1`, `temperature = 0.1` and `temperature 0.1` as entries of a section that has the key. */
export function gluedEntry(text: string, section: Section): { name: string; text: string } | null {
  const [, name = '', value = ''] = /^([A-Za-z_][\w-]*)(?:\s*[:=]\s*|\s+)(\S[^\r\n]*)$/.exec(text) ?? [];
  return section.children.has(name) && !/[:{}]/.test(value) ? { name, text: `${name}: ${value}` } : null;
}

function mapMeant(text: string, value: unknown, section: Section): { message: string; text: string } | null {
  if (section.path === 'optimizer.learning_rate' && typeof value === 'number') {
    const rates = `{ image: ${text}, text: ${text}, fusion: ${text} }`;
    return {
      message: t('one number where a rate for each branch is wanted; write {0}.', rates),
      text: rates,
    };
  }
  if (typeof value !== 'string') return null;
  const entry = (name: string, word: string) => {
    const map = `{ ${name}: ${word} }`;
    return { message: t('a single value where a map is wanted; write {0}.', map), text: map };
  };
  if (section.path === 'data') return entry('pairs', text);
  for (const child of section.children.values()) {
    if (isSection(child) || !child.choices) continue;
    const near = nearestChoice(value, child.choices);
    if (near) return entry(child.name, near);
  }
  return null;
}

/** Offsets of the dashes of a list by lines that holds maps only; null when it is another. */
function dashesOf(text: string, list: TreeNode): number[] | null {
  if (list.kind !== 'list' || text[list.start] !== '-' || !list.items.length) return null;
  const dashes = list.items.map((item) => (item.kind === 'map' ? text.lastIndexOf('-', item.start - 1) : -1));
  return dashes.every((at, index) => at >= 0 && text.slice(at + 1, list.items[index]!.start).trim() === '')
    ? dashes
    : null;
}
