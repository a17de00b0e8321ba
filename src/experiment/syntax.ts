import { CST } from 'yaml';
import type { YamlDocument } from './document.ts';
import type { Fix, Problem } from './problem.ts';
import { lineAt, lineEnd, rangeOf, type Source } from './source.ts';

/** What YAML itself finds wrong, in words that say what to write, each at the place where it began. At most one per line. */
export function syntaxProblems(document: YamlDocument): Problem[] {
  const { source } = document;
  const problems: Problem[] = [];
  const lines = new Set<number>();
  const open = unclosed(document.tokens, source);
  for (const error of document.errors) {
    const found = translate(document, error, open);
    if (!found) continue;
    const line = lineAt(source, found.start);
    if (lines.has(line)) continue;
    lines.add(line);
    problems.push({
      severity: 'error',
      code: found.code,
      message: found.message,
      path: '',
      range: rangeOf(source, found.start, found.end),
      fixes: found.fixes ?? [],
    });
  }
  for (const one of document.treeProblems)
    problems.push({
      severity: 'error',
      code: one.code,
      message: one.related
        ? `${one.message} The first is on line ${rangeOf(source, one.related.start, one.related.end).line}; keep one of them.`
        : one.message,
      path: one.path,
      range: rangeOf(source, one.start, one.end),
      fixes: [],
      ...(one.related && {
        related: [
          { message: one.related.message, range: rangeOf(source, one.related.start, one.related.end) },
        ],
      }),
    });
  if (document.second)
    problems.push({
      severity: 'error',
      code: 'second_document',
      message: 'A second document starts here; write one experiment per file.',
      path: '',
      range: rangeOf(source, document.second.start, document.second.end),
      fixes: [],
    });
  return problems;
}

interface Found {
  code: string;
  message: string;
  start: number;
  end: number;
  fixes?: Fix[];
}

type YamlError = YamlDocument['errors'][number];

function translate(document: YamlDocument, error: YamlError, open: Unclosed[]): Found | null {
  const { source } = document;
  const { text } = source;
  const [start] = error.pos;
  const end = Math.min(Math.max(error.pos[1] ?? start, start), lineEnd(source, lineAt(source, start)));
  const here = { start, end: Math.max(end, Math.min(start + 1, text.length)) };
  if (/^Flow (sequence|map)/.test(error.message)) return bracketProblem(source, open, start, here);
  if (/^Missing closing/.test(error.message)) return quoteProblem(document, start);
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return tabProblem(source, start);
    case 'BLOCK_AS_IMPLICIT_KEY':
      // Said twice where the key also spans lines; the other says more.
      if (document.errors.some((one) => one.code === 'MULTILINE_IMPLICIT_KEY' && one.pos[0] === start))
        return null;
      return keyProblem(source, error.pos, here);
    case 'MULTILINE_IMPLICIT_KEY':
      return keyProblem(source, error.pos, here);
    case 'MISSING_CHAR':
      if (/map keys need to be followed/.test(error.message)) return colonProblem(source, start);
      return { code: 'yaml_syntax', message: sentence(error.message), ...here };
    case 'BAD_INDENT': {
      const from = firstWritten(source, start);
      const tab = source.text.slice(source.lineStarts[lineAt(source, from)]!, from).indexOf('\t');
      if (tab >= 0) return tabProblem(source, source.lineStarts[lineAt(source, from)]! + tab);
      return {
        code: 'yaml_indent',
        message: 'This line is indented differently from the keys beside it; start them in the same column.',
        ...lineFrom(source, from),
      };
    }
    case 'BAD_SCALAR_START': {
      const range = lineFrom(source, start);
      const value = text.slice(range.start, range.end);
      const sign = text[start] ?? '';
      return {
        code: 'yaml_syntax',
        message: `A value cannot start with ${sign} in YAML; write it in quotes.`,
        ...range,
        fixes: [replace('Write it in quotes', range, JSON.stringify(value))],
      };
    }
    case 'BAD_DQ_ESCAPE':
      return {
        code: 'yaml_syntax',
        message: `${text.slice(start, start + 2)} means nothing in a quoted text; write \\\\ for a backslash.`,
        start,
        end: Math.min(start + 2, text.length),
        fixes: [{ title: 'Double the backslash', edits: [{ start, end: start, text: '\\' }] }],
      };
    default:
      return { code: 'yaml_syntax', message: sentence(error.message), ...here };
  }
}

interface Unclosed {
  sign: '[' | '{';
  start: number;
  /** Where its last value ends. */
  contentEnd: number;
}

