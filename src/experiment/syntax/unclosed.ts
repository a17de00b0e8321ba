import { CST } from 'yaml';
import type { YamlDocument } from '../document/document.ts';
import { lineAt, type Source } from '../document/source.ts';
import { closesNothing } from './extra-signs.ts';
import { textEnd, type Found } from './place.ts';

/** A bracket that is never closed. */
export interface Unclosed {
  sign: '[' | '{';
  start: number;
  /** Where its last value ends. */
  contentEnd: number;
}

/** Brackets that are never closed, in order of place. */
export function unclosed(tokens: readonly CST.Token[], source: Source): Unclosed[] {
  const found: Unclosed[] = [];
  const visit = (token: CST.Token | null | undefined): void => {
    if (!token) return;
    if (token.type === 'document') return visit(token.value);
    if (!('items' in token)) return;
    if (token.type === 'flow-collection') {
      const sign = token.start.source as '[' | '{';
      const closing = sign === '[' ? 'flow-seq-end' : 'flow-map-end';
      if (!token.end.some((one) => one.type === closing))
        found.push({ sign, start: token.start.offset, contentEnd: contentEnd(token, source) });
    }
    for (const item of token.items) {
      visit(item.key);
      visit(item.value);
    }
  };
  try {
    tokens.forEach(visit);
  } catch (error) {
    // Brackets nested by the thousand: the composer has already said that it is too deep.
    if (!(error instanceof RangeError)) throw error;
  }
  return found.sort((a, b) => a.start - b.start);
}

function contentEnd(token: CST.FlowCollection, source: Source): number {
  let end = token.start.offset + 1;
  const last = token.items.findLast((item) => item.value ?? item.key ?? item.sep?.length);
  const value = last?.value ?? last?.key;
  if (value && 'offset' in value) end = value.offset + CST.stringify(stripEnd(value)).length;
  while (end > token.start.offset + 1 && /\s/.test(source.text[end - 1]!)) end--;
  return end;
}

/** A scalar's token carries the blanks and comments after it in `end`. */
const stripEnd = (token: CST.Token): CST.Token =>
  'end' in token && token.type !== 'flow-collection' && token.type !== 'document'
    ? ({ ...token, end: [] } as CST.Token)
    : token;

/** The list or map in brackets that an error at `at` comes from. */
export function bracketProblem(
  source: Source,
  open: Unclosed[],
  at: number,
  here: { start: number; end: number },
): Found {
  const innermost = open.filter((one) => one.start <= at).at(-1);
  if (!innermost) {
    const sign = source.text[at] ?? '';
    return {
      code: 'yaml_indent',
      message: /[\]}]/.test(sign)
        ? `The closing ${sign} must be indented further than the key that it belongs to.`
        : 'The lines of a list or map in brackets must be indented further than its key.',
      ...here,
    };
  }
  const closing = innermost.sign === '[' ? ']' : '}';
  const found = source.text[at] ?? '';
  // Another kind of closing bracket, and none of its kind is open.
  if (/[\]}]/.test(found) && !open.some((one) => one.start <= at && (one.sign === '[') === (found === ']')))
    return closesNothing(source, at);
  const line = lineAt(source, innermost.start);
  const end = textEnd(source, innermost.start);
  const place = Math.min(innermost.contentEnd, at);
  return {
    code: 'yaml_bracket',
    message: `The ${innermost.sign === '[' ? 'list' : 'map'} that opens on line ${line + 1} is not closed; a ${closing} is missing.`,
    start: innermost.start,
    end,
    fixes: [{ title: `Insert ${closing}`, edits: [{ start: place, end: place, text: closing }] }],
  };
}

/** The quoted text that does not end. */
export function quoteProblem(document: YamlDocument, at: number): Found {
  const { source } = document;
  let start = -1;
  const visit = (token: CST.Token | null | undefined): void => {
    if (!token) return;
    if (token.type === 'document') return visit(token.value);
    if (/-quoted-scalar$/.test(token.type) && 'source' in token && token.offset < at) {
      const sign = token.source[0]!;
      const isClosed =
        token.source.length > 1 && token.source.endsWith(sign) && !isEscaped(token.source, sign);
      if (!isClosed) start = Math.max(start, token.offset);
    }
    if ('items' in token)
      for (const item of token.items) {
        visit(item.key);
        visit(item.value);
      }
  };
  document.tokens.forEach(visit);
  if (start < 0) start = source.text.lastIndexOf('"', at);
  start = Math.max(start, 0);
  const sign = source.text[start] === "'" ? "'" : '"';
  const end = textEnd(source, start);
  return {
    code: 'yaml_quote',
    message: `The quoted text that starts on line ${lineAt(source, start) + 1} does not end; a ${sign} is missing.`,
    start,
    end,
    fixes: [{ title: `Insert ${sign}`, edits: [{ start: end, end, text: sign }] }],
  };
}

function isEscaped(text: string, sign: string): boolean {
  if (sign === "'") return (/'+$/.exec(text.slice(1))?.[0].length ?? 0) % 2 === 0;
  return (/\\+(?="$)/.exec(text)?.[0].length ?? 0) % 2 === 1;
}
