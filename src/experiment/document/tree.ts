/**
 * What a YAML document holds, with the places of all its parts, aliases followed and merge keys applied: the one model that reading, edits and
 * completion work on. Parts that were aliased are shared, never copied.
 */
export type TreeNode = MapNode | ListNode | ScalarNode;

interface Place {
  /** Offsets of the value in the text, without its anchor or tag. For an alias: of the alias. */
  start: number;
  end: number;
  /** Offset after its last written character; of a block text, its last line break is one. */
  contentEnd: number;
  /** Values in it, all aliases written out. */
  size: number;
  /** Its name for aliases. */
  anchor: string | null;
  /** The name by which it is called here: what it holds stands at the anchor. */
  alias: string | null;
}

export interface MapNode extends Place {
  kind: 'map';
  /** Each name once: own entries before merged ones. */
  entries: MapEntry[];
  /** Own entries as they stand in the text: second ones of a name and merge keys too. */
  written: MapEntry[];
  /** In brackets. */
  flow: boolean;
}

export interface MapEntry {
  /** Empty where the key is no word. */
  name: string;
  /** Offset at which the entry begins, its `?`, anchor or tag included. */
  start: number;
  keyStart: number;
  keyEnd: number;
  hasColon: boolean;
  /** Offset after the colon and after an anchor or tag behind it; after the key without a colon. */
  colonEnd: number;
  /** Offset after the last written character, comments and blank lines after it left out. */
  end: number;
  value: TreeNode;
  /** It came through a merge key. */
  merged: boolean;
}

export interface ListNode extends Place {
  kind: 'list';
  items: TreeNode[];
  /** In brackets. */
  flow: boolean;
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

/** Nothing is written as the value. */
export const isNothing = (node: TreeNode): boolean =>
  node.kind === 'scalar' &&
  node.alias === null &&
  node.value === null &&
  node.source === '' &&
  node.style === 'plain';

/** A map or list by indentation, written here. */
export const isBlock = (node: TreeNode): boolean =>
  node.kind !== 'scalar' && node.alias === null && !node.flow;

/** Visits a node and all that is written in it; what aliases name is not entered. */
export function visit(node: TreeNode, see: (node: TreeNode) => void): void {
  see(node);
  if (node.alias !== null || node.kind === 'scalar') return;
  for (const one of childrenOf(node)) visit(one, see);
}

/** The values that are written in a map or list. */
export const childrenOf = (node: MapNode | ListNode): TreeNode[] =>
  node.kind === 'list' ? node.items : node.written.map((entry) => entry.value);
