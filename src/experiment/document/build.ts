import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { ListNode, MapEntry, MapNode, ScalarNode, TreeNode, TreeProblem } from './tree.ts';
import { t } from '../../text/say.ts';

type AstPair = Pair<Node | null, Node | null>;

/** Most values that a file may have when its aliases are written out. */
const mostValues = 10_000;

/** Builds the tree of a document in one pass; time and memory are linear in the text, whatever its aliases would expand to. */
export function buildTree(
  contents: Node | null,
  text: string,
): { tree: TreeNode | null; problems: TreeProblem[] } {
  const problems: TreeProblem[] = [];
  const anchors = new Map<string, TreeNode | 'open'>();
  let exploded = false;
  let aliases = 0;

  const empty = (at: number): ScalarNode => ({
    kind: 'scalar',
    value: null,
    source: '',
    style: 'plain',
    start: at,
    end: at,
    contentEnd: 0,
    size: 1,
    anchor: null,
    alias: null,
  });

  function build(node: Node | null, at: number, path: string): TreeNode {
    if (!node) return empty(at);
    const [start, end] = node.range ?? [at, at];
    if (isAlias(node)) return follow(node.source, start, end, path);
    if (node.anchor) anchors.set(node.anchor, 'open');
    const built = isMap(node)
      ? buildMap(node, start, end, path)
      : isSeq(node)
        ? buildList(node, start, end, path)
        : scalar(node, start, end, text);
    if (node.anchor) anchors.set(node.anchor, built);
    if (built.size > mostValues && aliases > 0 && !exploded) {
      exploded = true;
      problems.push({ code: 'too_many_aliases', message: '', start, end, path });
    }
    return built;
  }

  function follow(name: string, start: number, end: number, path: string): TreeNode {
    aliases++;
    const target = anchors.get(name);
    if (target && target !== 'open')
      return { ...target, start, end, contentEnd: end, anchor: null, alias: name };
    problems.push({
      code: target ? 'alias_in_itself' : 'unknown_alias',
      message: target
        ? t('*{0} stands inside the value that &{0} names, so it would never end.', name)
        : t('*{0} names nothing: there is no &{0} above it.', name),
      start,
      end,
      path,
    });
    return { ...empty(start), end, contentEnd: end, alias: name };
  }

  function buildList(node: YAMLSeq, start: number, end: number, path: string): ListNode {
    const isFlow = node.flow === true;
    const items = node.items as Node[];
    const built = items.map((item) => build(item, end, path));
    let contentEnd = isFlow ? end : start;
    if (!isFlow) for (const item of built) contentEnd = Math.max(contentEnd, item.contentEnd, item.start);
    return {
      kind: 'list',
      items: built,
      flow: isFlow,
      start,
      end: isFlow ? end : lastEnd(built, start),
      contentEnd,
      size: total(built),
      anchor: node.anchor ?? null,
      alias: null,
    };
  }

  function buildMap(node: YAMLMap, start: number, end: number, path: string): MapNode {
    const entries: MapEntry[] = [];
    const written: MapEntry[] = [];
    const first = new Map<string, MapEntry>();
    const merges: MapEntry[] = [];
    for (const pair of node.items as AstPair[]) {
      const name = keyName(pair.key);
      const childPath = name !== null && path ? `${path}.${name}` : (name ?? path);
      const isMerge = name === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN';
      const keyEnd = pair.key?.range?.[1] ?? start;
      const entry = placed(pair, start, name ?? '', build(pair.value, keyEnd, isMerge ? path : childPath));
      written.push(entry);
      const place = { start: entry.keyStart, end: entry.keyEnd };
      if (name === null) {
        problems.push({ code: 'bad_key', message: t('A key must be a word.'), ...place, path });
        continue;
      }
      if (isMerge) {
        merges.push(entry);
        continue;
      }
      const earlier = first.get(name);
      if (earlier)
        problems.push({
          code: 'duplicate_key',
          message: t('The key {0} is there twice.', name),
          ...place,
          path: childPath,
          related: { message: t('It is here first'), start: earlier.keyStart, end: earlier.keyEnd },
        });
      else {
        first.set(name, entry);
        entries.push(entry);
      }
    }
    const flow = node.flow === true;
    const ownEnd = flow
      ? end
      : lastEnd([...entries.map((entry) => entry.value), ...merges.map((one) => one.value)], start);
    let contentEnd = flow ? end : start;
    if (!flow) for (const entry of written) contentEnd = Math.max(contentEnd, entry.end);
    for (const merge of merges) mergeInto(entries, first, merge, path);
    const size = total(entries.map((entry) => entry.value));
    const anchor = node.anchor ?? null;
    return { kind: 'map', entries, written, flow, start, end: ownEnd, contentEnd, size, anchor, alias: null };
  }

  /** Own keys win over merged ones, earlier merges over later ones (https://yaml.org/type/merge.html). */
  function mergeInto(entries: MapEntry[], first: Map<string, MapEntry>, merge: MapEntry, path: string): void {
    const parts = merge.value.kind === 'list' ? merge.value.items : [merge.value];
    for (const part of parts) {
      if (part.kind !== 'map') {
        problems.push({
          code: 'bad_merge',
          message: t('A merge key (<<) takes a map or a list of maps, as in <<: *name.'),
          start: merge.keyStart,
          end: merge.keyEnd,
          path,
        });
        continue;
      }
      for (const entry of part.entries) {
        if (first.has(entry.name)) continue;
        const merged = { ...entry, merged: true };
        first.set(entry.name, merged);
        entries.push(merged);
      }
    }
  }

  const tree = contents ? build(contents, 0, '') : null;
  // Said of the whole file, marked where it first becomes too much.
  for (const problem of problems)
    if (problem.code === 'too_many_aliases')
      problem.message = t(
        'Too many aliases: written out, the file holds about {0} values; at most {1} are read.',
        about(tree?.size ?? 0),
        mostValues,
      );
  return { tree, problems };
}

