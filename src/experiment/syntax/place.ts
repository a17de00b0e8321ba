import type { Fix } from '../document/problem.ts';
import { lineAt, lineEnd, type Source } from '../document/source.ts';

/** A syntax error in our words, with offsets. */
export interface Found {
  code: string;
  message: string;
  start: number;
  end: number;
  fixes?: Fix[];
}

/** End of the text from an offset on in its line, without blanks and a comment at its end. */
export function textEnd(source: Source, start: number): number {
  const end = lineEnd(source, lineAt(source, start));
  const line = source.text.slice(start, end);
  const comment = /\s+#/.exec(
    line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g, (quoted) => 'x'.repeat(quoted.length)),
  );
  const kept = (comment ? line.slice(0, comment.index) : line).trimEnd();
  return start + Math.max(kept.length, 1);
}

/** First character of a line that is no blank, from an offset in it on. */
export function firstWritten(source: Source, offset: number): number {
  return (
    offset + /^[ \t]*/.exec(source.text.slice(offset, lineEnd(source, lineAt(source, offset))))![0].length
  );
}

/** From an offset to the end of its line's text. */
export function lineFrom(source: Source, start: number): { start: number; end: number } {
  return { start, end: start < source.text.length ? textEnd(source, start) : start };
}
