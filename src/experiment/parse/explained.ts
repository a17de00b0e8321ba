import type { Fix } from '../document/problem.ts';

/** What is wrong with a value, where, and what to write instead. */
export interface Explained {
  code: string;
  message: string;
  start: number;
  end: number;
  fixes: Fix[];
}

/** Makes an explanation at the value; each replacement becomes a quick fix. */
export type Explain = (code: string, message: string, replacements?: string[]) => Explained;
