import { locate } from '../document/locate.ts';
import type { YamlDocument } from '../document/document.ts';
import { removeKey, setValue } from '../edit/edit.ts';
import { sequence } from '../edit/apply-edits.ts';
import type { TextEdit } from '../document/problem.ts';
import { sections } from '../schema/settings.ts';
import type { MapEntry } from '../document/tree.ts';

/**
 * Makes the edits that move an entry of the section at `from` to the dotted key `home`. One number for a section of rates becomes the rate of
 * each branch. null: the home has a value already, or the value cannot stand there.
 */
export function moveKey(
  document: YamlDocument,
  from: string,
  entry: MapEntry,
  home: string,
): (() => TextEdit[]) | null {
  const { text } = document.source;
  const there = locate(document.tree, home);
  if (!there?.rest.length) return null;
  const { value } = entry;
  let written = text.slice(value.start, value.end);
  if (value.kind !== 'scalar' && /[\r\n#]/.test(written)) return null;
  if (value.kind === 'scalar' && (written === '' || value.style === 'block')) return null;
  if (home === 'optimizer.learning_rate' && value.kind === 'scalar')
    written = `{ image: ${written}, text: ${written}, fusion: ${written} }`;
  else if (sections.has(home) !== (value.kind === 'map')) return null;
  const path = [...(from ? from.split('.') : []), entry.name];
  return () => sequence(text, [(now) => removeKey(now, path), (now) => setValue(now, home, written)]);
}
