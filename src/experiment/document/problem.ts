/** Something wrong or doubtful in an experiment file, at the exact key or value. */
export interface Problem {
  severity: 'error' | 'warning' | 'info';
  /** Stable name, e.g. `unknown_key`, `learning_rates_apart`. */
  code: string;
  /** What is wrong and what to write instead, with the numbers. */
  message: string;
  /** Dotted key; empty for the file as a whole. */
  path: string;
  /** Dotted key of the swept setting that a problem of the sweep (`path` is then `sweep`) is about. */
  setting?: string;
  range: SourceRange;
  fixes: Fix[];
  related?: { message: string; range: SourceRange }[];
}

/** 1-based lines and columns, columns in UTF-16 units without a byte order mark; `end*` is exclusive. Offsets are 0-based into the text. */
export interface SourceRange {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  start: number;
  end: number;
}

/** A quick fix: changes only the bytes concerned. */
export interface Fix {
  title: string;
  edits: TextEdit[];
}

/** A quick fix whose edits are worked out when it is taken: for those that read the file anew. */
export function lazyFix(title: string, work: () => TextEdit[]): Fix {
  let edits: TextEdit[] | undefined;
  return {
    title,
    get edits() {
      return (edits ??= work());
    },
  };
}

/** Replaces `text.slice(start, end)`; offsets into the text that was parsed. */
export interface TextEdit {
  start: number;
  end: number;
  text: string;
}