/** Brackets that are never closed, in order of place. */
function unclosed(tokens: readonly CST.Token[], source: Source): Unclosed[] {
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

function bracketProblem(
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

/** End of the text from an offset on in its line, without blanks and a comment at its end. */
function textEnd(source: Source, start: number): number {
  const end = lineEnd(source, lineAt(source, start));
  const line = source.text.slice(start, end);
  const comment = /\s+#/.exec(
    line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g, (quoted) => 'x'.repeat(quoted.length)),
  );
  const kept = (comment ? line.slice(0, comment.index) : line).trimEnd();
  return start + Math.max(kept.length, 1);
}

function quoteProblem(document: YamlDocument, at: number): Found {
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

function tabProblem(source: Source, start: number): Found {
  const { text } = source;
  const tabs: number[] = [];
  for (const match of text.matchAll(/^ *(\t[ \t]*)/gm))
    for (let at = match.index; at < match.index + match[0].length; at++) if (text[at] === '\t') tabs.push(at);
  const edits = (places: number[]) => places.map((at) => ({ start: at, end: at + 1, text: '  ' }));
  const line = lineAt(source, start);
  const inLine = tabs.filter((at) => lineAt(source, at) === line);
  let end = start;
  while (text[end] === '\t') end++;
  return {
    code: 'yaml_tab',
    message: 'A tab is used to indent; YAML wants spaces.',
    start,
    end: Math.max(end, Math.min(start + 1, text.length)),
    fixes: [
      { title: 'Indent with two spaces', edits: edits(inLine.length ? inLine : [start]) },
      ...(tabs.length > inLine.length
        ? [{ title: `Replace all ${tabs.length} tabs by two spaces`, edits: edits(tabs) }]
        : []),
    ],
  };
}

/** A colon where none may be, or a line that reads as a part of the one above. */
function keyProblem(source: Source, pos: readonly number[], here: { start: number; end: number }): Found {
  const { text } = source;
  const from = pos[0]!;
  const until = Math.max(pos[1] ?? from, from + 1);
  const glued = /^([\w.-]+):(?=[^\s:])/.exec(text.slice(from, lineEnd(source, lineAt(source, from))));
  const spansLines = lineAt(source, Math.max(until - 1, from)) > lineAt(source, from);
  if (glued && spansLines) {
    const colon = from + glued[1]!.length + 1;
    return {
      code: 'yaml_colon',
      message: `A space is missing after the colon of ${glued[1]}.`,
      start: from,
      end: textEnd(source, from),
      fixes: [{ title: 'Insert a space', edits: [{ start: colon, end: colon, text: ' ' }] }],
    };
  }
  if (spansLines) {
    const second = firstWritten(source, source.lineStarts[lineAt(source, until - 1)]!);
    const columnOf = (offset: number) => offset - source.lineStarts[lineAt(source, offset)]!;
    if (columnOf(second) <= columnOf(firstWritten(source, source.lineStarts[lineAt(source, from)]!)))
      return colonProblem(source, from);
    return {
      code: 'yaml_indent',
      message:
        'This line is indented as a part of the line above, which already has a value; start it in the same column as the key above.',
      ...lineFrom(source, second),
    };
  }
  return {
    code: 'yaml_syntax',
    message:
      'A key cannot stand behind another key’s colon on the same line; put it on a line of its own or in { }.',
    start: here.start,
    end: textEnd(source, here.start),
  };
}

function colonProblem(source: Source, at: number): Found {
  const line = lineAt(source, at);
  const begin = source.lineStarts[line]! + (line === 0 ? source.bom : 0);
  const indent = /^[ \t]*(- )?/.exec(source.text.slice(begin))![0].length;
  const start = begin + indent;
  const end = textEnd(source, start);
  const word = source.text.slice(start, end);
  return {
    code: 'yaml_colon',
    message: `A colon is missing after ${word.length > 40 ? `${word.slice(0, 37)}...` : word}.`,
    start,
    end,
    fixes: [{ title: 'Insert a colon', edits: [{ start: end, end, text: ':' }] }],
  };
}

/** First character of a line that is no blank, from an offset in it on. */
function firstWritten(source: Source, offset: number): number {
  return (
    offset + /^[ \t]*/.exec(source.text.slice(offset, lineEnd(source, lineAt(source, offset))))![0].length
  );
}

function lineFrom(source: Source, start: number): { start: number; end: number } {
  return { start, end: start < source.text.length ? textEnd(source, start) : start };
}

const replace = (title: string, range: { start: number; end: number }, text: string): Fix => ({
  title,
  edits: [{ start: range.start, end: range.end, text }],
});

function sentence(message: string): string {
  const text = message.trim().replace(/\.$/, '');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
