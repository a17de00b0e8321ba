import { locate } from '../document/locate.ts';
import type { YamlDocument } from '../document/document.ts';
import type { TextEdit } from '../document/problem.ts';
import { lineAt, lineEnd } from '../document/source.ts';
import {
  childrenOf,
  visit,
  type ListNode,
  type MapEntry,
  type MapNode,
  type TreeNode,
} from '../document/tree.ts';

interface Span {
  start: number;
  end: number;
}

/** Edits that take a key out of a file that is read already; none where other parts of the file use an anchor in it. */
export function removeEdits(document: YamlDocument, path: string | string[]): TextEdit[] {
  const location = locate(document.tree, path);
  if (!location || location.rest.length) return [];
  const steps = [...location.steps];
  // A section that would be left empty goes too; not an anchored one, which may be used elsewhere, nor one with comments on lines of their own.
  while (steps.length > 1 && steps.at(-1)!.map.written.length === 1 && steps.at(-1)!.map.anchor === null) {
    const between = document.source.text.slice(steps.at(-2)!.entry!.start, steps.at(-1)!.entry!.start);
    if (/[\r\n][ \t]*#/.test(between)) break;
    steps.pop();
  }
  const { map, entry } = steps.at(-1)!;
  return removeEntry(document, map, entry!);
}

/** Takes out the entry whose key starts at an offset; for keys that have no path of their own, such as the second of two. */
export function removeEntryAt(document: YamlDocument, keyStart: number): TextEdit[] {
  const isIt = (entry: MapEntry) => entry.keyStart === keyStart;
  const map = find(
    document,
    keyStart,
    (node): node is MapNode => node.kind === 'map' && node.written.some(isIt),
  );
  return map ? removeEntry(document, map, map.written.find(isIt)!) : [];
}

/** Takes the item that starts at an offset out of its list, which must hold others too. */
export function removeItemAt(document: YamlDocument, start: number): TextEdit[] {
  const isIt = (item: TreeNode) => item.start === start;
  const list = find(
    document,
    start,
    (node): node is ListNode => node.kind === 'list' && node.items.some(isIt),
  );
  if (!list) return [];
  const { items, flow } = list;
  const item = items.find(isIt)!;
  if (items.length < 2 || isUsedElsewhere(document, item)) return [];
  const spans = items.map((one) => ({ start: one.start, end: one.contentEnd }));
  if (flow) return removeFromFlow(document, spans, items.indexOf(item));
  const dash = document.source.text.lastIndexOf('-', start);
  return removeLines(document, { start: dash, end: item.contentEnd });
}

/** The first node on the way to an offset that is such a one. */
function find<Kind extends TreeNode>(
  { tree }: YamlDocument,
  at: number,
  isIt: (node: TreeNode) => node is Kind,
): Kind | null {
  let node = tree ?? undefined;
  while (node && node.alias === null && node.kind !== 'scalar') {
    if (isIt(node)) return node;
    node = childrenOf(node).find((one) => one.start <= at && at < Math.max(one.contentEnd, one.start + 1));
  }
  return null;
}

function removeEntry(document: YamlDocument, map: MapNode, entry: MapEntry): TextEdit[] {
  if (isUsedElsewhere(document, entry.value)) return [];
  return map.flow
    ? removeFromFlow(document, map.written, map.written.indexOf(entry))
    : removeLines(document, entry);
}

/** An anchor in the node is named by an alias outside of it. */
function isUsedElsewhere({ tree }: YamlDocument, node: TreeNode): boolean {
  const anchors = new Set<string>();
  visit(node, ({ anchor }) => void (anchor !== null && anchors.add(anchor)));
  if (!anchors.size || !tree) return false;
  let isUsed = false;
  visit(tree, ({ alias, start }) => {
    if (alias !== null && anchors.has(alias) && (start < node.start || start >= node.contentEnd))
      isUsed = true;
  });
  return isUsed;
}

function removeLines(document: YamlDocument, { start, end }: Span): TextEdit[] {
  const { source } = document;
  const firstLine = lineAt(source, start);
  let from = source.lineStarts[firstLine]! + (firstLine === 0 ? source.bom : 0);
  const isWhole = /^\s*$/.test(source.text.slice(from, start));
  if (!isWhole) return [{ start, end, text: '' }];
  // A block text ends at the start of the line after it.
  const endsLine = end > start && /[\r\n]/.test(source.text[end - 1]!);
  const until = endsLine ? end : (source.lineStarts[lineAt(source, end) + 1] ?? source.text.length);
  const hasBreak = /[\r\n]/.test(source.text[until - 1] ?? '');
  if (!hasBreak && from > source.bom) from = lineEnd(source, firstLine - 1);
  return [{ start: from, end: until, text: '' }];
}

function removeFromFlow(document: YamlDocument, spans: Span[], index: number): TextEdit[] {
  const { source } = document;
  const { text } = source;
  const { start, end } = spans[index]!;
  const comma = /^\s*,/.exec(text.slice(end))?.[0].length ?? 0;
  const lineStart = source.lineStarts[lineAt(source, start)]!;
  const lineStop = lineEnd(source, lineAt(source, end + comma));
  const isAlone =
    /^\s*$/.test(text.slice(lineStart, start)) && /^\s*(#.*)?$/.test(text.slice(end + comma, lineStop));
  if (isAlone && lineStart > source.bom)
    return [
      { start: lineStart, end: source.lineStarts[lineAt(source, lineStop) + 1] ?? text.length, text: '' },
    ];
  const sameLine = (a: number, b: number) => lineAt(source, a) === lineAt(source, b);
  const next = spans[index + 1];
  if (next) return [{ start, end: sameLine(end, next.start) ? next.start : end + comma, text: '' }];
  const before = spans[index - 1];
  if (before && sameLine(before.end, start)) return [{ start: before.end, end: end + comma, text: '' }];
  return [{ start, end: end + comma, text: '' }];
}
