import type { Fix, Problem } from '../document/problem.ts';
import { rangeOf } from '../document/source.ts';
import type { MapEntry } from '../document/tree.ts';
import type { Reading } from './parsed.ts';

export interface Span {
  start: number;
  end: number;
}

/** Says a problem of the sweep. */
export type Report = (
  code: string,
  message: string,
  at: Span,
  fixes?: Fix[],
  severity?: Problem['severity'],
) => void;

/** `about`: the swept setting that the problems are of, where they are of one. */
export function sweepReport({ document, problems }: Reading, about: Pick<Problem, 'setting'> = {}): Report {
  return (code, message, { start, end }, fixes = [], severity = 'error') =>
    problems.push({
      severity,
      code,
      message,
      path: 'sweep',
      ...about,
      range: rangeOf(document.source, start, end),
      fixes,
    });
}

export const keyOf = ({ keyStart, keyEnd }: MapEntry): Span => ({ start: keyStart, end: keyEnd });
