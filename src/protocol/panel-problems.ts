import type { Problem } from '../experiment/document/problem.ts';
import type { ProblemView } from './panel.ts';

/** Problems of an experiment as the panel takes them; what is wrong with a swept value belongs to the setting that is swept. */
export const problemViews = (problems: readonly Problem[]): ProblemView[] =>
  problems.map(({ severity, path, setting, message, code, range, fixes }) => ({
    severity,
    path: setting === 'seeds' ? 'seed' : (setting ?? path),
    message,
    code,
    line: range.line,
    fixes: fixes.map(({ title }) => title),
  }));
