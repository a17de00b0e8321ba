import { isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml';

/** What a YAML document holds, with offsets, aliases followed and merge keys applied. Parts that were aliased are shared, never copied. */
export type TreeNode = MapNode | ListNode | ScalarNode;

interface Place {
  /** Offsets of the value in the text, without its anchor or tag. For an alias: of the alias. */
  start: number;
  end: number;
  /** Values in it, all aliases written out. */
  size: number;
}

export interface MapNode extends Place {
  kind: 'map';
  entries: MapEntry[];
}

export interface MapEntry {
  name: string;
  keyStart: number;
  keyEnd: number;
  value: TreeNode;
  /** It came through a merge key. */
  merged: boolean;
}

export interface ListNode extends Place {
  kind: 'list';
  items: TreeNode[];
}

export interface ScalarNode extends Place {
  kind: 'scalar';
  value: unknown;
  /** As written, without quotes; empty when nothing is written. */
  source: string;
  style: 'plain' | 'quoted' | 'block';
}

/** Something that YAML itself allows but an experiment file does not. */
export interface TreeProblem {
  code: 'duplicate_key' | 'unknown_alias' | 'alias_in_itself' | 'too_many_aliases' | 'bad_merge' | 'bad_key';
  message: string;
  start: number;
  end: number;
  path: string;
  related?: { message: string; start: number; end: number };
}

/** Most values that a file may have when its aliases are written out. */
export const mostValues = 10_000;

/** Builds the tree in one pass; time and memory are linear in the text, whatever its aliases would expand to. */
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
    size: 1,
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
    if (target && target !== 'open') return { ...target, start, end };
    problems.push({
      code: target ? 'alias_in_itself' : 'unknown_alias',
      message: target
        ? `*${name} stands inside the value that &${name} names, so it would never end.`
        : `*${name} names nothing: there is no &${name} above it.`,
      start,
      end,
      path,
    });
    return empty(start);
  }

  function buildList(node: YAMLSeq, start: number, end: number, path: string): ListNode {
    const isFlow = node.flow === true;
    const items = node.items as Node[];
    const built = items.map((item) => build(item, end, path));
    return {
      kind: 'list',
      items: built,
      start,
      end: isFlow ? end : lastEnd(built, start),
      size: total(built),
    };
  }

  function buildMap(node: YAMLMap, start: number, end: number, path: string): MapNode {
    const entries: MapEntry[] = [];
    const first = new Map<string, MapEntry>();
    const merges: { value: TreeNode; keyStart: number; keyEnd: number }[] = [];
    for (const { key, value } of node.items as { key: Node | null; value: Node | null }[]) {
      const [keyStart, keyEnd] = key?.range ?? [start, start];
      const name = keyName(key);
      if (name === null) {
        problems.push({
          code: 'bad_key',
          message: 'A key must be a word.',
          start: keyStart,
          end: keyEnd,
          path,
        });
        build(value, keyEnd, path);
        continue;
      }
      const childPath = path ? `${path}.${name}` : name;
      const isMerge = name === '<<' && isScalar(key) && key.type === 'PLAIN';
      const built = build(value, keyEnd, isMerge ? path : childPath);
      if (isMerge) {
        merges.push({ value: built, keyStart, keyEnd });
        continue;
      }
      const entry: MapEntry = { name, keyStart, keyEnd, value: built, merged: false };
      const earlier = first.get(name);
      if (earlier)
        problems.push({
          code: 'duplicate_key',
          message: `The key ${name} is there twice.`,
          start: keyStart,
          end: keyEnd,
          path: childPath,
          related: { message: 'It is here first', start: earlier.keyStart, end: earlier.keyEnd },
        });
      else {
        first.set(name, entry);
        entries.push(entry);
      }
    }
    const ownEnd = node.flow
      ? end
      : lastEnd([...entries.map((entry) => entry.value), ...merges.map((one) => one.value)], start);
    for (const merge of merges) mergeInto(entries, first, merge, path);
    return { kind: 'map', entries, start, end: ownEnd, size: total(entries.map((entry) => entry.value)) };
  }

  /** Own keys win over merged ones, earlier merges over later ones (https://yaml.org/type/merge.html). */
  function mergeInto(
    entries: MapEntry[],
    first: Map<string, MapEntry>,
    merge: { value: TreeNode; keyStart: number; keyEnd: number },
    path: string,
  ): void {
    const parts = merge.value.kind === 'list' ? merge.value.items : [merge.value];
    for (const part of parts) {
      if (part.kind !== 'map') {
        problems.push({
          code: 'bad_merge',
          message: 'A merge key (<<) takes a map or a list of maps, as in <<: *name.',
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
      problem.message = `Too many aliases: written out, the file holds about ${about(tree?.size ?? 0)} values; at most ${mostValues} are read.`;
  return { tree, problems };
}

function scalar(node: Node, start: number, nodeEnd: number, text: string): ScalarNode {
  const { value, source, type } = node as { value: unknown; source?: string; type?: string };
  const style = type === 'PLAIN' || !type ? 'plain' : type.startsWith('QUOTE') ? 'quoted' : 'block';
  // YAML counts the line breaks after a block text as a part of it.
  const end = style === 'block' ? start + text.slice(start, nodeEnd).trimEnd().length : nodeEnd;
  return { kind: 'scalar', value, source: source ?? '', style, start, end, size: 1 };
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
  if (!Number.isFinite(size)) return 'endlessly many';
  return size < 1e6 ? String(size) : `10^${Math.round(Math.log10(size))}`;
}

/** The entry of a map by name. */
export function entryOf(node: TreeNode | undefined, name: string): MapEntry | undefined {
  return node?.kind === 'map' ? node.entries.find((entry) => entry.name === name) : undefined;
}

/** Plain value of a node; call it only where the number of values is known to be small. */
export function plainValue(node: TreeNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plainValue);
  return Object.fromEntries(node.entries.map((entry) => [entry.name, plainValue(entry.value)]));
}
