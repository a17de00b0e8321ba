import { locate, partsOf } from '../document/locate.ts';
import { readYaml, type YamlDocument } from '../document/document.ts';
import { removeEdits } from './remove.ts';
import { appendToEnd, insertInto, insertUnder, newlineOf, nestFlow } from './insert.ts';
import { safeText, valueOf } from './value-text.ts';
import type { TextEdit } from '../document/problem.ts';
import type { DrawKind } from '../schema/field-view.ts';
import { lineAt, lineEnd } from '../document/source.ts';
import {
  entryOf,
  isBlock,
  isNothing,
  plainValue,
  type ListNode,
  type MapEntry,
  type TreeNode,
} from '../document/tree.ts';

/**
 * Edits that give a dotted key a value, written as YAML on one line. Only the value's bytes change; comments, quotes, order and line ends stay.
 * A missing key is added at the end of its section, missing sections are made in the style of their parent (lines or brackets), also in an empty file.
 * `sweep.<dotted key>` sets a sweep list. Empty when the file is no map at all.
 */
export function setValue(text: string, path: string, yaml: string): TextEdit[] {
  return setEdits(readYaml(text), path, yaml);
}

/** Edits that take a key out, with its line and the comment on it; a section that would be left empty goes too. */
export function removeKey(text: string, path: string | string[]): TextEdit[] {
  return removeEdits(readYaml(text), path);
}

/** Edits that make a setting swept over some values (each as YAML) or drawn from between two, or with null not swept. Seeds have a name of their own. */
export function setSweep(
  text: string,
  path: string,
  values: readonly string[] | null,
  draw: DrawKind = 'choice',
): TextEdit[] {
  const key = `sweep.${path === 'seed' ? 'seeds' : path}`;
  if (!values) return removeKey(text, key);
  const list = `[${values.join(', ')}]`;
  return setValue(text, key, draw === 'choice' ? list : `{ ${draw}: ${list} }`);
}

/** `setValue` on a file that is read already. */
export function setEdits(document: YamlDocument, path: string, yaml: string): TextEdit[] {
  const { tree } = document;
  const location = locate(tree, path);
  if (!location) {
    return !tree || isNothing(tree) ? appendToEnd(document, partsOf(path), safeText(yaml)) : [];
  }
  const { steps, rest, inFlow } = location;
  const last = steps.at(-1)!;
  const text = safeText(yaml);
  const { map, entry } = last;
  if (!entry) return insertInto(document, map, rest, text, inFlow);
  if (rest.length === 0) return replaceValue(document, entry, text);
  const { value } = entry;
  if (isNothing(value)) return insertUnder(document, entry, rest, text, inFlow);
  return replaceValue(
    document,
    entry,
    value.alias === null ? nestFlow(rest, text) : overAlias(value, rest, text),
  );
}

/** A section that is an alias gets its own keys by a merge: `{ <<: *name, key: value }`. */
function overAlias(value: TreeNode, rest: string[], text: string): string {
  const [name, ...deeper] = rest as [string, ...string[]];
  if (!deeper.length) return `{ <<: *${value.alias}, ${name}: ${text} }`;
  // The merge takes whole values, so a section inside the alias is written out with the change.
  const node = entryOf(value, name)?.value;
  const inner = node?.kind === 'map' ? (plainValue(node) as Record<string, unknown>) : {};
  let section = inner;
  for (const part of deeper.slice(0, -1)) section = (section[part] ??= {}) as Record<string, unknown>;
  section[deeper.at(-1)!] = valueOf(text);
  return `{ <<: *${value.alias}, ${name}: ${safeText(JSON.stringify(inner))} }`;
}

function replaceValue(document: YamlDocument, entry: MapEntry, text: string): TextEdit[] {
  const { value, colonEnd: place } = entry;
  if (isNothing(value))
    return [{ start: place, end: place, text: entry.hasColon ? ` ${text}` : `: ${text}` }];
  const { start, end } = value;
  if (value.kind === 'list' && isBlock(value)) {
    const edits = editItems(document, value, text);
    if (edits) return edits;
  }
  if (isBlock(value)) {
    // The value moves up beside its key; the lines that held it go.
    const from = lineEnd(document.source, Math.max(lineAt(document.source, start) - 1, 0));
    const until = lineEnd(document.source, lineAt(document.source, value.contentEnd));
    return [
      { start: place, end: place, text: ` ${text}` },
      { start: Math.max(from, place), end: until, text: '' },
    ];
  }
  const glue = document.source.text[start - 1] === ':' ? ' ' : '';
  return [{ start, end, text: glue + text }];
}

/** Changes a list by lines item by item, so that the comments on its lines stay; null when it cannot be done so. */
function editItems(document: YamlDocument, { items }: ListNode, text: string): TextEdit[] | null {
  const wanted = valueOf(text);
  if (!Array.isArray(wanted) || wanted.length === 0 || items.length === 0) return null;
  if (items.some((item) => !isOneLine(item))) return null;
  const { source } = document;
  const texts = itemTexts(text, wanted.length);
  if (!texts) return null;
  const edits: TextEdit[] = [];
  items.slice(0, wanted.length).forEach((item, index) => {
    if (JSON.stringify(plainValue(item)) === JSON.stringify(wanted[index])) return;
    edits.push({ start: item.start, end: item.end, text: texts[index]! });
  });
  const lineStart = (item: TreeNode) => source.lineStarts[lineAt(source, item.start)]!;
  const last = items.at(-1)!;
  const indent = /^\s*-\s*/.exec(source.text.slice(lineStart(last)))?.[0];
  if (indent === undefined) return null;
  const added = texts.slice(items.length).map((one) => `${newlineOf(document)}${indent}${one}`);
  if (added.length) {
    const end = lineEnd(source, lineAt(source, last.end));
    edits.push({ start: end, end, text: added.join('') });
  }
  for (const item of items.slice(wanted.length)) {
    const end = source.lineStarts[lineAt(source, item.end) + 1] ?? source.text.length;
    edits.push({ start: lineStart(item), end, text: '' });
  }
  return edits;
}

const isOneLine = (item: TreeNode): boolean =>
  item.kind === 'scalar' && item.alias === null && item.style !== 'block' && !isNothing(item);

/** The items of a list in brackets as they are written. */
function itemTexts(text: string, count: number): string[] | null {
  const { tree } = readYaml(text);
  if (tree?.kind !== 'list') return null;
  const texts = tree.items.map((item) => text.slice(item.start, item.end));
  return texts.length === count && texts.every(Boolean) ? texts : null;
}
