import type { YamlDocument } from '../document/document.ts';
import type { TextEdit } from '../document/problem.ts';
import { columnOf, lineAt, lineEnd } from '../document/source.ts';
import type { MapEntry, MapNode } from '../document/tree.ts';

/** Adds `parts: text` (nested when there are several) as the last entry of a map, in the map's style. */
export function insertInto(
  document: YamlDocument,
  map: MapNode,
  parts: string[],
  text: string,
  inFlow: boolean,
): TextEdit[] {
  const [first] = map.written;
  const last = map.written.at(-1);
  if (map.flow || inFlow) return insertIntoFlow(document, map, entryText(parts, text));
  if (!first || !last) return [];
  const { source } = document;
  const indent = ' '.repeat(columnOf(source, first.start));
  const lines = nestBlock(document, parts, text, indent);
  const { end } = last;
  const newline = newlineOf(document);
  // A block text as the last value ends at the start of the next line.
  if (end > 0 && /[\r\n]/.test(source.text[end - 1]!)) return [{ start: end, end, text: lines + newline }];
  const place = lineEnd(source, lineAt(source, end));
  return [{ start: place, end: place, text: newline + lines }];
}

/** Adds nested keys under a key that has no value yet. */
export function insertUnder(
  document: YamlDocument,
  entry: MapEntry,
  parts: string[],
  text: string,
  inFlow: boolean,
): TextEdit[] {
  const { source } = document;
  const { colonEnd: place, start } = entry;
  const line = lineAt(source, place);
  const isOwnLine = /^\s*$/.test(
    source.text.slice(source.lineStarts[line]! + (line === 0 ? source.bom : 0), start),
  );
  if (inFlow || !isOwnLine) {
    const colon = source.text[place - 1] === ':' || place > entry.keyEnd ? '' : ':';
    return [{ start: place, end: place, text: `${colon} ${nestFlow(parts, text)}` }];
  }
  const indent = ' '.repeat(columnOf(source, start) + stepOf(document.source.text));
  const end = lineEnd(source, line);
  return [{ start: end, end, text: newlineOf(document) + nestBlock(document, parts, text, indent) }];
}

/** Adds nested keys to a file that holds no value: empty, or comments only. */
export function appendToEnd(document: YamlDocument, parts: string[], text: string): TextEdit[] {
  const { source } = document;
  const newline = newlineOf(document);
  const ending = /^(\.\.\.|---)(?=\s|$)/gm;
  let place = source.text.length;
  const markers = [...source.text.matchAll(ending)].map((match) => ({ at: match.index, sign: match[1] }));
  const start = markers.findIndex((marker) => marker.sign === '---');
  const stop = markers.find((marker, index) => marker.sign === '...' || index > start);
  if (stop && (start < 0 ? stop.sign === '...' : stop.at > markers[start]!.at)) place = stop.at;
  const before = source.text[place - 1];
  const lead = place <= source.bom || before === '\n' || before === '\r' ? '' : newline;
  return [{ start: place, end: place, text: lead + nestBlock(document, parts, text, '') + newline }];
}

/** `{ a: { b: text } }` */
export function nestFlow(parts: string[], text: string): string {
  return `{ ${entryText(parts, text)} }`;
}

function entryText([name, ...deeper]: string[], text: string): string {
  return `${name}: ${deeper.length ? nestFlow(deeper, text) : text}`;
}

function nestBlock(document: YamlDocument, parts: string[], text: string, indent: string): string {
  const step = ' '.repeat(stepOf(document.source.text));
  const newline = newlineOf(document);
  return parts
    .map(
      (part, depth) =>
        `${indent}${step.repeat(depth)}${part}:${depth === parts.length - 1 ? ` ${text}` : ''}`,
    )
    .join(newline);
}

function insertIntoFlow(document: YamlDocument, map: MapNode, entry: string): TextEdit[] {
  const { source } = document;
  const { text } = source;
  const { start } = map;
  const last = map.written.at(-1);
  if (!last) {
    const isBare = /^\{\s*\}/.exec(text.slice(start))?.[0];
    if (isBare && !/[\r\n]/.test(isBare))
      return [{ start: start + 1, end: start + isBare.length - 1, text: ` ${entry} ` }];
    return [{ start: start + 1, end: start + 1, text: ` ${entry}` }];
  }
  const { end } = last;
  const hasComma = /^\s*,/.exec(text.slice(end))?.[0].length ?? 0;
  const isOnOwnLines = lineAt(source, last.start) !== lineAt(source, start);
  if (!isOnOwnLines) {
    const place = end + hasComma;
    return [{ start: place, end: place, text: hasComma ? ` ${entry}` : `, ${entry}` }];
  }
  const column = ' '.repeat(columnOf(source, lineFirst(document, last.start)));
  const line = `${newlineOf(document)}${column}${entry}${hasComma ? ',' : ''}`;
  const place = end + hasComma;
  const lineStop = lineEnd(source, lineAt(source, place));
  const hasComment = /^\s*#/.test(text.slice(place, lineStop));
  if (!hasComment) return [{ start: place, end: place, text: hasComma ? line : `,${line}` }];
  return [
    ...(hasComma ? [] : [{ start: end, end, text: ',' }]),
    { start: lineStop, end: lineStop, text: line },
  ];
}

/** First written character of the line that holds an offset. */
function lineFirst(document: YamlDocument, offset: number): number {
  const start = document.source.lineStarts[lineAt(document.source, offset)]!;
  return start + /^[ \t]*/.exec(document.source.text.slice(start))![0].length;
}

/** Spaces of one level in a file. */
export function stepOf(text: string): number {
  const match = /^( +)[^\s#-]/m.exec(text);
  return match ? Math.min(Math.max(match[1]!.length, 1), 8) : 2;
}

/** The file's line break. */
export function newlineOf(document: YamlDocument): string {
  return /\r\n|\n|\r/.exec(document.source.text)?.[0] ?? '\n';
}