function scalar(node: Node, start: number, nodeEnd: number, text: string): ScalarNode {
  const { value, source, type } = node as { value: unknown; source?: string; type?: string };
  const anchor = (node as { anchor?: string }).anchor ?? null;
  const style = type === 'PLAIN' || !type ? 'plain' : type.startsWith('QUOTE') ? 'quoted' : 'block';
  // YAML counts the line breaks after a block text as a part of it.
  const end = style === 'block' ? start + text.slice(start, nodeEnd).trimEnd().length : nodeEnd;
  const isWritten = value !== null || (source ?? '') !== '' || style !== 'plain';
  const contentEnd = isWritten ? nodeEnd : 0;
  return {
    kind: 'scalar',
    value,
    source: source ?? '',
    style,
    start,
    end,
    contentEnd,
    size: 1,
    anchor,
    alias: null,
  };
}

/** Keys are texts: `1: x` has the key "1". null for keys that are maps or lists. */
function keyName(key: Node | null): string | null {
  if (!key) return '';
  if (!isScalar(key)) return null;
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

/** A block collection ends where its last value ends; YAML's own range also holds the blank lines and comments after it. */
function lastEnd(nodes: TreeNode[], start: number): number {
  let end = start;
  for (const node of nodes) if (node.end > end) end = node.end;
  return Math.max(end, start);
}

function total(nodes: TreeNode[]): number {
  let sum = 1;
  for (const node of nodes) sum += node.size;
  return sum;
}

function about(size: number): string {
  if (!Number.isFinite(size)) return t('endlessly many');
  return size < 1e6 ? String(size) : `10^${Math.round(Math.log10(size))}`;
}

/** An entry with the places of its parts. */
function placed(pair: AstPair, mapStart: number, name: string, value: TreeNode): MapEntry {
  const [keyStart, keyEnd] = pair.key?.range ?? [mapStart, mapStart];
  let start = keyStart;
  for (const { type, offset } of pair.srcToken?.start ?? []) {
    if (type === 'space' || type === 'comment' || type === 'newline' || type === 'comma') continue;
    start = Math.min(start, offset);
    break;
  }
  let hasColon = false;
  let colonEnd = keyEnd;
  for (const { type, offset, source } of pair.srcToken?.sep ?? []) {
    if (type !== 'map-value-ind' && type !== 'anchor' && type !== 'tag') continue;
    hasColon ||= type === 'map-value-ind';
    colonEnd = Math.max(colonEnd, offset + source.length);
  }
  const end = Math.max(colonEnd, value.contentEnd);
  return { name, start, keyStart, keyEnd, hasColon, colonEnd, end, value, merged: false };
}
