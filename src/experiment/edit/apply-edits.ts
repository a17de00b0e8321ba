import type { TextEdit } from '../document/problem.ts';

/** The text with the edits made; they may touch but not overlap. Insertions at one place are made in their order. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const sorted = edits
    .map((edit, index) => ({ ...edit, index }))
    .sort((a, b) => a.start - b.start || a.end - b.end || a.index - b.index);
  let result = '';
  let at = 0;
  for (const edit of sorted) {
    result += text.slice(at, edit.start) + edit.text;
    at = Math.max(at, edit.end);
  }
  return result + text.slice(at);
}

/** Several changes, each worked out on the text that the one before left, as edits of the first text. */
export function sequence(
  text: string,
  changes: readonly ((text: string) => readonly TextEdit[])[],
): TextEdit[] {
  let edits: TextEdit[] = [];
  let now = text;
  for (const change of changes) {
    const next = change(now);
    const mapped = next.map((edit) => mapBack(edits, edit));
    const after = applyEdits(now, next);
    edits = mapped.every((one) => one !== null) ? [...edits, ...mapped] : [difference(text, after)];
    if (overlaps(edits) || applyEdits(text, edits) !== after) edits = [difference(text, after)];
    now = after;
  }
  return edits;
}

/** An edit of the changed text as one of the text before; null when it touches what the changes inserted. */
function mapBack(changes: readonly TextEdit[], edit: TextEdit): TextEdit | null {
  const start = offsetBefore(changes, edit.start);
  const end = edit.start === edit.end ? start : offsetBefore(changes, edit.end);
  return start === null || end === null || end < start ? null : { start, end, text: edit.text };
}

function offsetBefore(changes: readonly TextEdit[], offset: number): number | null {
  let shift = 0;
  for (const change of [...changes].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const start = change.start + shift;
    const end = start + change.text.length;
    if (offset < start) break;
    if (offset === start && change.text.length === 0) return change.end;
    if (offset === start) return change.start;
    if (offset < end) return null;
    shift += change.text.length - (change.end - change.start);
  }
  return offset - shift;
}

function overlaps(edits: readonly TextEdit[]): boolean {
  const sorted = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  return sorted.some((edit, index) => index > 0 && edit.start < sorted[index - 1]!.end);
}

/** One edit from the first byte that differs to the last. */
function difference(before: string, after: string): TextEdit {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let tail = 0;
  while (
    tail < before.length - start &&
    tail < after.length - start &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail++;
  return { start, end: before.length - tail, text: after.slice(start, after.length - tail) };
}
