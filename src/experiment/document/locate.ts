import type { MapEntry, MapNode, TreeNode } from './tree.ts';

/** Where a dotted key leads in a document: as deep as it is written. */
export interface Location {
  /** Maps from the root on, each with the entry that leads on (null: the map lacks it). */
  steps: { map: MapNode; entry: MapEntry | null }[];
  /** Parts of the key that are not written. */
  rest: string[];
  /** One of the maps is in brackets, so everything in it is. */
  inFlow: boolean;
}

/** Parts of a dotted key; under `sweep`, a key that is swept is one part, dots and all. */
export function partsOf(path: string): string[] {
  return path.startsWith('sweep.') && !isSweepOption(path)
    ? ['sweep', path.slice('sweep.'.length)]
    : path.split('.');
}

/** Whether a dotted key under `sweep` is one of the sweep's own, and no key that is swept. */
export const isSweepOption = (path: string): boolean => /^sweep\.(random|stop_early|budget)(\.|$)/.test(path);

/** Follows a dotted key as far as the file has it, through its own keys only (aliases and merge keys are not entered). null: the root is no map. */
export function locate(tree: TreeNode | null, path: string | string[]): Location | null {
  if (tree?.kind !== 'map') return null;
  let node: TreeNode | undefined = tree;
  const parts = typeof path === 'string' ? partsOf(path) : path;
  const steps: Location['steps'] = [];
  let inFlow = false;
  for (const [index, part] of parts.entries()) {
    if (node.kind !== 'map' || node.alias !== null) return { steps, rest: parts.slice(index), inFlow };
    inFlow ||= node.flow;
    const entry: MapEntry | null = node.written.find((one) => one.name === part) ?? null;
    steps.push({ map: node, entry });
    if (!entry) return { steps, rest: parts.slice(index), inFlow };
    node = entry.value;
  }
  return { steps, rest: [], inFlow };
}
