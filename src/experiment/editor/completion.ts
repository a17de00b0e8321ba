import type { SourceRange } from '../document/problem.ts';

/** Something that may be written at the cursor. */
export interface Completion {
  label: string;
  kind: 'key' | 'section' | 'value';
  /** In a few words: default, source of a value. */
  detail: string;
  /** Markdown. */
  documentation: string;
  insertText: string;
  /** What it replaces. */
  range: SourceRange;
  /** Order among the others. */
  sortText: string;
  /** After it is taken, values can be suggested at once. */
  thenSuggest: boolean;
}

/** What is known from outside the file. */
export interface Known {
  /** Names in the header of the pairs. */
  columns?: readonly string[];
  /** Files and folders (with a slash at the end) that may stand as the path at the cursor. */
  files?: readonly string[];
}

/** A completion before it has its place and its turn. */
export type Item = Omit<Completion, 'range' | 'sortText'>;
