import { relative } from 'node:path';
import type { Problem } from '../../experiment/document/problem.ts';
import { paint, print } from './output.ts';
import { count } from './words.ts';

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
      `${name}:${range.line}:${range.column}: ${paint(colours[severity], severity)}: ${message}${path === '' ? '' : paint('dim', ` (${path})`)}`,
    );
}

/** "2 errors, 1 warning", or "no problems". */
export function problemCount(problems: Problem[]): string {
  const parts = (['error', 'warning', 'info'] as const).flatMap((severity) => {
    const amount = problems.filter((problem) => problem.severity === severity).length;
    return amount === 0 ? [] : [count(amount, severity === 'info' ? 'hint' : severity)];
  });
  return parts.join(', ') || 'no problems';
}
