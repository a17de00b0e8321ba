import { relative } from 'node:path';
import type { Problem } from '../../experiment/document/problem.ts';
import { paint, print } from './output.ts';
import { plural } from '../../text/words.ts';
import { t } from '../../text/say.ts';
import { severityWord } from '../../analysis/metric-words.ts';

/** Prints problems as compilers do, so that terminals make the places clickable. */
export function printProblems(
  file: string,
  problems: Problem[],
  cwd: string,
  write: (line: string) => void = print,
): void {
  const name = relative(cwd, file) || file;
  const colours = { error: 'red', warning: 'yellow', info: 'dim' } as const;
  for (const { severity, message, path, range } of problems)
    write(
      `${name}:${range.line}:${range.column}: ${paint(colours[severity], severityWord(severity))}: ${message}${path === '' ? '' : paint('dim', ` (${path})`)}`,
    );
}

/** "2 errors, 1 warning", or "no problems". */
export function problemCount(problems: Problem[]): string {
  const amount = (severity: Problem['severity']): number =>
    problems.filter((problem) => problem.severity === severity).length;
  const [errors, warnings, hints] = [amount('error'), amount('warning'), amount('info')];
  const parts = [
    errors && plural(errors, '{0} error', '{0} errors'),
    warnings && plural(warnings, '{0} warning', '{0} warnings'),
    hints && plural(hints, '{0} hint', '{0} hints'),
  ];
  return parts.filter(Boolean).join(t(', ')) || t('no problems');
}
