import type { TextEdit } from '../../experiment/document/problem.ts';

interface Change {
  before: string;
  after: string;
}

/** Most changes that can be taken back. */
const most = 100;

/**
 * The changes that a panel made of its document, so that they can be taken back there: VS Code's own undo needs the document in a focused
 * editor. What else changed the text since then is not undone here.
 */
export class EditHistory {
  private readonly done: Change[] = [];
  private readonly undone: Change[] = [];

  add(before: string, after: string): void {
    if (before === after) return;
    this.done.push({ before, after });
    if (this.done.length > most) this.done.shift();
    this.undone.length = 0;
  }

  /** The edit of `text` that takes the last change back; null when there is none, or something else changed the text since. */
  undo(text: string): TextEdit[] | null {
    return step(this.done, this.undone, text, ({ before, after }) => [after, before]);
  }

  redo(text: string): TextEdit[] | null {
    return step(this.undone, this.done, text, ({ before, after }) => [before, after]);
  }
}

function step(
  from: Change[],
  to: Change[],
  text: string,
  way: (change: Change) => [now: string, next: string],
): TextEdit[] | null {
  // Changes that the editor's own undo took back are behind the present text.
  const index = from.findLastIndex((change) => way(change)[0] === text);
  if (index < 0) return null;
  const [change] = from.splice(index);
  to.push(change!);
  return [difference(text, way(change!)[1])];
}

/** The shortest single replacement that makes one text the other. */
function difference(from: string, to: string): TextEdit {
  const most = Math.min(from.length, to.length);
  let start = 0;
  while (start < most && from[start] === to[start]) start++;
  let same = 0;
  while (same < most - start && from.at(-1 - same) === to.at(-1 - same)) same++;
  return { start, end: from.length - same, text: to.slice(start, to.length - same) };
}
