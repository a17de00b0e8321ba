import { isMap, isSeq, visit, type Node, type YAMLSeq } from 'yaml';
import { contentEnd, locate, pairEnd, pairStart, type AstPair } from '../document/ast.ts';
import type { YamlDocument } from '../document/document.ts';
import type { TextEdit } from '../document/problem.ts';
import { lineAt, lineEnd } from '../document/source.ts';

interface Span {
  start: number;
  end: number;
}

/** Edits that take a key out of a file that is read already; none where other parts of the file use an anchor in it. */
export function removeEdits(document: YamlDocument, path: string | string[]): TextEdit[] {
  const location = locate(document, path);
  if (!location || location.rest.length) return [];
  const steps = [...location.steps];
  // A section that would be left empty goes too; not an anchored one, which may be used elsewhere, nor one with comments on lines of their own.
  while (steps.length > 1 && steps.at(-1)!.map.items.length === 1 && !steps.at(-1)!.map.anchor) {
    const between = document.source.text.slice(
      pairStart(steps.at(-2)!.pair!),
      pairStart(steps.at(-1)!.pair!),
    );
    if (/[\r\n][ \t]*#/.test(between)) break;
    steps.pop();
  }
  const { map, pair } = steps.at(-1)!;
  return removePair(document, map, pair!);
}

/** Takes out the entry whose key starts at an offset; for keys that have no path of their own, such as the second of two. */
export function removeEntryAt(document: YamlDocument, keyStart: number): TextEdit[] {
  let node: unknown = document.yaml?.contents ?? null;
  while (isMap(node) || isSeq(node)) {
    if (isMap(node)) {
      const pairs = node.items as AstPair[];
      const pair = pairs.find((one) => one.key?.range?.[0] === keyStart);
      if (pair) return removePair(document, node, pair);
      node = pairs.find((one) => holds(one.value, keyStart))?.value;
    } else node = (node.items as Node[]).find((one) => holds(one, keyStart));
  }
  return [];
}

/** Takes the item that starts at an offset out of its list, which must hold others too. */
export function removeItemAt(document: YamlDocument, start: number): TextEdit[] {
  let list: YAMLSeq | null = null;
  const { yaml, source } = document;
  if (yaml)
    visit(yaml, {
      Seq(_key, node) {
        if ((node.items as Node[]).some((item) => item?.range?.[0] === start)) list = node;
      },
    });
  if (!list) return [];
  const { items, flow } = list as YAMLSeq<Node>;
  const item = items.find((one) => one.range?.[0] === start)!;
  if (items.length < 2 || isUsedElsewhere(document, item)) return [];
  const spans = items.map((one) => ({ start: one?.range?.[0] ?? 0, end: contentEnd(one) }));
  if (flow) return removeFromFlow(document, spans, items.indexOf(item));
  const dash = source.text.lastIndexOf('-', start);
  return removeLines(document, { start: dash, end: contentEnd(item) });
}

const holds = (node: Node | null, offset: number): boolean =>
  !!node?.range && node.range[0] <= offset && offset < node.range[1];

function removePair(document: YamlDocument, map: { items: unknown[]; flow?: boolean }, pair: AstPair) {
  if (pair.value && isUsedElsewhere(document, pair.value)) return [];
  const pairs = map.items as AstPair[];
  const spanOf = (one: AstPair) => ({ start: pairStart(one), end: pairEnd(one) });
  return map.flow
    ? removeFromFlow(document, pairs.map(spanOf), pairs.indexOf(pair))
    : removeLines(document, spanOf(pair));
}

/** An anchor in the node is named by an alias outside of it. */
function isUsedElsewhere({ yaml }: YamlDocument, node: Node): boolean {
  const [from, , until] = node.range ?? [0, 0, 0];
  const anchors = new Set<string>();
  visit(node, { Node: (_key, one) => void ('anchor' in one && one.anchor && anchors.add(one.anchor)) });
  if (!anchors.size) return false;
  let isUsed = false;
  visit(yaml, {
    Alias(_key, { source, range }) {
      const at = range?.[0] ?? 0;
      if (anchors.has(source) && (at < from || at >= until)) isUsed = true;
    },
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
