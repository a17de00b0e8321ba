import type { YamlDocument } from './document.ts';
import type { TextEdit } from './problem.ts';
export function removeEdits(_document: YamlDocument, _path: string): TextEdit[] {
  return [];
}
