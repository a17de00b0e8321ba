import { readYaml } from './document.ts';
import { columnOf, lineAt, lineEnd } from './source.ts';
import type { TreeNode } from './tree.ts';
import { closingOf, unclosed } from './unclosed.ts';

/** Where in the structure of a file an offset stands. */
export interface CursorPlace {
  /** Keys of the sections above, outermost first. */
  sections: string[];
  /** A key is being written, or the value of `key`. */
  kind: 'key' | 'value';
  /** Of a value: its key. */
  key: string | null;
  /** In a list: an item is being written. */
  inList: boolean;
  /** Lists around it, up to its key. */
  depth: number;
  /** Inside brackets. */
  inFlow: boolean;
  /** What is written already, from `start` to `end`; a completion replaces it. */
  start: number;
  end: number;
  /** Spaces before a key. */
  indent: number;
}

/**
 * The place of an offset; null in a comment, in a block text and behind a document's end. What is being typed is often no YAML yet, and would
 * hide the lines after it: so the text up to the offset is read with a word put in there, and the word is looked up. What stands behind the
 * offset tells only where the written word ends.
 */
export function cursorPlace(text: string, offset: number): CursorPlace | null {
  const before = closeForgotten(text.slice(0, offset));
  // A colon wants a space; behind a quote another word would be too much.
  const word = /:$/.test(before) ? ' x' : /["']$/.test(before) ? '' : 'x';
  const { tree, source } = readYaml(before + word);
  const found = tree && find(tree, before.length + word.length - 1);
  if (!found) return null;
  const { keys, inFlow, lists } = found;
  const start = Math.min(found.start - (before.length - offset), offset);
  const written = text.slice(start, offset);
  const lead = /[^\r\n]*$/.exec(text.slice(0, start))![0].replace('\ufeff', '');
  const isOwnLine = !inFlow && /^ *$/.test(lead);
  const common = { inFlow, start, indent: isOwnLine ? lead.length : 0 };
  if (found.isKey || isOwnLine) {
    if (/^-|\s/.test(written)) return null;
    const isBeside = found.firstKey === null || columnOf(source, found.firstKey) === lead.length;
    if (isOwnLine && !(isBeside && (written !== '' || isFree(text, offset, lead.length)))) return null;
    const end =
      offset + (quotedEnd(text, start, offset) ?? /^[^\s:#,{}[\]]*/.exec(text.slice(offset))![0].length);
    return { ...common, end, sections: keys, kind: 'key', key: null, inList: false, depth: 0 };
  }
  if (inFlow && written === '' && /^\s*[[{]/.test(text.slice(offset))) return null;
  const end = offset + (quotedEnd(text, start, offset) ?? valueEnd(text, start, offset, inFlow));
  const [sections, key] = [keys.slice(0, -1), keys.at(-1) ?? null];
  return { ...common, end, sections, kind: 'value', key, inList: found.inList, depth: lists };
}

interface Found {
  /** Keys above, with its own where it is a value. */
  keys: string[];
  isKey: boolean;
  inList: boolean;
  inFlow: boolean;
  /** Lists between it and its key. */
  lists: number;
  start: number;
  /** Where the first key of its map starts. */
  firstKey: number | null;
}

/** The key or value that holds an offset. */
function find(root: TreeNode, at: number): Found | null {
  const keys: string[] = [];
  let [node, inFlow, inList, lists]: [TreeNode | undefined, boolean, boolean, number] = [
    root,
    false,
    false,
    0,
  ];
  while (node && node.alias === null && node.kind !== 'scalar') {
    inFlow ||= node.flow;
    inList = node.kind === 'list';
    if (node.kind === 'list') {
      lists++;
      node = node.items.find((item) => item.start <= at && at <= item.end);
      continue;
    }
    const onKey = node.written.find(
      (one) => one.keyStart <= at && at < Math.max(one.keyEnd, one.keyStart + 1),
    );
    if (onKey)
      return {
        keys,
        isKey: true,
        inList: false,
        inFlow,
        lists: 0,
        start: onKey.keyStart,
        firstKey: node.written[0]!.start,
      };
    const entry = node.written.find(({ value }) => value.start <= at && at <= value.end);
    if (entry) keys.push(entry.name);
    lists = 0;
    node = entry?.value;
  }
  const isText = node?.kind === 'scalar' && node.style !== 'block' && node.start <= at && at <= node.end;
  return isText ? { keys, isKey: false, inList, inFlow, lists, start: node!.start, firstKey: null } : null;
}

/** A key may start here: not before the indentation of a line, nor where it would take the lines below it from their own key. */
function isFree(text: string, offset: number, indent: number): boolean {
  const line = /^[^\r\n]*/.exec(text.slice(offset))![0];
  if (line.trim() !== '') return !/^(?:[\s#[{]|-\s)/.test(line);
  const next = /^( *)[^\s#]/m.exec(text.slice(offset + line.length));
  return !next || next[1]!.length <= indent;
}

/** Where a quoted text ends, from the offset on; null for others, and where it does not end. */
function quotedEnd(text: string, start: number, offset: number): number | null {
  const quoted = /^[ \t]*(?:"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\r\n]|'')*')/.exec(text.slice(start));
  return quoted ? Math.max(start + quoted[0].length - offset, 0) : null;
}

/** Where a plain value ends, from the offset on. */
function valueEnd(text: string, start: number, offset: number, inFlow: boolean): number {
  const line = /^[^\r\n]*/.exec(text.slice(start))![0];
  const stop = (inFlow ? /\s*(?:[,\]}]|(?:^|\s)#|$)/ : /\s*(?:(?:^|\s)#|$)/).exec(line)!.index;
  return Math.max(start + stop - offset, 0);
}

/** A line that starts a key. */
const keyLine = /^( *)(?:[\w.-]+|"[^"]*"|'[^']*')\s*:(?=\s|$)/;

/** The text with the brackets and quotes closed that were forgotten further up: those with a key after them that stands no further in than their line. */
function closeForgotten(text: string, from = 0): string {
  const { source, tokens } = readYaml(text);
  const lineText = (line: number) => text.slice(source.lineStarts[line], lineEnd(source, line));
  const open = unclosed(tokens, source).filter(({ start }) => start >= from);
  for (const { start } of open) {
    const opening = lineAt(source, start);
    const indent = /^ */.exec(lineText(opening))![0].length;
    for (let line = opening + 1; line < source.lineStarts.length; line++) {
      const key = keyLine.exec(lineText(line));
      if (!key || key[1]!.length > indent) continue;
      const at = source.lineStarts[line]!;
      const closing = open.filter((one) => one.start < at).map(({ sign }) => closingOf[sign]);
      const closed = `${text.slice(0, at)}${' '.repeat(indent + 1)}${closing.reverse().join('')}\n`;
      return closeForgotten(closed + text.slice(at), closed.length);
    }
  }
  return text;
}
