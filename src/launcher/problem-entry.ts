import type { Problem } from '../experiment/document/problem.ts';

/** A problem as `--json` prints it: 1-based, the end exclusive. */
export interface ProblemEntry {
  severity: Problem['severity'];
  code: string;
  message: string;
  path: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

export function problemEntry({ severity, code, message, path, range }: Problem): ProblemEntry {
  const { line, column, endLine, endColumn } = range;
  return { severity, code, message, path, line, column, endLine, endColumn };
}
