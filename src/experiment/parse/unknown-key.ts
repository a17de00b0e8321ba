import type { YamlDocument } from '../document/document.ts';
import { removeEntryAt } from '../edit/remove.ts';
import { moveKey } from './move-key.ts';
import { guess } from './nearest.ts';
import { gluedEntry } from './not-a-section.ts';
import { lazyFix, type Fix, type Problem } from '../document/problem.ts';
import { sections, type Section } from '../schema/settings.ts';
import { rangeOf } from '../document/source.ts';
import { entryOf, isNothing, type MapEntry } from '../document/tree.ts';
import { listed } from '../../text/words.ts';
import { t } from '../../text/say.ts';

/** The problem of a key that is not known where it stands, with what was most likely meant. */
export function unknownKey(document: YamlDocument, entry: MapEntry, path: string, section: Section): Problem {
  const meaning = guess(entry.name, section);
  const shown = entry.name.length > 60 ? `${entry.name.slice(0, 57)}...` : entry.name;
  const where = section.path ? t(' under {0}', section.path) : '';
  const problem = (code: string, message: string, fixes: Fix[]): Problem => ({
    severity: 'error',
    code,
    message,
    path,
    range: rangeOf(document.source, entry.keyStart, entry.keyEnd),
    fixes,
  });
  const remove = (): Fix[] => {
    const edits = entry.merged ? [] : removeEntryAt(document, entry.keyStart);
    return edits.length ? [{ title: t('Remove {0}', shown), edits }] : [];
  };
  const glued =
    isNothing(entry.value) && document.source.text[entry.keyEnd] !== ':'
      ? gluedEntry(entry.name, section)
      : null;
  if (glued)
    return problem(
      'missing_colon',
      t('A colon and a space are missing after {0}; write {1}.', glued.name, glued.text),
      [
        {
          title: t('Write {0}', glued.text),
          edits: [{ start: entry.keyStart, end: entry.keyEnd, text: glued.text }],
        },
      ],
    );
  switch (meaning.kind) {
    case 'here':
      return problem(
        'unknown_key',
        t(
          'Unknown key {0}{1}; {2} is near{3}.',
          shown,
          where,
          meaning.name,
          meaning.why === 'separator' ? t(' (words are joined by _, not by -)') : '',
        ),
        isThere(document, section, meaning.name)
          ? remove()
          : [
              {
                title: t('Change to {0}', meaning.name),
                edits: [{ start: entry.keyStart, end: entry.keyEnd, text: meaning.name }],
              },
            ],
      );
    case 'elsewhere': {
      const homes = meaning.paths.map((home) => `${parentOf(home) || t('the top level')} (${home})`);
      return problem(
        'key_in_wrong_place',
        t(
          '{0} is not known {1}; it belongs under {2}.',
          shown,
          section.path ? t('under {0}', section.path) : t('here'),
          listed(homes, 'or'),
        ),
        entry.merged
          ? []
          : meaning.paths.slice(0, 3).flatMap((home) => {
              const move = moveKey(document, section.path, entry, home);
              return move ? [lazyFix(t('Move to {0}', home), move)] : [];
            }),
      );
    }
    case 'none':
      return problem(
        'unknown_key',
        t('Unknown key {0}{1}; there are {2}.', shown, where, meaning.known.join(', ')),
        remove(),
      );
  }
}

const parentOf = (path: string): string => (path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '');

function isThere(document: YamlDocument, section: Section, name: string): boolean {
  let node = document.tree ?? undefined;
  if (section.path && sections.has(section.path))
    for (const part of section.path.split('.')) node = entryOf(node, part)?.value;
  return entryOf(node, name) !== undefined;
}
