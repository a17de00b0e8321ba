import type { YamlDocument } from '../document/document.ts';
import { removeEntryAt } from '../edit/remove.ts';
import type { Fix, Problem } from '../document/problem.ts';
import { lineAt, lineEnd, rangeOf, type Source } from '../document/source.ts';
import { afterValue, closesNothing, commaMissing, dashOnLine, emptyItem } from './extra-signs.ts';
import { colonProblem, keyProblem } from './key-signs.ts';
import { bracketProblem, quoteProblem } from './unclosed.ts';
import { unclosed, type Unclosed } from '../document/unclosed.ts';
import { firstWritten, lineFrom, type Found } from './place.ts';
import { visit, type TreeNode, type TreeProblem } from '../document/tree.ts';
import { inSingleQuotes } from './windows-path.ts';
import { t } from '../../text/say.ts';

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
  for (const one of document.warnings)
    problems.push({
      severity: 'warning',
      code: one.code === 'TAG_RESOLVE_FAILED' ? 'unknown_tag' : 'unknown_directive',
      message:
        one.code === 'TAG_RESOLVE_FAILED'
          ? t('{0} is not a tag that is known; the value is read without it.', source.text.slice(...one.pos))
          : t('{0} The file is read as YAML 1.2.', sentence(one.message)),
      path: '',
      range: rangeOf(source, one.pos[0], Math.max(one.pos[1] ?? 0, one.pos[0] + 1)),
      fixes: [],
    });
  for (const one of document.treeProblems) problems.push(treeProblem(document, one));
  if (document.second) {
    const { start, end } = document.second;
    problems.push({
      severity: 'error',
      code: 'second_document',
      message: t('A second document starts here; write one experiment per file.'),
      path: '',
      range: rangeOf(source, start, end),
      fixes: [
        { title: t('Remove everything from here on'), edits: [{ start, end: source.text.length, text: '' }] },
      ],
    });
  }
  return problems;
}

function treeProblem(document: YamlDocument, found: TreeProblem): Problem {
  const { source } = document;
  const { code, path, related } = found;
  const range = rangeOf(source, found.start, found.end);
  const problem: Problem = { severity: 'error', code, message: found.message, path, range, fixes: [] };
  if (!related) return problem;
  const first = rangeOf(source, related.start, related.end);
  const remove = (title: string, start: number): Fix[] => {
    const edits = removeEntryAt(document, start);
    return edits.length ? [{ title, edits }] : [];
  };
  return {
    ...problem,
    message: t('{0} The first is on line {1}; keep one of them.', found.message, first.line),
    related: [{ message: related.message, range: first }],
    fixes: [...remove(t('Remove this one'), range.start), ...remove(t('Remove the first'), first.start)],
  };
}

type YamlError = YamlDocument['errors'][number];

function translate(document: YamlDocument, error: YamlError, open: Unclosed[]): Found | null {
  const { source } = document;
  const { text } = source;
  const [start] = error.pos;
  const end = Math.min(Math.max(error.pos[1] ?? start, start), lineEnd(source, lineAt(source, start)));
  const here = { start, end: Math.max(end, Math.min(start + 1, text.length)) };
  if (/call stack/.test(error.message))
    return { code: 'yaml_syntax', message: t('Nested too deeply to be read.'), start, end: here.end };
  if (/ at node end$/.test(error.message)) return afterValue(source, start);
  if (/^Unexpected flow-\w+-end token/.test(error.message)) return closesNothing(source, start);
  if (/^Unexpected (,|empty item) in/.test(error.message)) return emptyItem(source, start);
  if (/^Unexpected block-seq-ind on same line/.test(error.message)) return dashOnLine(source, start);
  if (error.code === 'BLOCK_IN_FLOW') return commaMissing(source, start, error.pos[1]);
  if (/^Flow (sequence|map)/.test(error.message)) return bracketProblem(source, open, start, here);
  if (/^Missing closing/.test(error.message)) return quoteProblem(source, open, start);
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
      const tab = source.text.slice(source.lineStarts[lineAt(source, from)], from).indexOf('\t');
      if (tab >= 0) return tabProblem(source, source.lineStarts[lineAt(source, from)]! + tab);
      return {
        code: 'yaml_indent',
        message: t(
          'This line is indented differently from the keys beside it; start them in the same column.',
        ),
        ...lineFrom(source, from),
      };
    }
    case 'BAD_SCALAR_START': {
      const range = lineFrom(source, start);
      const value = text.slice(range.start, range.end);
      const sign = text[start] ?? '';
      return {
        code: 'yaml_syntax',
        message: t('A value cannot start with {0} in YAML; write it in quotes.', sign),
        ...range,
        fixes: [replace(t('Write it in quotes'), range, JSON.stringify(value))],
      };
    }
    case 'BAD_DQ_ESCAPE':
      return {
        code: 'yaml_syntax',
        message: t(
          '{0} means nothing in a quoted text; write \\\\ for a backslash.',
          text.slice(start, start + 2),
        ),
        start,
        end: Math.min(start + 2, text.length),
        fixes: [
          singleQuotes(document, start) ?? {
            title: t('Double the backslash'),
            edits: [{ start, end: start, text: '\\' }],
          },
        ],
      };
    default:
      return { code: 'yaml_syntax', message: sentence(error.message), ...here };
  }
}

/** For a Windows path: the whole of it, since other backslashes in it may have become tabs and line ends. */
function singleQuotes({ tree, source }: YamlDocument, at: number): Fix | null {
  let around: TreeNode | null = null;
  if (tree) visit(tree, (node) => void (node.start <= at && at < node.end && (around = node)));
  const { start, end } = around ?? { start: at, end: at };
  const isPath = /^"(?:[a-z]:|\.{0,2}|[\w.-]*)\\[^"]*"$/i.test(source.text.slice(start, end));
  return isPath ? inSingleQuotes(source.text, start, end) : null;
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
    message: t('A tab is used to indent; YAML wants spaces.'),
    start,
    end: Math.max(end, Math.min(start + 1, text.length)),
    fixes: [
      { title: t('Indent with two spaces'), edits: edits(inLine.length ? inLine : [start]) },
      ...(tabs.length > inLine.length
        ? [{ title: t('Replace all {0} tabs by two spaces', tabs.length), edits: edits(tabs) }]
        : []),
    ],
  };
}

const replace = (title: string, range: { start: number; end: number }, text: string): Fix => ({
  title,
  edits: [{ start: range.start, end: range.end, text }],
});

function sentence(message: string): string {
  const text = message.trim().replace(/\.$/, '');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
