import type { Problem, TextEdit } from '../document/problem.ts';
import { rangeOf } from '../document/source.ts';
import { applyEdits } from '../edit/apply-edits.ts';
import { lookalikes, type Lookalike } from '../syntax/lookalike-signs.ts';
import type { Parsed } from './parsed.ts';
import { t } from '../../text/say.ts';

/** Most lines with such signs that are tried: each is read again. */
const mostLines = 50;

/**
 * Signs that only look like what is meant (a full-width colon, a no-break space): those without which a line has fewer errors, and those that
 * nobody sees at the edge of a value. A name may hold any sign, so others are left alone.
 */
export function lookalikeProblems(parsed: Parsed, parse: (text: string) => Parsed): Problem[] {
  const { source } = parsed.document;
  const signs = lookalikes(source.text);
  if (!signs.length) return [];
  const blamed = new Set<Lookalike>();
  if (parsed.experiment === null)
    for (const line of [...byLine(parsed, signs)].slice(0, mostLines))
      for (const one of toBlame(parsed, line, blamed, parse)) blamed.add(one);
  for (const one of signs) if (isUnseen(source.text, one)) blamed.add(one);
  const all = [...blamed].sort((a, b) => a.start - b.start);
  const everyEdit = all.map(edit);
  return all.map((one) => ({
    severity: 'error',
    code: 'lookalike_sign',
    message: message(one),
    path: '',
    range: rangeOf(source, one.start, one.end),
    fixes: [
      {
        title: one.twin === '' ? t('Remove the {0}', one.name) : t('Write {0}', shown(one)),
        edits: [edit(one)],
      },
      ...(all.length > 1
        ? [{ title: t('Replace all {0} signs that look like others', all.length), edits: everyEdit }]
        : []),
    ],
  }));
}

const edit = ({ start, end, twin }: Lookalike): TextEdit => ({ start, end, text: twin });

const shown = ({ twin }: Lookalike): string => (twin === ' ' ? t('a space') : twin);

function message(one: Lookalike): string {
  return one.twin === ''
    ? t('A {0}, which nobody sees; remove it.', one.name)
    : t('A {0}; write {1}.', one.name, shown(one));
}

/** The signs of each line. */
function byLine({ document }: Parsed, signs: Lookalike[]): Lookalike[][] {
  const lines = new Map<number, Lookalike[]>();
  for (const one of signs) {
    const { line } = rangeOf(document.source, one.start, one.end);
    lines.set(line, [...(lines.get(line) ?? []), one]);
  }
  return [...lines.values()];
}

/** Of the signs of one line, those that make its errors; `blamed` are the signs of lines before, which are read as meant. */
function toBlame(
  parsed: Parsed,
  line: Lookalike[],
  blamed: ReadonlySet<Lookalike>,
  parse: (text: string) => Parsed,
): Lookalike[] {
  const { source } = parsed.document;
  const at = rangeOf(source, line[0]!.start, line[0]!.end).line;
  const errorsWith = (signs: Lookalike[]): Errors => {
    const text = applyEdits(source.text, [...blamed, ...signs].map(edit));
    return firstErrors(parse(text).problems, at);
  };
  const before = errorsWith([]);
  const after = errorsWith(line);
  if (!isLess(after, before)) return [];
  return line.filter((one) => isLess(after, errorsWith(line.filter((other) => other !== one))));
}

/** The first line from a line on that has errors, and how many. */
interface Errors {
  line: number;
  count: number;
}

function firstErrors(problems: readonly Problem[], from: number): Errors {
  const lines = problems.flatMap(({ severity, range }) =>
    severity === 'error' && range.endLine >= from ? [Math.max(range.line, from)] : [],
  );
  const line = Math.min(...lines);
  return { line, count: lines.filter((one) => one === line).length };
}

/** Errors come later, or fewer at the same line. */
const isLess = (a: Errors, b: Errors): boolean => a.line > b.line || (a.line === b.line && a.count < b.count);

/** A blank that is none, or a sign without width, where a key or value starts or ends. */
function isUnseen(text: string, { start, end, twin }: Lookalike): boolean {
  if (twin.trim() !== '') return false;
  return (
    /(^|[\s:,{}[\]])$/.test(text.slice(Math.max(start - 1, 0), start)) ||
    /^($|[\s:,{}[\]#])/.test(text.slice(end, end + 1))
  );
}
