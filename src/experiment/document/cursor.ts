/** Where in the structure of a file an offset stands; told from the text before it, so that half-written lines do no harm. */
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

interface Level {
  indent: number;
  key: string;
}

interface FlowLevel {
  sign: '{' | '[';
  /** Key of the entry that is being written, once its colon is there. */
  key: string | null;
  /** Where the key or value being written starts. */
  start: number;
}

const keyPattern =
  /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s#:'"{}[\],&*!|>%@`-][^:#]*?|-[^\s:#][^:#]*?))\s*:(?=\s|$)/;

/** The place of an offset; null in a comment, in a block text and behind a document's end. */
export function cursorPlace(text: string, offset: number): CursorPlace | null {
  const levels: Level[] = [];
  let blockText: number | null = null;
  let hasBegun = false;
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at <= text.length) {
    const found = /\r\n|\n|\r/g;
    found.lastIndex = at;
    const match = found.exec(text);
    const lineEnd = match ? match.index : text.length;
    const next = match ? match.index + match[0].length : text.length + 1;
    const line = text.slice(at, lineEnd);
    const indent = /^ */.exec(line)![0].length;
    const isCursorLine = offset <= lineEnd;
    const isBlank = /^\s*(#.*)?$/.test(line);
    if (/^(---|\.\.\.)(\s|$)/.test(line) && blockText === null) {
      // One document is read.
      if (hasBegun || line.startsWith('.')) return null;
      hasBegun = true;
    } else hasBegun ||= !isBlank && !line.startsWith('%');
    if (blockText !== null && !isBlank && indent <= blockText) blockText = null;
    if (blockText !== null) {
      if (isCursorLine && offset - at > blockText) return null;
    } else if (isCursorLine && isBlank) return onBlankLine(text, levels, at, lineEnd, offset);
    else if (!isBlank) {
      const after = readLine(text, levels, at, lineEnd, offset);
      if (after.place !== undefined) return after.place;
      if (after.next !== undefined) {
        at = after.next;
        continue;
      }
      if (after.blockText !== undefined) blockText = after.blockText;
    }
    if (isCursorLine) return null;
    at = next;
  }
  return null;
}

