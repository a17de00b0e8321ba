import type { YamlDocument } from './document.ts';
import type { TextEdit } from './problem.ts';
import type { MapEntry } from './tree.ts';

/** Edits that move an entry of the section at `from` to the dotted key `home`. null: there is something already, or it cannot be moved. */
export function moveKey(
  _document: YamlDocument,
  _from: string,
  _entry: MapEntry,
  _home: string,
): TextEdit[] | null {
  return null;
}
