import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { YamlDocument } from './document.ts';

/** Where a dotted key leads in a document: as deep as it is written. */
export interface Location {
  /** Maps from the root on, each with the entry that leads on (null: the map lacks it). */
  steps: { map: YAMLMap; pair: AstPair | null }[];
  /** Parts of the key that are not written. */
  rest: string[];
  /** One of the maps is in brackets, so everything in it is. */
  inFlow: boolean;
}

export type AstPair = Pair<Node, Node | null>;

/** Parts of a dotted key; under `sweep`, the rest is one key, dots and all. */
export function partsOf(path: string): string[] {
  return path.startsWith('sweep.') ? ['sweep', path.slice('sweep.'.length)] : path.split('.');
}

/** Follows a dotted key as far as the file has it, through its own keys only (aliases and merge keys are not entered). null: the root is no map. */
export function locate(document: YamlDocument, path: string | string[]): Location | null {
  let node: unknown = document.yaml?.contents ?? null;
  if (!isMap(node)) return null;
  const parts = typeof path === 'string' ? partsOf(path) : path;
  const steps: Location['steps'] = [];
  let inFlow = false;
  for (const [index, part] of parts.entries()) {
    if (!isMap(node)) return { steps, rest: parts.slice(index), inFlow };
    inFlow ||= node.flow === true;
    const pair = (node.items as AstPair[]).find((one) => nameOf(one) === part) ?? null;
    steps.push({ map: node, pair });
    if (!pair) return { steps, rest: parts.slice(index), inFlow };
    node = pair.value;
  }
  return { steps, rest: [], inFlow };
}

export function nameOf(pair: AstPair): string | null {
  if (!isScalar(pair.key)) return null;
  return typeof pair.key.value === 'string' ? pair.key.value : (pair.key.source ?? String(pair.key.value));
}

/** Nothing is written as the value. */
export function isEmptyValue(node: Node | null): boolean {
  return (
    !node || (isScalar(node) && node.value === null && (node.source ?? '') === '' && node.type === 'PLAIN')
  );
}

/** Offset at which an entry begins, its `?`, anchor or tag included. */
export function pairStart(pair: AstPair): number {
  const tokens = pair.srcToken?.start ?? [];
  const first = tokens.find((token) => !/^(space|comment|newline|comma)$/.test(token.type));
  return Math.min(first?.offset ?? Infinity, pair.key.range?.[0] ?? Infinity);
}

/** Offset after an entry's last written character, comments and blank lines after it left out. */
export function pairEnd(pair: AstPair): number {
  return Math.max(afterColon(pair), contentEnd(pair.value));
}

/** Offset after an entry's colon, and after an anchor or tag behind it; after the key when there is no colon. */
export function afterColon(pair: AstPair): number {
  let end = pair.key.range?.[1] ?? 0;
  for (const token of pair.srcToken?.sep ?? [])
    if (/^(map-value-ind|anchor|tag)$/.test(token.type))
      end = Math.max(end, token.offset + token.source.length);
  return end;
}

export const hasColon = (pair: AstPair): boolean =>
  pair.srcToken?.sep?.some((token) => token.type === 'map-value-ind') ?? false;

/** Offset after a value's last written character; 0 when nothing is written. */
export function contentEnd(node: Node | null): number {
  if (!node || isEmptyValue(node)) return 0;
  if (isAlias(node) || isScalar(node) || !isBlock(node)) return node.range?.[1] ?? 0;
  let end = node.range?.[0] ?? 0;
  if (isMap(node)) for (const pair of node.items as AstPair[]) end = Math.max(end, pairEnd(pair));
  if (isSeq(node))
    for (const item of node.items as Node[]) end = Math.max(end, contentEnd(item), item?.range?.[0] ?? 0);
  return end;
}

/** A map or list by indentation. */
export const isBlock = (node: unknown): boolean => (isMap(node) || isSeq(node)) && node.flow !== true;
