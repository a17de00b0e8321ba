import { CST } from 'yaml';
import type { Source } from './source.ts';

/** A bracket or a quote that is never closed. */
export interface Unclosed {
  sign: '[' | '{' | '"' | "'";
  start: number;
  /** Where its last value ends; of a quoted text, its start. */
  contentEnd: number;
}

/** Brackets and quotes that are never closed, in order of place. */
export function unclosed(tokens: readonly CST.Token[], source: Source): Unclosed[] {
  const found: Unclosed[] = [];
  const visit = (token: CST.Token | null | undefined): void => {
    if (!token) return;
    if (token.type === 'document') return visit(token.value);
    if (/-quoted-scalar$/.test(token.type) && 'source' in token && !isClosed(token.source))
      found.push({ sign: token.source[0] as '"', start: token.offset, contentEnd: token.offset });
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

export const closingOf = { '[': ']', '{': '}', '"': '"', "'": "'" } as const;

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

/** A quoted text, from its opening quote on, ends with a quote that is no part of it. */
function isClosed(text: string): boolean {
  const sign = text[0]!;
  if (text.length < 2 || !text.endsWith(sign)) return false;
  if (sign === "'") return (/'+$/.exec(text.slice(1))?.[0].length ?? 0) % 2 === 1;
  return (/\\+(?="$)/.exec(text)?.[0].length ?? 0) % 2 === 0;
}
