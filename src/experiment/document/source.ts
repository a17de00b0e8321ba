import type { SourceRange } from './problem.ts';

/** Text with an index of its lines. */
export interface Source {
  text: string;
  /** Offset at which each line starts; lines end at \n, \r\n or a lone \r, as in VS Code. */
  lineStarts: number[];
  /** 1 when the text starts with a byte order mark: no column, but an offset. */
  bom: number;
}

export function sourceOf(text: string): Source {
  const lineStarts = [0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10 || (code === 13 && text.charCodeAt(at + 1) !== 10)) lineStarts.push(at + 1);
  }
  return { text, lineStarts, bom: text.charCodeAt(0) === 0xfeff ? 1 : 0 };
}

/** Range of `[start, end)`; offsets outside the text are moved to its borders. */
export function rangeOf(source: Source, start: number, end: number): SourceRange {
  const from = Math.min(Math.max(start, source.bom), source.text.length);
  const to = Math.min(Math.max(end, from), source.text.length);
  const [line, column] = placeOf(source, from);
  const [endLine, endColumn] = placeOf(source, to);
  return { line, column, endLine, endColumn, start: from, end: to };
}

/** 0-based index of the line that holds an offset. */
export function lineAt(source: Source, offset: number): number {
  let low = 0;
  let high = source.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (source.lineStarts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** 0-based column of an offset, without a byte order mark. */
export function columnOf(source: Source, offset: number): number {
  const line = lineAt(source, offset);
  return Math.max(offset - source.lineStarts[line]! - (line === 0 ? source.bom : 0), 0);
}

/** Offset at which the line's text ends, before its line break. */
export function lineEnd(source: Source, line: number): number {
  let end = source.lineStarts[line + 1] ?? source.text.length;
  while (end > source.lineStarts[line]! && /[\r\n]/.test(source.text[end - 1]!)) end--;
  return end;
}

function placeOf(source: Source, offset: number): [line: number, column: number] {
  return [lineAt(source, offset) + 1, columnOf(source, offset) + 1];
}
