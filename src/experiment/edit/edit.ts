import { isAlias, isScalar, isSeq, type Node, type YAMLSeq } from 'yaml';
import { afterColon, contentEnd, hasColon, isBlock, isEmptyValue, locate, partsOf } from '../document/ast.ts';
import type { AstPair, Location } from '../document/ast.ts';
import { readYaml, type YamlDocument } from '../document/document.ts';
import { removeEdits } from './remove.ts';
import { appendToEnd, insertInto, insertUnder, newlineOf, nestFlow } from './insert.ts';
import { safeText, valueOf } from './value-text.ts';
import type { TextEdit } from '../document/problem.ts';
import { lineAt, lineEnd } from '../document/source.ts';
import { plainValue } from '../document/tree.ts';

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

/** Edits that make a setting swept over some values (each as YAML), or with null not swept. */
export function setSweep(text: string, path: string, values: readonly string[] | null): TextEdit[] {
  const key = `sweep.${path}`;
  return values ? setValue(text, key, `[${values.join(', ')}]`) : removeKey(text, key);
}

/** `setValue` on a file that is read already. */
export function setEdits(document: YamlDocument, path: string, yaml: string): TextEdit[] {
  const location = locate(document, path);
  if (!location) {
    const { tree } = document;
    const isNothing = !tree || (tree.kind === 'scalar' && tree.value === null && tree.source === '');
    return isNothing ? appendToEnd(document, partsOf(path), safeText(yaml)) : [];
  }
  const { steps, rest, inFlow } = location;
  const last = steps.at(-1)!;
  const text = safeText(yaml);
  if (!last.pair) return insertInto(document, last.map, rest, text, inFlow);
  if (rest.length === 0) return replaceValue(document, last.pair, text);
  const { value } = last.pair;
  if (isEmptyValue(value)) return insertUnder(document, last.pair, rest, text, inFlow);
  return replaceValue(
    document,
    last.pair,
    isAlias(value) ? overAlias(document, steps, value.source, rest, text) : nestFlow(rest, text),
  );
}

/** A section that is an alias gets its own keys by a merge: `{ <<: *name, key: value }`. */
function overAlias(
  document: YamlDocument,
  steps: Location['steps'],
  alias: string,
  rest: string[],
  text: string,
): string {
  const [name, ...deeper] = rest as [string, ...string[]];
  if (!deeper.length) return `{ <<: *${alias}, ${name}: ${text} }`;
  // The merge takes whole values, so a section inside the alias is written out with the change.
  let node = document.tree;
  for (const part of [...steps.map((step) => step.pair?.key), name].map((key) =>
    isScalar(key) ? String(key.value) : key,
  ))
    node = node?.kind === 'map' ? (node.entries.find((entry) => entry.name === part)?.value ?? null) : null;
  const inner = node?.kind === 'map' ? (plainValue(node) as Record<string, unknown>) : {};
  let section = inner;
  for (const part of deeper.slice(0, -1)) section = (section[part] ??= {}) as Record<string, unknown>;
  section[deeper.at(-1)!] = valueOf(text);
  return `{ <<: *${alias}, ${name}: ${safeText(JSON.stringify(inner))} }`;
}

function replaceValue(document: YamlDocument, pair: AstPair, text: string): TextEdit[] {
  const { value } = pair;
  const source = document.source.text;
  const place = afterColon(pair);
  if (!value || isEmptyValue(value))
    return [{ start: place, end: place, text: hasColon(pair) ? ` ${text}` : `: ${text}` }];
  const [start, end] = value.range!;
  if (isSeq(value) && isBlock(value)) {
    const edits = editItems(document, value, text);
    if (edits) return edits;
  }
  if (isBlock(value)) {
    // The value moves up beside its key; the lines that held it go.
    const from = lineEnd(document.source, Math.max(lineAt(document.source, start) - 1, 0));
    const until = lineEnd(document.source, lineAt(document.source, contentEnd(value)));
    return [
      { start: place, end: place, text: ` ${text}` },
      { start: Math.max(from, place), end: until, text: '' },
    ];
  }
  const isBlockScalar = isScalar(value) && value.type?.startsWith('BLOCK');
  const until = isBlockScalar ? trimmedEnd(source, start, end) : end;
  const glue = source[start - 1] === ':' ? ' ' : '';
  return [{ start, end: until, text: glue + text }];
}

function trimmedEnd(source: string, start: number, end: number): number {
  let trimmed = end;
  while (trimmed > start && /\s/.test(source[trimmed - 1]!)) trimmed--;
  return trimmed;
}

/** Changes a list by lines item by item, so that the comments on its lines stay; null when it cannot be done so. */
function editItems(document: YamlDocument, list: YAMLSeq, text: string): TextEdit[] | null {
  const wanted = valueOf(text);
  const items = list.items as Node[];
  if (!Array.isArray(wanted) || wanted.length === 0 || items.length === 0) return null;
  if (items.some((item) => !isScalar(item) || isEmptyValue(item) || item.type?.startsWith('BLOCK')))
    return null;
  const { source } = document;
  const texts = itemTexts(text, wanted.length);
  if (!texts) return null;
  const edits: TextEdit[] = [];
  items.slice(0, wanted.length).forEach((item, index) => {
    if (JSON.stringify((item as { value: unknown }).value) === JSON.stringify(wanted[index])) return;
    edits.push({ start: item.range![0], end: item.range![1], text: texts[index]! });
  });
  const line = (item: Node) => lineAt(source, item.range![0]);
  const dash = source.lineStarts[line(items.at(-1)!)]!;
  const indent = /^\s*-\s*/.exec(source.text.slice(dash))?.[0];
  if (indent === undefined) return null;
  const added = texts.slice(items.length).map((one) => `${newlineOf(document)}${indent}${one}`);
  if (added.length) {
    const end = lineEnd(source, lineAt(source, items.at(-1)!.range![1]));
    edits.push({ start: end, end, text: added.join('') });
  }
  for (const item of items.slice(wanted.length)) {
    const start = source.lineStarts[line(item)]!;
    const end = source.lineStarts[lineAt(source, item.range![1]) + 1] ?? source.text.length;
    edits.push({ start, end, text: '' });
  }
  return edits;
}

/** The items of a list in brackets as they are written. */
function itemTexts(text: string, count: number): string[] | null {
  const contents = readYaml(text).yaml?.contents;
  if (!isSeq(contents)) return null;
  const texts = (contents.items as Node[]).map((item) =>
    item?.range ? text.slice(item.range[0], item.range[1]) : '',
  );
  return texts.length === count && texts.every(Boolean) ? texts : null;
}