function onBlankLine(
  text: string,
  levels: Level[],
  start: number,
  end: number,
  offset: number,
): CursorPlace | null {
  if (text.slice(start, end).includes('#')) return null;
  const indent = offset - start;
  // A key here would take the lines below it from their own.
  const next = /^([ ]*)[^\s#]/m.exec(text.slice(end));
  if (next && next[1]!.length > indent) return null;
  return { ...keyPlace(levels, indent, offset, offset), indent };
}

function keyPlace(levels: readonly Level[], indent: number, start: number, end: number): CursorPlace {
  const sections = levels.filter((level) => level.indent < indent).map((level) => level.key);
  return { sections, kind: 'key', key: null, inList: false, depth: 0, inFlow: false, start, end, indent };
}

interface LineResult {
  place?: CursorPlace | null;
  /** Where to go on when the line's brackets ran over several lines. */
  next?: number;
  blockText?: number;
}

function readLine(text: string, levels: Level[], start: number, end: number, offset: number): LineResult {
  const indent = /^ */.exec(text.slice(start, end))![0].length;
  let from = start + indent;
  const dash = /^(?:-(?:\s+|$))+/.exec(text.slice(from, end))?.[0].length ?? 0;
  // A list may stand in the same column as its key.
  const isSame = (level: Level) => (dash ? level.indent > indent : level.indent >= indent);
  while (levels.length && isSame(levels.at(-1)!)) levels.pop();
  from += dash;
  const rest = text.slice(from, end);
  const key = keyPattern.exec(rest);
  if (key && !dash) {
    const keyEnd = from + key[0].length;
    const nameEnd = from + key[0].replace(/\s*:$/, '').length;
    if (offset <= nameEnd && offset >= from) return { place: keyPlace(levels, indent, from, nameEnd) };
    if (offset < from) return { place: null };
    levels.push({ indent, key: key[1] ?? key[2] ?? key[3]! });
    return readValue(text, levels, keyEnd, end, offset, indent, false);
  }
  if (dash) return readValue(text, levels, from, end, offset, indent, true);
  if (/^[{[]/.test(rest)) return readValue(text, levels, from, end, offset, -1, false);
  if (offset > end) return {};
  const word = /^[^\s#]*/.exec(rest)![0].length;
  return offset <= from + word && offset >= from
    ? { place: keyPlace(levels, indent, from, from + word) }
    : { place: null };
}

/** What stands after a colon or a dash. */
function readValue(
  text: string,
  levels: Level[],
  from: number,
  end: number,
  offset: number,
  indent: number,
  inList: boolean,
): LineResult {
  let start = from;
  while (start < end && /[ \t]/.test(text[start]!)) start++;
  const props = /^(?:[&!]\S*\s+)+/.exec(text.slice(start, end))?.[0].length ?? 0;
  start += props;
  if (/^[{[]/.test(text.slice(start, end)) && offset > start)
    return readFlow(text, levels, start, offset, indent, inList);
  const value = text.slice(start, end);
  const commentAt = /(^|\s)#/.exec(
    value.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, (quoted) => 'x'.repeat(quoted.length)),
  );
  const valueEnd = start + (commentAt ? commentAt.index : value.length);
  if (offset > end) return /^[|>]/.test(value) ? { blockText: Math.max(indent, 0) } : {};
  if (offset < from || offset > Math.max(valueEnd, from + 1)) return { place: null };
  const trimmed = text.slice(start, valueEnd).trimEnd().length;
  const key = levels.at(-1)?.key ?? null;
  return {
    place: {
      sections: levels.slice(0, -1).map((level) => level.key),
      kind: 'value',
      key,
      inList,
      depth: Number(inList),
      inFlow: false,
      start: Math.min(start, offset),
      end: Math.max(start + trimmed, Math.min(start, offset), offset > start + trimmed ? offset : 0),
      indent: Math.max(indent, 0),
    },
  };
}

/** Brackets, over lines where needed. An unclosed one ends at the first line that looks like a key further out. */
function readFlow(
  text: string,
  levels: Level[],
  from: number,
  offset: number,
  indent: number,
  inList: boolean,
): LineResult {
  const flow: FlowLevel[] = [];
  let at = from;
  while (at < text.length && at < offset) {
    const sign = text[at]!;
    const top = flow.at(-1);
    if (sign === '"' || sign === "'") {
      const quoted = sign === '"' ? /"(?:[^"\\]|\\.)*"?/y : /'(?:[^']|'')*'?/y;
      quoted.lastIndex = at;
      const length = quoted.exec(text)?.[0].length ?? 1;
      at = Math.min(at + length, text.length);
      continue;
    }
    if (sign === '#' && /\s/.test(text[at - 1] ?? ' ')) {
      const end = at + text.slice(at).search(/[\r\n]|$/);
      if (offset <= end) return { place: null };
      at = end;
      continue;
    }
    if (sign === '\n' || sign === '\r') {
      const line = /^([ ]*)(.*)/.exec(text.slice(at + 1))!;
      if (flow.length && line[1]!.length <= indent && keyPattern.test(line[2]!)) return { next: at + 1 };
    }
    if (sign === '{' || sign === '[') flow.push({ sign, key: null, start: at + 1 });
    else if (sign === '}' || sign === ']') {
      flow.pop();
      if (!flow.length) return afterFlow(text, at + 1, offset);
    } else if (sign === ',' && top) {
      top.key = top.sign === '{' ? null : top.key;
      top.start = at + 1;
    } else if (
      sign === ':' &&
      top?.sign === '{' &&
      top.key === null &&
      /[\s,[\]{}]|$/.test(text[at + 1] ?? '')
    ) {
      top.key = text
        .slice(top.start, at)
        .trim()
        .replace(/^(["'])(.*)\1$/, '$2');
      top.start = at + 1;
    }
    at++;
  }
  if (at < offset) return { place: null };
  return { place: flowPlace(text, levels, flow, offset, inList) };
}

function afterFlow(text: string, at: number, offset: number): LineResult {
  const end = at + text.slice(at).search(/[\r\n]|$/);
  if (offset <= end) return { place: null };
  return { next: end + (text.startsWith('\r\n', end) ? 2 : 1) };
}

function flowPlace(
  text: string,
  levels: readonly Level[],
  flow: readonly FlowLevel[],
  offset: number,
  inList: boolean,
): CursorPlace | null {
  const top = flow.at(-1);
  if (!top) return null;
  const keys = [
    ...levels.map((level) => level.key),
    ...flow.flatMap((one) => (one.key === null ? [] : [one.key])),
  ];
  const start = Math.min(top.start + /^\s*/.exec(text.slice(top.start))![0].length, offset);
  const stop = top.sign === '{' && top.key === null ? /[\s,}\]:]|$/ : /\s*(?:[,}\]]|\s#|[\r\n]|$)/;
  // Signs inside quotes mean nothing.
  const first = start + /^[ \t]*/.exec(text.slice(start))![0].length;
  const quotes = /^(?:"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\r\n]|'')*')/.exec(text.slice(first));
  const quoted = quotes ? first + quotes[0].length : 0;
  if (quoted && offset > quoted) return null;
  if (start >= offset && /[[{]/.test(text[first] ?? '')) return null;
  const isBeforeComment = text[offset] === '#' && /\s/.test(text[offset - 1] ?? '');
  const end = quoted ? quoted : offset + (isBeforeComment ? 0 : text.slice(offset).search(stop));
  const isAllList = flow.every((one) => one.sign === '[');
  const common = { inFlow: true, start, end: Math.max(end, offset), indent: 0 };
  if (top.sign === '{' && top.key === null)
    return { ...common, sections: keys, kind: 'key', key: null, inList: false, depth: 0 };
  return {
    ...common,
    sections: keys.slice(0, -1),
    kind: 'value',
    key: keys.at(-1) ?? null,
    inList: top.sign === '[',
    depth: flow.length - 1 - flow.findLastIndex((one) => one.sign === '{') + Number(isAllList && inList),
  };
}
